"""One approval: what its events have made of it so far. The same events always make the same approval."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import assert_never

import msgspec

from ostiary.approvals.binding import Binding
from ostiary.approvals.event import (
    Approved,
    Asked,
    Event,
    Expired,
    Granted,
    Happened,
    Redeemed,
    Refused,
    Revoked,
    Shown,
    UsedUp,
    move_of,
)
from ostiary.approvals.state import MOVES, State
from ostiary.errors import OstiaryError
from ostiary.model import ApprovalTerms

__all__ = ["Approval", "IllegalMove", "advance", "begin", "replay"]


class IllegalMove(OstiaryError):
    """The table has no such move: a record is wrong, or whoever made the event."""


class Approval(msgspec.Struct, frozen=True):
    """Times are Unix nanoseconds. `until` is when it expires next: unanswered, or once granted unused; `shown` has
    who saw it and when; `leave` is what was granted; `spent` of it what its uses have cost."""

    id: str
    bound: Binding
    terms: ApprovalTerms
    rule: str
    asked: int
    until: int
    cost: Decimal | None = None
    state: State = State.ASKED
    shown: tuple[Shown, ...] = ()
    approved: tuple[Approved, ...] = ()
    leave: Granted | None = None
    uses: int = 0
    spent: Decimal = Decimal(0)
    ending: Refused | Expired | UsedUp | Revoked | None = None

    @property
    def decided(self) -> int | None:
        """When it was granted or refused; None while it is open, and where nobody decided."""
        if self.leave is not None:
            return self.leave.at
        return self.ending.at if isinstance(self.ending, Refused) else None

    @property
    def needed(self) -> int:
        """How many more people have to say yes."""
        return max(0, self.terms.approvers - len(self.approved))


def begin(id: str, event: Asked) -> Approval:
    """The approval that a question begins."""
    return Approval(id, event.bound, event.terms, event.rule, event.at, event.at + event.terms.timeout, event.cost)


def advance(approval: Approval, event: Happened) -> Approval:
    """The approval after the event. Raises `IllegalMove` for one that the table does not have."""
    move = move_of(event)
    after = MOVES[approval.state].get(move)
    if after is None:
        raise IllegalMove(f"approval {approval.id} is {approval.state}: it cannot be {move}")
    moved = msgspec.structs.replace(approval, state=after)
    match event:
        case Shown():
            return msgspec.structs.replace(moved, shown=(*approval.shown, event))
        case Approved():
            return msgspec.structs.replace(moved, approved=(*approval.approved, event))
        case Granted():
            return msgspec.structs.replace(moved, leave=event, until=event.until)
        case Redeemed():
            spent = approval.spent + (event.cost or 0)
            return msgspec.structs.replace(moved, uses=approval.uses + 1, spent=spent)
        case Refused() | Expired() | UsedUp() | Revoked():
            return msgspec.structs.replace(moved, ending=event)
        case _:
            assert_never(event)


def replay(events: Iterable[tuple[str, Event]]) -> dict[str, Approval]:
    """All approvals that these events, by id and in their order, are the life of. Raises `IllegalMove`."""
    approvals: dict[str, Approval] = {}
    for id, event in events:
        if isinstance(event, Asked):
            if id in approvals:
                raise IllegalMove(f"approval {id} was asked twice")
            approvals[id] = begin(id, event)
        elif id in approvals:
            approvals[id] = advance(approvals[id], event)
        else:
            raise IllegalMove(f"approval {id} was never asked")
    return approvals
