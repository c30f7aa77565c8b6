"""Text → Policy → Decision. Pure: no I/O, no clock; the same policy and call give the same decision."""

from ostiary.policy.check import check
from ostiary.policy.compile import load
from ostiary.policy.decide import decide, decide_prompt, decide_resource, is_listed, refuse_exceeded, would_exceed
from ostiary.policy.policy import Policy

__all__ = [
    "Policy",
    "check",
    "decide",
    "decide_prompt",
    "decide_resource",
    "is_listed",
    "load",
    "refuse_exceeded",
    "would_exceed",
]
