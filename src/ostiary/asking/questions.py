"""Approvals as they happen: every move is made in the store and put on record, both or neither.

Whoever asks, answers or uses an approval does it here: the gate, the command line, the HTTP interface, signed links.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Final, Protocol, TypeAlias

import msgspec

from ostiary import approvals
from ostiary.approvals import (
    NO_PATTERN,
    Approval,
    Approved,
    Asked,
    Binding,
    Case,
    Event,
    Expired,
    Happened,
    NotPossible,
    Pattern,
    Question,
    Refused,
    Revoked,
    State,
)
from ostiary.asking.coverage import check_where
from ostiary.model import Demand, Exceeded, Limit, Record, Reservation
from ostiary.ports import ApprovalStore, Clock, CounterStore, Ledger

DAY: Final = 86400 * 10**9
KEPT: Final = 30 * DAY
"""Nanoseconds after which an approval that has ended is dropped; the ledger keeps what happened."""

Holds: TypeAlias = Callable[[str], bool]


class TooManyQuestions(NotPossible):
    """This agent has asked so much that nobody would read it."""


class Reply(msgspec.Struct, frozen=True):
    """One person's answer. `via` is the way it came: `cli`, `api`, `link`, `webhook`, `client`."""

    by: str
    via: str
    is_yes: bool
    note: str = ""
    pattern: Pattern = NO_PATTERN


class Errands(Protocol):
    """What tells people that they are asked."""

    async def send(self, case: Case) -> None:
        """See to it that those whom the case's terms name hear of it; returns once that is certain to be tried."""


