"""Held calls at one gate: from the question to the answer, whoever goes away in between.

The ladder: hold the call open, then tell the agent to call again with the same arguments; what was approved meanwhile
lets that call pass. Policy is asked again before anything is sent, and its answer is what counts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from ostiary.approvals import Case, State
from ostiary.consent import Consent, Passed, Reserve, ended, waiting
from ostiary.held import Held
from ostiary.model import Call, Decision, Effect, Reservation, Tool
from ostiary.ports import Reply
from ostiary.wire.era import meta_of
from ostiary.wire.message import Id, Notification, Request

if TYPE_CHECKING:
    from ostiary.enforcement import Agent

_SESSION: Final = b"mcp-session-id"
_CANCELLED: Final = "notifications/cancelled"

Place: TypeAlias = "tuple[str, bytes, Id]"
"""Which agent, in which session, by which request."""


class HeldCall(msgspec.Struct, frozen=True):
    """One call that policy holds, and what its gate does with it.

    `judge` asks policy again, as it is now; `conclude` records and sends or refuses; `guarded` turns whatever goes
    wrong into an answer.
    """

    request: Request
    agent: Agent
    call: Call
    decision: Decision
    siblings: Mapping[str, Tool]
    judge: Callable[[], Awaitable[tuple[Call, Decision]]]
    reserve: Reserve
    conclude: Callable[[Call, Decision, Reservation | None], Awaitable[Reply]]
    guarded: Callable[[Awaitable[Reply | None]], Awaitable[Reply | None]]


class Holding:
    """`seconds` is how long a call is held open."""

    def __init__(self, consent: Consent, seconds: float) -> None:
        self._consent = consent
        self._seconds = seconds
        self._held: dict[Place, Held] = {}

    async def hold(self, held: HeldCall) -> Reply:
        """Answer a call that policy holds: at once where it has leave or cannot get it, else as a stream that waits."""
        case = await self._consent.approach(held.call, held.decision, held.siblings, held.reserve)
        if isinstance(case, Decision):
            return await held.conclude(held.call, case, None)
        if case.approval.state is State.GRANTED:
            return await self._use(case, held.call, held.decision, held)
        return await self._wait(case, held)

    def cancel(self, message: Notification, agent: Agent) -> bool:
        """Whether the message cancels a call that is held here; it is then held no longer, and no server need know."""
        id = message.params.get("requestId")
        if message.method != _CANCELLED or not isinstance(id, str | int):
            return False
        held = self._held.get(_place(agent, id))
        if held is None or not held.is_waiting:
            return False
        held.leave()
        return True

    async def _wait(self, case: Case, held: HeldCall) -> Reply:
        async def settle() -> Reply | None:
            return await held.guarded(self._settle(case.id, held))

        async def give_up() -> Reply:
            reply = await held.guarded(held.conclude(held.call, waiting(case, held.decision), None))
            return reply or Reply(202, (), b"")

        token = meta_of(held.request).get("progressToken")
        stream = Held(
            case.id,
            self._consent.room,
            self._seconds,
            token if isinstance(token, str | int) else None,
            settle,
            give_up,
        )
        place = _place(held.agent, held.request.id)
        self._held[place] = stream
        stream.on_end(lambda: self._forget(place, stream))
        return Reply(200, (), stream)

    def _forget(self, place: Place, stream: Held) -> None:
        if self._held.get(place) is stream:
            del self._held[place]

    async def _settle(self, id: str, held: HeldCall) -> Reply | None:
        """The answer once the case is decided; None while it is open."""
        case = await self._consent.current(id)
        if case.approval.state.is_open:
            return None
        if case.approval.state is not State.GRANTED:
            return await held.conclude(held.call, ended(case, held.decision), None)
        call, decision = await held.judge()
        if decision.effect is Effect.REQUIRE_APPROVAL:
            return await self._use(case, call, decision, held)
        decision, reservation = await held.reserve(decision)
        return await held.conclude(call, decision, reservation)

    async def _use(self, case: Case, call: Call, decision: Decision, held: HeldCall) -> Reply:
        used = await self._consent.use(case, call, decision, held.reserve)
        if isinstance(used, Passed):
            return await held.conclude(call, used.decision, used.reservation)
        return await held.conclude(call, used, None)


def _place(agent: Agent, id: Id) -> Place:
    session = next((value for name, value in agent.origin.headers if name == _SESSION), b"")
    return agent.principal.id, session, id
