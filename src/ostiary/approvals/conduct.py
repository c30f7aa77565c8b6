"""Who may do what with an approval, and when: each function gives the events that follow, or says why there are none.

Purely: the time comes in, and whether a condition of a pattern holds is asked of the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeAlias

from ostiary.approvals.approval import Approval, advance
from ostiary.approvals.binding import Binding
from ostiary.approvals.event import (
    Approved,
    Expired,
    Granted,
    Happened,
    Pattern,
    Redeemed,
    Refused,
    Revoked,
    Shown,
    UsedUp,
)
from ostiary.approvals.state import State
from ostiary.errors import OstiaryError

__all__ = ["Events", "NotPossible", "answer", "expire", "redeem", "revoke", "show", "why_ended"]

Events: TypeAlias = "tuple[Happened, ...]"

CLIENT: Final = "client"
"""The way of an answer that came from the agent's own client."""


class NotPossible(OstiaryError):
    """What was asked of an approval cannot be; the text says why, to whoever asked."""


def expire(approval: Approval, now: int) -> Events:
    """Its expiry, where its time has come."""
    is_due = not approval.state.is_final and now >= approval.until
    return (Expired(now),) if is_due else ()


def show(approval: Approval, to: str, via: str, now: int) -> Events:
    """That a person has seen it: once for each who can still answer."""
    is_news = approval.state.is_open and all(shown.to != to for shown in approval.shown)
    return (Shown(now, to, via),) if is_news else ()


def answer(approval: Approval, reply: Approved | Refused) -> Events:
    """One person's answer, and what comes of it. Raises `NotPossible`.

    The caller never answers its own question, except at its client where policy accepts `assurance: client`; nobody
    answers twice, whichever way they come.
    """
    if not approval.state.is_open:
        raise NotPossible(f"approval {approval.id} can no longer be answered: {why_ended(approval)}")
    if reply.via == CLIENT and approval.terms.assurance != CLIENT:
        raise NotPossible(f"approval {approval.id} is for a person outside the agent's own client to answer")
    if reply.via != CLIENT and reply.by == approval.bound.principal:
        raise NotPossible(f"`{reply.by}` made this call: somebody else has to answer approval {approval.id}")
    if any(_person(one.by) == _person(reply.by) for one in approval.approved):
        raise NotPossible(f"`{reply.by}` has already approved {approval.id}; {approval.needed} more must")
    if isinstance(reply, Refused):
        return (reply,)
    _check(approval, reply.pattern)
    if approval.needed > 1:
        return (reply,)
    return (reply, _leave(approval, (*(one.pattern for one in approval.approved), reply.pattern), reply.at))


def redeem(
    approval: Approval, bound: Binding, cost: Decimal | None, now: int, holds: Callable[[str], bool] | None = None
) -> Events:
    """The use of it by a call. Raises `NotPossible` where it is not, or no longer, leave for this call.

    `holds` says whether a condition is true of the call; without it only the very call that was approved may pass.
    """
    leave = approval.leave
    if approval.state is not State.GRANTED or leave is None:
        raise NotPossible(f"approval {approval.id} cannot be used: {why_ended(approval)}")
    if now >= approval.until:
        raise NotPossible(f"approval {approval.id} has expired")
    difference = approval.bound.difference(bound)
    if difference is not None:
        is_covered = (
            leave.where != ()
            and holds is not None
            and approval.bound.family == bound.family
            and all(map(holds, leave.where))
        )
        if not is_covered:
            raise NotPossible(f"approval {approval.id} is not for this call: {difference}")
    spent = approval.spent + (cost or 0)
    if leave.spend is not None and (cost is None or spent > leave.spend):
        raise NotPossible(f"approval {approval.id} allows {leave.spend} in all, and {approval.spent} of it are spent")
    used: Redeemed = Redeemed(now, bound.arguments, cost)
    after = advance(approval, used)
    is_last = after.uses >= leave.uses or (leave.spend is not None and spent >= leave.spend)
    return (used, UsedUp(now)) if is_last else (used,)


def revoke(approval: Approval, by: str, via: str, now: int, note: str = "") -> Events:
    """The end of a question or a leave, by a person. Raises `NotPossible` for one that has ended."""
    if approval.state.is_final:
        raise NotPossible(f"approval {approval.id} cannot be revoked: {why_ended(approval)}")
    return (Revoked(now, by, via, note),)


def why_ended(approval: Approval) -> str:
    """Why it can be neither answered nor used, for the agent and for people."""
    match approval.ending:
        case Refused(by=by, note=note):
            return f"{by} refused it" + (f": {note}" if note else "")
        case Revoked(by=by, note=note):
            return f"{by} revoked it" + (f": {note}" if note else "")
        case Expired():
            return "it expired " + ("before it was used" if approval.leave else "unanswered")
        case UsedUp():
            return "it is used up"
        case None:
            return "it is granted" if approval.state is State.GRANTED else "nobody has decided yet"


def _check(approval: Approval, pattern: Pattern) -> None:
    if pattern.uses is not None and pattern.uses < 1:
        raise NotPossible("an approval is for at least 1 use")
    if pattern.spend is not None and approval.cost is None:
        raise NotPossible(f"approval {approval.id} has no budget in its rule: there is nothing for `spend` to count")
    if pattern.spend is not None and (pattern.spend <= 0 or pattern.spend < (approval.cost or 0)):
        raise NotPossible(f"this call alone spends {approval.cost}: `spend` must allow that")


def _leave(approval: Approval, patterns: tuple[Pattern, ...], now: int) -> Granted:
    """What all of them allow: the fewest uses, the shortest time, and other arguments only where everybody said so."""
    terms = approval.terms
    wheres = [one.where for one in patterns]
    uses = min(one.uses or terms.uses for one in patterns)
    span = min(one.valid_for or terms.valid_for for one in patterns)
    where = tuple(dict.fromkeys(one for one in wheres if one)) if all(wheres) else ()
    spend = min((one.spend for one in patterns if one.spend is not None), default=None)
    return Granted(now, uses, now + span, where, spend)


def _person(id: str) -> str:
    """Ann at the terminal and Ann with her token are one person: what comes after the kind of id."""
    return id.partition(":")[2] or id
