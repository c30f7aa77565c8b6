"""What a call is charged: its limits are counted before it is sent, and given back where it never left."""

from __future__ import annotations

import msgspec

from ostiary import policy as pdp
from ostiary.enforcement.replies import NO_APPROVALS, refused
from ostiary.enforcement.rounds import Taken
from ostiary.enforcement.settlement import settling
from ostiary.errors import StoreError
from ostiary.model import Decision, Effect, Exceeded, Reservation
from ostiary.notices import say
from ostiary.ports import CounterStore, Reply
from ostiary.wire.message import Request


class Charges:
    """The limits of one server's calls."""

    def __init__(self, server: str, counters: CounterStore) -> None:
        self._server = server
        self._counters = counters

    async def reserve(self, decision: Decision, now: int, taken: Taken) -> tuple[Decision, Reservation | None]:
        """The decision once its limits are counted, and what it reserved where it still allows. What continues a call
        that was charged is not charged again."""
        if decision.effect is Effect.REQUIRE_APPROVAL:
            return msgspec.structs.replace(decision, reason=f"{decision.reason}; {NO_APPROVALS}"), None
        asked = decision.obligations
        if not decision.is_allowed or not (asked.reserve or asked.rehearse) or taken.is_paid:
            return decision, None
        try:
            answer = await self._counters.reserve(asked.reserve, now) if asked.reserve else None
        except StoreError as error:
            return refused(decision, f"its limits could not be counted ({error})"), None
        if isinstance(answer, Exceeded):
            return pdp.refuse_exceeded(decision, answer), None
        return await self._rehearse(decision, now), answer

    async def _rehearse(self, decision: Decision, now: int) -> Decision:
        """The decision, and what limits in shadow mode would have made of it: they are counted beside the others."""
        if not decision.obligations.rehearse:
            return decision
        try:
            answer = await self._counters.reserve(decision.obligations.rehearse, now)
        except StoreError:
            return decision
        return pdp.would_exceed(decision, answer) if isinstance(answer, Exceeded) else decision

    async def settling(self, reply: Reply, request: Request, reservation: Reservation | None) -> Reply:
        """The reply, with budgets settled by what it says the call really cost."""
        return await settling(reply, request, reservation, self._counters)

    async def release(self, reservation: Reservation | None) -> None:
        """Give back what a call that certainly never left had reserved."""
        if reservation is None:
            return
        try:
            await self._counters.release(reservation)
        except StoreError as error:
            say(f"{self._server}: a reservation stays booked: {error}")
