"""Text → Policy → Decision. Pure: no I/O, no clock; the same policy and call give the same decision."""

from ostiary.policy.check import check, type_errors
from ostiary.policy.compile import load
from ostiary.policy.decide import (
    decide,
    decide_prompt,
    decide_resource,
    is_listed,
    is_shown,
    refuse_exceeded,
    would_exceed,
)
from ostiary.policy.policy import Policy

__all__ = [
    "Policy",
    "check",
    "decide",
    "decide_prompt",
    "decide_resource",
    "is_listed",
    "is_shown",
    "load",
    "refuse_exceeded",
    "type_errors",
    "would_exceed",
]
