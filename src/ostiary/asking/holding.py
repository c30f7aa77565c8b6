"""Held calls at one gate: from the question to the answer, whoever goes away in between.

The ladder: hold the call open, then tell the agent to call again with the same arguments; what was approved meanwhile
lets that call pass. Policy is asked again before anything is sent, and its answer is what counts.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from ostiary.approvals import Case, NotPossible, State
from ostiary.asking import elicitation
from ostiary.asking.consent import Consent, Passed, Reserve, ended
from ostiary.asking.held import Held
from ostiary.asking.tasks import ApprovalTasks, call_of, unknown_task
from ostiary.errors import WireError
from ostiary.model import JSON, Call, Decision, Effect, Reservation, Tool
from ostiary.ports import Reply
from ostiary.wire import codes
from ostiary.wire.era import Era, meta_of
from ostiary.wire.message import Id, Notification, Request, Response

if TYPE_CHECKING:
    from ostiary.enforcement import Agent

_CANCELLED: Final = "notifications/cancelled"

_MOST_ASKED: Final = 4096

Elicited: TypeAlias = "dict[str, Any]"
"""The parameters of an `elicitation/create`."""
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


class Asked(msgspec.Struct, frozen=True):
    """A question that an agent on the older wire was sent, and who may answer it."""

    id: str
    approval: str
    principal: str


class Holding:
    """`seconds` is how long a call is held open; `url` is where the page for people is, None where nobody would reach
    it; `key` signs what comes back to us through an agent."""

    def __init__(self, consent: Consent, seconds: float, url: str | None, key: bytes, clock: Callable[[], int]) -> None:
        self._consent = consent
        self._seconds = seconds
        self._url = url
        self._key = key
        self._clock = clock
        self._held: dict[Place, Held] = {}
        self._asked: dict[str, Asked] = {}
        self._tasks = ApprovalTasks(clock)

    async def hold(self, held: HeldCall) -> Reply:
        """Answer a call that policy holds: at once where it has leave or cannot get it, else as a stream that waits."""
        case = await self._consent.approach(held.call, held.decision, held.siblings, held.reserve)
        if isinstance(case, Decision):
            return await held.conclude(held.call, case, None)
        if case.approval.state is State.GRANTED:
            return await self._use(case, held.call, held.decision, held)
        return await self._wait(case, held, self._elicited(case, held))

    async def resume(self, held: HeldCall, state: elicitation.State, result: JSON) -> Reply:
        """Take a call that comes back with what the person at the agent's client said; then hold it like any other.

        Raises `WireError` -32602 for a state that was given out for another call, or was changed.
        """
        if not elicitation.is_sealed(self._key, state, self._consent.bind(held.call, held.decision)):
            raise WireError(codes.INVALID_PARAMS, "this `requestState` was given out for another call")
        case = await self._consent.current(state.approval)
        if case.approval.state.is_final:
            return await held.conclude(held.call, ended(case, held.decision), None)
        await self._take(case, held.agent.principal.id, result)
        case = await self._consent.current(state.approval)
        if case.approval.state.is_open:
            return await self._wait(case, held, None)
        return await self._settle(case.id, held) or await self._wait(case, held, None)

    async def _hears(self, response: Response, agent: Agent) -> bool:
        """Whether the message answers a question of ours on the older wire; the answer is then taken."""
        asked = self._asked.get(response.id) if isinstance(response.id, str) else None
        if asked is None or asked.principal != agent.principal.id:
            return False
        del self._asked[asked.id]
        await self._take(await self._consent.current(asked.approval), asked.principal, elicitation.result_in(response))
        return True

    async def _take(self, case: Case, principal: str, result: JSON) -> None:
        """An answer counts only where policy accepts it from there; a page's address is only ever acknowledged."""
        said = elicitation.verdict(result)
        if said is not None and case.approval.terms.assurance == "client":
            await self._consent.answer_at_client(case, principal, is_yes=said)

    def _elicited(self, case: Case, held: HeldCall) -> Elicited | None:
        """What the agent's client is asked to show: a form where policy accepts its answer, else our page's address."""
        abilities, now = held.call.client.abilities, self._clock()
        if case.approval.terms.assurance == "client" and elicitation.FORM in abilities:
            return elicitation.form(case, now)
        if self._url is not None and elicitation.URL in abilities:
            return elicitation.address(case, self._url, now)
        return None

    def call_of(self, case: Case, request: Request) -> Request:
        """The call that a case is about, as it is sent for `request`, which asks after it."""
        return call_of(case, request)

    async def task(
        self, request: Request, agent: Agent, server: str, revive: Callable[[Case], Awaitable[HeldCall]]
    ) -> Reply:
        """Answer a question after a call that became a task; once it has leave, this is what sends it.

        Raises `WireError` -32602 for a task that is not this agent's.
        """
        try:
            case = await self._consent.current(str(request.params["taskId"]))
        except NotPossible:
            raise unknown_task() from None
        if case.approval.bound.principal != agent.principal.id or case.approval.bound.server != server:
            raise unknown_task()
        if request.method == "tasks/cancel":
            if not case.approval.state.is_final:
                await self._consent.questions.revoke(case.id, agent.principal.id, "task")
            return _whole(self._tasks.acknowledged(request.id))
        if request.method == "tasks/update":
            raise WireError(codes.INVALID_PARAMS, "this task asks for nothing")

        async def run() -> Reply:
            held = await revive(case)
            reply = await held.guarded(self._use(case, held.call, held.decision, held))
            return reply or Reply(202, (), b"")

        return _whole(self._tasks.told(request.id, case, run))

    async def takes(self, message: Notification | Response, agent: Agent) -> bool:
        """Whether the message is for us and not for the server: it cancels a call that is held here, or answers a
        question of ours."""
        return self._cancels(message, agent) if isinstance(message, Notification) else await self._hears(message, agent)

    def _cancels(self, message: Notification, agent: Agent) -> bool:
        """Whether the message cancels a call that is held here; it is then held no longer, and no server need know."""
        id = message.params.get("requestId")
        if message.method != _CANCELLED or not isinstance(id, str | int):
            return False
        held = self._held.get(_place(agent, id))
        if held is None or not held.is_waiting:
            return False
        held.leave()
        return True

    async def _wait(self, case: Case, held: HeldCall, elicited: Elicited | None) -> Reply:
        request = held.request
        is_modern = held.agent.era is Era.MODERN
        ask_again = (
            _whole(elicitation.round_of(request.id, elicited, elicitation.sealed(self._key, case)))
            if elicited
            else None
        )
        if ask_again is not None and is_modern and elicited and elicited["mode"] == elicitation.FORM:
            return ask_again

        id = case.id  # the stream keeps no more of the case: it may wait with ten thousand others

        async def settle() -> Reply | None:
            return await held.guarded(self._settle(id, held))

        async def give_up() -> Reply:
            if is_modern and "tasks" in held.call.client.abilities:
                return _whole(self._tasks.created(request.id, await self._consent.current(id)))
            if ask_again is not None and is_modern:
                return ask_again
            told = msgspec.structs.replace(held.decision, approval_id=id)
            return await held.guarded(held.conclude(held.call, told, None)) or Reply(202, (), b"")

        token = meta_of(request).get("progressToken")
        own = token if isinstance(token, str | int) else None
        first = () if is_modern or not elicited else (self._question(case, held, elicited),)
        stream = Held(id, self._consent.room, self._seconds, own, settle, give_up, first)
        place = _place(held.agent, request.id)
        self._held[place] = stream
        stream.on_end(lambda: self._forget(place, stream))
        return Reply(200, (), stream)

    def _question(self, case: Case, held: HeldCall, elicited: Elicited) -> bytes:
        asked = Asked(f"ostiary-{secrets.token_hex(8)}", case.id, held.agent.principal.id)
        while len(self._asked) >= _MOST_ASKED:
            del self._asked[next(iter(self._asked))]
        self._asked[asked.id] = asked
        return elicitation.question(asked.id, elicited)

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


def _whole(body: bytes) -> Reply:
    return Reply(200, ((b"content-type", b"application/json"),), body)


def _place(agent: Agent, id: Id) -> Place:
    return agent.principal.id, agent.origin.session, id
