"""What happened to an approval, in the past tense. Each is one record of the ledger, and all of them are its life."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeAlias

import msgspec

from ostiary.approvals.binding import Binding
from ostiary.approvals.state import Move
from ostiary.model import JSON, ApprovalTerms, JSONObject

__all__ = [
    "NO_PATTERN",
    "Approved",
    "Asked",
    "Event",
    "Expired",
    "Granted",
    "Happened",
    "Pattern",
    "Redeemed",
    "Refused",
    "Revoked",
    "Shown",
    "UsedUp",
    "kind_of",
    "move_of",
    "read_event",
    "told",
]


class Pattern(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person approves beyond the one call: `where` (CEL) in place of the very arguments, `uses`, nanoseconds
    that it is valid for, and the most that all uses may spend of the call's budget. None leaves it as policy says."""

    uses: int | None = None
    valid_for: int | None = None
    where: str | None = None
    spend: Decimal | None = None


NO_PATTERN: Final = Pattern()


class _Happened(msgspec.Struct, frozen=True, tag_field="move"):
    """`at` is Unix time in nanoseconds."""

    at: int


class Asked(_Happened, frozen=True, tag="asked"):
    """The question was put: for which call, under which rule and terms. `cost` is what the call spends of a budget."""

    bound: Binding
    terms: ApprovalTerms
    rule: str
    cost: Decimal | None = None


class Shown(_Happened, frozen=True, tag="shown"):
    """A person saw the call. `via` is the way: `cli`, `api`, `link`, `client`."""

    to: str
    via: str


class Approved(_Happened, frozen=True, tag="approved"):
    """One person said yes."""

    by: str
    via: str
    note: str = ""
    pattern: Pattern = NO_PATTERN


class Granted(_Happened, frozen=True, tag="granted"):
    """As many said yes as are needed: it may be used `uses` times until `until`, by the very call, or by whatever all
    of `where` hold of."""

    uses: int
    until: int
    where: tuple[str, ...] = ()
    spend: Decimal | None = None


class Refused(_Happened, frozen=True, tag="refused"):
    """One person said no; that is enough."""

    by: str
    via: str
    note: str = ""


class Expired(_Happened, frozen=True, tag="expired"):
    """Nobody answered in time, or the leave was not used in time."""


class Redeemed(_Happened, frozen=True, tag="redeemed"):
    """A call used it; `arguments` is the digest of that call's own."""

    arguments: str
    cost: Decimal | None = None


class UsedUp(_Happened, frozen=True, tag="used_up"):
    """The last use, or the last of the amount, is spent."""


class Revoked(_Happened, frozen=True, tag="revoked"):
    """A person took question or leave back."""

    by: str
    via: str
    note: str = ""


Happened: TypeAlias = Shown | Approved | Granted | Refused | Expired | Redeemed | UsedUp | Revoked
"""What is a move of an approval that was asked."""
Event: TypeAlias = Asked | Happened

_KIND: Final = "approval."
_MOVES: Final = {
    Shown: Move.SHOWN,
    Approved: Move.APPROVED,
    Granted: Move.GRANTED,
    Refused: Move.REFUSED,
    Expired: Move.EXPIRED,
    Redeemed: Move.REDEEMED,
    UsedUp: Move.USED_UP,
    Revoked: Move.REVOKED,
}


def move_of(event: Happened) -> Move:
    """The column of the table that an event is about."""
    return _MOVES[type(event)]


def kind_of(event: Event) -> str:
    """The kind of its record: `approval.asked` and so on."""
    return _KIND + ("asked" if isinstance(event, Asked) else move_of(event).value)


def told(id: str, event: Event) -> JSONObject:
    """The body of its record, from which `read_event` makes the event again."""
    body: dict[str, JSON] = msgspec.to_builtins(event)
    del body["move"]
    return {"approval": id, **body}


def read_event(kind: str, body: JSONObject) -> tuple[str, Event] | None:
    """The approval's id and what happened to it; None for a record of something else. Raises `ValueError` for a
    body that `told` did not make."""
    if not kind.startswith(_KIND):
        return None
    known = {**body, "move": kind.removeprefix(_KIND)}
    id = known.pop("approval", "")
    event: Event = msgspec.convert(known, Event, strict=False)
    return str(id), event
