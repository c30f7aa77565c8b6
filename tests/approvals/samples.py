"""Approvals to try things on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from ostiary.approvals import Approval, Approved, Asked, Binding, Pattern, advance, answer, begin
from ostiary.model import ApprovalTerms

NOW = 1_795_176_000 * 10**9
SECOND = 10**9
BOUND = Binding("grant:agent", "pay", "charge", "a" * 64, "d" * 64, "p" * 64)


def asked(bound: Binding = BOUND, cost: Decimal | None = None, **terms: Any) -> Approval:
    """An approval that was asked now."""
    return begin("ap_1", Asked(NOW, bound, ApprovalTerms(**terms), "/tools/charge", cost))


def after(approval: Approval, *events: Any) -> Approval:
    for event in events:
        approval = advance(approval, event)
    return approval


def yes(by: str = "operator:ann", via: str = "api", at: int = NOW + SECOND, **pattern: Any) -> Approved:
    return Approved(at, by, via, pattern=Pattern(**pattern))


def granted(approval: Approval | None = None, **pattern: Any) -> Approval:
    """The same once one person has approved it."""
    approval = approval or asked()
    return after(approval, *answer(approval, yes(**pattern)))


def other(**changes: str) -> Binding:
    return msgspec.structs.replace(BOUND, **changes)
