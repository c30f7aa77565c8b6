"""Which rules of a policy a series of decisions has exercised, and which it has not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ostiary.model import Decision
from ostiary.policy.block import Block
from ostiary.policy.policy import Policy

__all__ = ["Coverage"]

_REFUSALS: Final = frozenset(("denies", "hides", "holds"))


class Coverage:
    """A rule is reached where it has its say in a decision. A check or limit that never refused is reached by half."""

    def __init__(self, policy: Policy) -> None:
        self._checks: dict[str, bool] = dict(_rules(policy))
        self._said: dict[str, set[str]] = {}

    def record(self, decision: Decision) -> None:
        """Take note of everything that had its say."""
        for outcome in decision.rules:
            self._said.setdefault(outcome.id, set()).add(outcome.outcome)
        self._said.setdefault(decision.rule, set()).add("decides")

    @property
    def rules(self) -> list[str]:
        """The ids of all rules, in the order of the document."""
        return list(self._checks)

    @property
    def unreached(self) -> list[str]:
        return [rule for rule in self._checks if self._said.get(rule, set()) <= {"skipped"}]

    @property
    def unrefused(self) -> list[str]:
        """The checks and limits that had their say, and never refused a call."""
        reached = [rule for rule, is_check in self._checks.items() if is_check and rule not in self.unreached]
        return [rule for rule in reached if not self._said[rule] & _REFUSALS]


def _rules(policy: Policy) -> Iterator[tuple[str, bool]]:
    """Every rule's id, and whether it is there to refuse."""
    for section in (policy.tools, policy.resources, policy.prompts):
        for hiding in section.hide:
            yield hiding.rule, False
        for block in section.blocks:
            yield from _rules_of(block)


def _rules_of(block: Block) -> Iterator[tuple[str, bool]]:
    if block.effect is not None:
        yield block.id, False
    for check in block.checks:
        yield check.rule, True
    for charge in block.charges:
        yield charge.rule, True
