"""The path of a tool call: read, judge, reserve, hold, record, forward, settle, record.

Read from the top: `Calls.take` is the whole of it, and every step is a method below, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from ostiary.enforcement.accounts import Accounts, Intent
from ostiary.enforcement.agent import Agent
from ostiary.enforcement.attendance import Attendance
from ostiary.enforcement.charges import Charges
from ostiary.enforcement.drift import is_of_drift
from ostiary.enforcement.failures import Failures
from ostiary.enforcement.guard import Guard
from ostiary.enforcement.inquiry import Inquiry
from ostiary.enforcement.judge import Judge
from ostiary.enforcement.replies import NO_APPROVALS, arguments_of, refused, whole
from ostiary.enforcement.rounds import Rounds, Taken
from ostiary.enforcement.tasks import Tasks
from ostiary.enforcement.unsettled import Unsettled
from ostiary.enforcement.veil import veil
from ostiary.errors import LedgerError, UpstreamError, UpstreamNotReached, WireError
from ostiary.model import Call, Decision, Effect, Reservation
from ostiary.ports import Clock, Origin, Reply, Upstream
from ostiary.relay import Watch, relay
from ostiary.wire import answers, codes, headers
from ostiary.wire.era import APPROVAL_STATE, Era
from ostiary.wire.message import Notification, Peek, Request, Response

if TYPE_CHECKING:
    from ostiary.approvals import Case
    from ostiary.asking.holding import HeldCall, Holding


class Calls:
    """The tool calls of one server. It owns nothing but the order of things: every part is handed in; `heard` is told
    of what the server says in an answer's stream besides.

    `open_holding` makes what approvals need when the first call is held; None where nobody can be asked.
    """

    def __init__(
        self,
        server: str,
        upstream: Upstream,
        charges: Charges,
        accounts: Accounts,
        clock: Clock,
        rounds: Rounds,
        *,
        inquiry: Inquiry,
        judge: Judge,
        heard: Callable[[Peek], None],
        attendance: Attendance,
        tasks: Tasks,
        unsettled: Unsettled,
        guard: Guard,
        failures: Failures,
        open_holding: Callable[[], Holding] | None,
    ) -> None:
        self._server = server
        self._upstream = upstream
        self._charges = charges
        self._accounts = accounts
        self._clock = clock
        self._rounds = rounds
        self._inquiry = inquiry
        self._judge = judge
        self._heard = heard
        self._attendance = attendance
        self._tasks = tasks
        self._unsettled = unsettled
        self._guard = guard
        self._failures = failures
        self._open_holding = open_holding
        self._holding: Holding | None = None

    async def hears(self, message: Notification | Response, agent: Agent) -> bool:
        """Whether the message is about a held call, and the server hears none of it."""
        return self._holding is not None and await self._holding.takes(message, agent)

    async def take(self, request: Request, agent: Agent) -> Reply:
        """Answer one `tools/call`. Raises `WireError` and `UpstreamError`."""
        state = request.params.get("requestState")
        if isinstance(state, str) and state.startswith(APPROVAL_STATE) and self._open_holding is not None:
            return await self._resume(request, agent, state)
        taken = self._rounds.take(request, agent.principal.id, self._clock.now())
        request = taken.request
        call = await self._read(request, agent)
        decision = self._judge.decide(call, agent.policy, request, agent)
        if decision.effect is Effect.REQUIRE_APPROVAL and self._open_holding is not None:
            if taken.approved != _leave(decision, call):
                return await self._hold(request, agent, call, decision, taken)
            decision = msgspec.structs.replace(decision, effect=Effect.ALLOW)
        decision, reservation = await self._charges.reserve(decision, call.at, taken)
        return await self._conclude(request, agent, call, decision, reservation, taken)

    async def _hold(self, request: Request, agent: Agent, call: Call, decision: Decision, taken: Taken) -> Reply:
        """Have a person asked."""
        holding = self._opened_holding()
        if holding is None:
            return whole(answers.denial(request.id, refused(decision, NO_APPROVALS), agent.era))
        return await holding.hold(await self._held_call(request, agent, call, decision, taken))

    async def _resume(self, request: Request, agent: Agent, text: str) -> Reply:
        """A call that comes back with what the person at the agent's client said; the server hears none of that."""
        from ostiary.asking import elicitation

        state, responses = elicitation.read_state(text), request.params.get("inputResponses")
        holding = self._opened_holding()
        if state is None or holding is None:
            raise WireError(codes.INVALID_PARAMS, "this `requestState` is damaged")
        request, taken = elicitation.without_round(request), Taken(request)
        call = await self._read(request, agent)
        decision = self._judge.decide(call, agent.policy, request, agent)
        if decision.effect is not Effect.REQUIRE_APPROVAL:
            decision, reservation = await self._charges.reserve(decision, call.at, taken)
            return await self._conclude(request, agent, call, decision, reservation, taken)
        result = responses.get(elicitation.KEY) if isinstance(responses, dict) else None
        return await holding.resume(await self._held_call(request, agent, call, decision, taken), state, result)

    async def _conclude(
        self,
        request: Request,
        agent: Agent,
        call: Call,
        decision: Decision,
        reservation: Reservation | None,
        taken: Taken,
    ) -> Reply:
        """Record what was decided, then send the call or refuse it."""
        if decision.effect is Effect.HIDE:
            await self._accounts.refused(call, decision)
            return await self._inquiry.unknown_tool(call.tool.name, request, agent.origin, agent.era)
        if not decision.is_allowed:
            await self._accounts.refused(call, decision)
            return whole(answers.denial(request.id, decision, agent.era))
        try:
            intent = await self._accounts.intend(call, decision, taken.continues)
        except LedgerError as error:
            await self._charges.release(reservation)
            unrecorded = refused(decision, f"the call could not be recorded ({error})")
            return whole(answers.denial(request.id, unrecorded, agent.era))
        except asyncio.CancelledError:
            await self._charges.release(reservation)
            raise
        leave = _leave(decision, call)
        approved = leave if decision.approval_id is not None or taken.approved == leave else None
        return await self._forward(request, agent, intent, reservation, decision, approved)

    async def _forward(
        self,
        request: Request,
        agent: Agent,
        intent: Intent,
        reservation: Reservation | None,
        decision: Decision,
        approved: str | None,
    ) -> Reply:
        accounts = self._accounts

        def answered(data: bytes, seen: Peek) -> bytes:
            task = self._tasks.note(data, seen, request, agent.principal.id, intent.id)
            more = {} if task is None else {"task": task}
            found = None if seen.is_error else self._failures.find(data)
            if found is not None:
                more["failure"] = found
            accounts.settle(intent, "failed" if seen.is_error or found else "returned", **more)
            now = self._clock.now()
            return self._rounds.mark(data, seen, request, agent.principal.id, intent.id, now, approved)

        def lost(reason: str) -> None:
            accounts.settle(intent, "unknown", reason=reason)

        def failure(reason: str) -> bytes:
            return answers.failure(request.id, f"{reason}. Nobody can say whether the call took effect.", agent.era)

        def parted() -> None:
            self._unsettled.keep(agent.origin, request.id, watch, self._clock.now())

        watch = Watch(answered, lost, failure, parted if agent.era is Era.LEGACY else None, self._heard)
        try:
            reply = await self._upstream.send(request, agent.origin)
            reply = await self._charges.settling(reply, request, reservation)
            return relay(veil(reply, decision.obligations.redact), request, watch)
        except UpstreamNotReached as error:
            await self._charges.release(reservation)
            accounts.settle(intent, "not_sent", reason=str(error))
            return whole(answers.failure(request.id, f"{error}. The call was not sent.", agent.era))
        except UpstreamError as error:
            lost(str(error))
            return whole(failure(str(error)))
        except asyncio.CancelledError:
            lost("the agent went away before the answer")
            raise

    async def _read(self, request: Request, agent: Agent) -> Call:
        """The call as policy sees it. Raises `WireError` where the request names no tool or has no arguments object."""
        name = request.params.get("name")
        if not isinstance(name, str):
            raise WireError(codes.INVALID_PARAMS, "`name` must be a string")
        arguments = arguments_of(request)
        tool = await self._judge.define(name, request, agent)
        if agent.era is Era.MODERN and agent.origin.headers:
            headers.verify_parameters(request, agent.origin.headers, self._inquiry.mirrored(name))
        now = self._clock.now()
        session = self._attendance.enter(agent.principal.id, now)
        return Call(tool, arguments, agent.principal, agent.client, session, now)

    async def task(self, request: Request, agent: Agent) -> Reply:
        """A task of ours: a call that a person is asked about, and that is sent when the agent asks after it."""
        holding = self._opened_holding()
        if holding is None or agent.era is not Era.MODERN:
            raise WireError(codes.INVALID_PARAMS, "there is no such task")

        async def revive(case: Case) -> HeldCall:
            inner = holding.call_of(case, request)
            along = tuple(line for line in agent.origin.headers if line[0] not in headers.DESCRIBING)
            described = (*along, *headers.describe(inner, self._inquiry.known(case.approval.bound.tool).input_schema))
            caller = msgspec.structs.replace(agent, origin=Origin(agent.origin.principal, described))
            call = await self._read(inner, caller)
            decision = self._judge.decide(call, agent.policy_now, inner, caller)
            return await self._held_call(inner, caller, call, decision, Taken(inner))

        return await holding.task(request, agent, self._server, revive)

    def _opened_holding(self) -> Holding | None:
        if self._holding is None and self._open_holding is not None:
            self._holding = self._open_holding()
        return self._holding

    async def _held_call(
        self, request: Request, agent: Agent, call: Call, decision: Decision, taken: Taken
    ) -> HeldCall:
        """What holds the call has to know. Policy judges again, of what the server lists then, before it is sent."""
        from ostiary.asking.holding import HeldCall

        async def judge() -> tuple[Call, Decision]:
            again = await self._judge.look_up(call, request, agent)
            return again, self._judge.decide(again, agent.policy_now, request, agent)

        return HeldCall(
            request,
            agent,
            await self._judge.look_up(call, request, agent),
            decision,
            self._inquiry.tools,
            judge,
            lambda decision: self._charges.reserve(decision, self._clock.now(), taken),
            lambda call, decision, reservation: self._conclude(request, agent, call, decision, reservation, taken),
            lambda work: self._guard.answer(request, agent, work),
        )


def _leave(decision: Decision, call: Call) -> str:
    """What a person approved, beside the call itself: the policy, and the definition that they were asked about."""
    return f"{decision.policy} {call.tool.digest}" if is_of_drift(decision) else decision.policy