class Questions:
    """`per_hour` is how many questions one agent may raise within any hour. `errands` is None where nobody is told."""

    def __init__(
        self,
        store: ApprovalStore,
        ledger: Ledger,
        counters: CounterStore,
        clock: Clock,
        *,
        per_hour: int = 60,
        errands: Errands | None = None,
    ) -> None:
        self.store = store
        self._ledger = ledger
        self._counters = counters
        self._clock = clock
        self._per_hour = Limit(per_hour, 3600 * 10**9)
        self._errands = errands

    async def standing(self, bound: Binding) -> Case | None:
        """The open or granted case of this very call, None where it has to be asked for. Raises `NotPossible` where a
        person has said no to it lately."""
        case = await self._newest(bound)
        if case is None:
            return None
        now, life = self._clock.now(), case.approval
        if not life.state.is_final:
            return case
        if isinstance(life.ending, Refused | Revoked) and now < life.ending.at + life.terms.valid_for:
            raise NotPossible(f"{approvals.why_ended(life)} (approval {life.id})")
        return None

    async def covering(self, bound: Binding, cost: Decimal | None, holds: Holds) -> Case | None:
        """A case that was granted for a pattern which this call fits."""
        for case in await self.store.granted(bound.family):
            try:
                approvals.redeem(case.approval, bound, cost, self._clock.now(), holds)
            except NotPossible:
                continue
            return case
        return None

    async def ask(self, id: str, asked: Asked, question: Question, reservation: Reservation | None) -> Case:
        """Put a question, or join the one that is open for the same call; the reservation is kept with it, or released.

        Raises `TooManyQuestions`, and `StoreError`; the reservation is then still the caller's.
        """
        who = asked.bound.principal
        case = await self._newest(asked.bound)
        if case is not None and case.approval.state.is_open:
            return await self._join(case, reservation)
        place = Demand(f"approval questions/{who}", "/approvals", self._per_hour)
        booked = await self._counters.reserve((place,), asked.at)
        if isinstance(booked, Exceeded):
            raise TooManyQuestions(
                f"this agent has asked {self._per_hour.max} questions within the hour, and people are not asked more"
            )
        today = await self.store.count(who, asked.at - asked.at % DAY) + 1
        question = msgspec.structs.replace(question, asked_today=today)
        new = Case(approvals.begin(id, asked), question, reservation)
        case = await self.store.ask(new)
        if case is not new:
            await self._counters.release(booked)
            return await self._join(case, reservation)
        if self._errands is not None:
            await self._errands.send(case)
        await self._record(id, (asked,))
        return case

    async def current(self, id: str) -> Case:
        """The case as it is now; one whose time is over has expired. Raises `NotPossible` for an unknown one."""
        case, now = await self._find(id), self._clock.now()
        if not approvals.expire(case.approval, now):
            return case
        return await self._move(id, lambda life: approvals.expire(life, now), is_answer=False)

    async def show(self, id: str, to: str, via: str) -> Case:
        """The case, for a person to see: that they did is on record. Raises `NotPossible` for an unknown one."""
        now = self._clock.now()
        return await self._move(id, lambda life: approvals.show(life, to, via, now), is_answer=False)

    async def answer(self, id: str, reply: Reply) -> Case:
        """Take one person's answer. Raises `NotPossible`."""
        now = self._clock.now()
        if reply.pattern.where is not None:
            check_where(reply.pattern.where, await self._find(id))
        said: Approved | Refused = (
            Approved(now, reply.by, reply.via, reply.note, reply.pattern)
            if reply.is_yes
            else Refused(now, reply.by, reply.via, reply.note)
        )
        return await self._move(id, lambda life: approvals.answer(life, said))

    async def revoke(self, id: str, by: str, via: str, note: str = "") -> Case:
        """Take a question or a leave back. Raises `NotPossible`."""
        now = self._clock.now()
        return await self._move(id, lambda life: approvals.revoke(life, by, via, now, note))

    async def redeem(self, id: str, bound: Binding, cost: Decimal | None, holds: Holds | None = None) -> Case:
        """Use it for one call: when this returns, the use is durable and no other call has it. Raises `NotPossible`."""
        now = self._clock.now()
        return await self._move(id, lambda life: approvals.redeem(life, bound, cost, now, holds))

    async def expire(self) -> int:
        """End everything whose time is over; how many. What they had reserved is released."""
        now = self._clock.now()
        due = await self.store.due(now)
        for id in due:
            await self._move(id, lambda life: approvals.expire(life, now), is_answer=False)
        return len(due)

    async def forget(self) -> None:
        """Drop what ended long ago."""
        await self.store.forget(self._clock.now() - KEPT)

    async def _newest(self, bound: Binding) -> Case | None:
        """The newest case of this call; one whose time is over has expired by now."""
        case = await self.store.newest(bound.key)
        return None if case is None else await self.current(case.id)

    async def _join(self, case: Case, reservation: Reservation | None) -> Case:
        if reservation is not None:
            await self._counters.release(reservation)
        return case

    async def _find(self, id: str) -> Case:
        case = await self.store.get(id)
        if case is None:
            raise NotPossible(f"there is no approval `{approvals.visible(id[:64])}`")
        return case

    async def _move(
        self, id: str, conduct: Callable[[Approval], tuple[Happened, ...]], *, is_answer: bool = True
    ) -> Case:
        await self._find(id)
        now = self._clock.now()
        case, events = await self.store.change(id, lambda life: approvals.expire(life, now) or conduct(life))
        if events and case.approval.state.is_final:
            reservation = await self.store.take_reservation(id)
            if reservation is not None:
                await self._counters.release(reservation)
        await self._record(id, events)
        if is_answer and case.approval.state is State.EXPIRED and isinstance(events[-1], Expired):
            raise NotPossible(f"approval {id} came too late: {approvals.why_ended(case.approval)}")
        return case

    async def _record(self, id: str, events: Sequence[Event]) -> None:
        """Append them all at once, then wait: they share one transaction with what they tell of."""
        waiting: list[Awaitable[Record]] = [
            self._ledger.append(approvals.kind_of(event), approvals.told(id, event)) for event in events
        ]
        for record in waiting:
            await record
