"""Whether people look before they say yes: figures of the approvals of one rule."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Final

import msgspec

from ostiary.approvals.approval import Approval
from ostiary.approvals.state import State

__all__ = ["QUICK", "Figures", "figures"]

QUICK: Final = 2 * 10**9
"""Nanoseconds within which nobody has read a call."""


class Figures(msgspec.Struct, frozen=True):
    """Counts, and the median of the seconds from the question to the decision; None where nobody decided.

    `quick` are those that somebody approved within `QUICK` of seeing them.
    """

    rule: str
    asked: int
    approved: int
    refused: int
    expired: int
    median_seconds: float | None
    quick: int


def figures(approvals: Iterable[Approval]) -> tuple[Figures, ...]:
    """One for each rule, those that ask most first."""
    by_rule: dict[str, list[Approval]] = {}
    for approval in approvals:
        by_rule.setdefault(approval.rule, []).append(approval)
    found = [_of(rule, several) for rule, several in by_rule.items()]
    return tuple(sorted(found, key=lambda one: (-one.asked, one.rule)))


def _of(rule: str, several: list[Approval]) -> Figures:
    waits = [(one.decided - one.asked) / 10**9 for one in several if one.decided is not None]
    return Figures(
        rule,
        asked=len(several),
        approved=sum(one.leave is not None for one in several),
        refused=sum(one.state is State.REFUSED for one in several),
        expired=sum(one.state is State.EXPIRED and one.leave is None for one in several),
        median_seconds=round(median(waits), 3) if waits else None,
        quick=sum(map(_is_quick, several)),
    )


def _is_quick(approval: Approval) -> bool:
    """A person that nobody knows to have seen it is taken to have seen it when it was asked."""
    seen = {shown.to: shown.at for shown in approval.shown}
    return any(one.at - seen.get(one.by, approval.asked) < QUICK for one in approval.approved)
