"""Decisions without a gate: calls judged in order, their limits counted in memory under the calls' own time."""

from __future__ import annotations

from ostiary.model import Call, Decision, Exceeded
from ostiary.policy import Policy, decide, refuse_exceeded, would_exceed
from ostiary.stores.memory import MemoryCounters

__all__ = ["Rehearsal"]


class Rehearsal:
    """One policy and its counters, all of them empty at the start."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._counters = MemoryCounters()

    def decide(self, call: Call) -> Decision:
        """The decision with its limits counted, as the gate would count them."""
        decision = decide(self.policy, call)
        asked = decision.obligations
        if asked.reserve:
            answer = self._counters.reserve_now(asked.reserve, call.at)
            if isinstance(answer, Exceeded):
                return refuse_exceeded(decision, answer)
        if asked.rehearse:
            answer = self._counters.reserve_now(asked.rehearse, call.at)
            if isinstance(answer, Exceeded):
                return would_exceed(decision, answer)
        return decision
