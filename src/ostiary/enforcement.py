"""The policy enforcement point, and the only coordinator: judge, reserve, record, forward, settle, record.

Read from the top: `Gate.handle` takes every message an agent sends, `_call` is the path of a tool call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from ostiary import policy as pdp
from ostiary.accounts import Accounts, Intent
from ostiary.attendance import Attendance
from ostiary.errors import LedgerError, StoreError, UpstreamError, UpstreamNotReached, WireError
from ostiary.inquiry import Inquiry
from ostiary.model import (
    JSON,
    Call,
    Client,
    Decision,
    Effect,
    Exceeded,
    JSONObject,
    Principal,
    Redaction,
    Reservation,
    Tool,
)
from ostiary.news import News
from ostiary.notices import say
from ostiary.policy import Policy
from ostiary.ports import Clock, CounterStore, Headers, Origin, Reply, Upstream
from ostiary.relay import Watch, on_every_answer, relay
from ostiary.rounds import Rounds, Taken
from ostiary.settlement import settling
from ostiary.sight import Say, Sight, plainly, to_subscriber
from ostiary.tasks import METHODS as TASK_METHODS
from ostiary.tasks import Tasks
from ostiary.unsettled import Unsettled
from ostiary.veil import veil
from ostiary.wire import answers, codes, headers
from ostiary.wire.era import APPROVAL_STATE, Era, is_approval_task
from ostiary.wire.message import Message, Notification, Peek, Request, Response

if TYPE_CHECKING:
    from ostiary.approvals import Case
    from ostiary.holding import HeldCall, Holding

T = TypeVar("T")

_JSON: Headers = ((b"content-type", b"application/json"),)
_JUDGED = frozenset({"tools/call", "tools/list", "resources/read", "prompts/get"})
_CARRIES_RESULTS = ("tasks/", "subscriptions/")
_NO_APPROVALS = "approvals are not set up here, so nobody can be asked"
_UNLISTED = "the server does not list this tool, and this policy judges by what it lists"
_NO_POLICY = Decision(Effect.DENY, "/", "no policy applies here, so nothing is permitted")


class Agent(msgspec.Struct, frozen=True):
    """Who stands at the gate with one message. `policy` is the one in force for them now; None permits nothing.

    `renew` gives the one in force later, for a call that had to wait: None where they may come in no longer.
    """

    principal: Principal
    client: Client
    origin: Origin
    era: Era
    policy: Policy | None
    renew: Callable[[], Policy | None] | None = None


class Gate:
    """The gate before one upstream. It owns nothing but the order of things: every port is handed in.

    `open_holding` makes what approvals need when the first call is held; None where nobody can be asked.
    """

    def __init__(
        self,
        server: str,
        upstream: Upstream,
        counters: CounterStore,
        accounts: Accounts,
        clock: Clock,
        rounds: Rounds,
        open_holding: Callable[[], Holding] | None = None,
    ) -> None:
        self.server = server
        self.upstream = upstream
        self._counters = counters
        self._accounts = accounts
        self._clock = clock
        self._rounds = rounds
        self._unsettled = Unsettled()
        self._tasks = Tasks(accounts.task_ended)
        self._open_holding = open_holding
        self._holding: Holding | None = None
        self._inquiry = Inquiry(server, upstream)
        self._attendance = Attendance(server)
        self._sight = Sight(server, accounts, self._inquiry.classified)
        self._news = News()

    async def handle(self, message: Message, agent: Agent) -> Reply:
        """Answer one message. Where something goes wrong the answer says so; only what has no answer raises
        `WireError` or `UpstreamError`."""
        if not isinstance(message, Request):
            return await self._pass(message, agent)
        return await self._guarded(message, agent, self._answer(message, agent))

    async def _answer(self, request: Request, agent: Agent) -> Reply:
        match request.method:
            case "tools/call":
                return await self._call(request, agent)
            case "tools/list" | "prompts/list" | "resources/list" | "resources/templates/list":
                return await self._list(request, agent)
            case "resources/read" | "prompts/get":
                return await self._access(request, agent)
            case "tasks/get" | "tasks/update" | "tasks/cancel" if is_approval_task(request):
                return await self._task(request, agent)
            case _:
                return await self._ask(request, agent)

    async def _task(self, request: Request, agent: Agent) -> Reply:
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
            return await self._held_call(inner, caller, call, self._judge(call, _policy_now(agent)), Taken(inner))

        return await holding.task(request, agent, self.server, revive)

    async def _guarded(self, request: Request, agent: Agent, work: Awaitable[T]) -> T | Reply:
        """What `work` gives; where it fails, an answer that says so."""
        try:
            return await work
        except WireError as error:
            status = codes.status(error.code) if agent.era is Era.MODERN else 200
            return Reply(status, _JSON, answers.error(request.id, error.code, error.message))
        except UpstreamError as error:
            return _whole(_failed(request, str(error)))
        except LedgerError as error:
            return _whole(
                answers.error(request.id, codes.INTERNAL_ERROR, f"refused, as it cannot be recorded: {error}")
            )
        except Exception as error:
            return self._broken(request, agent, error)

    async def listen(self, agent: Agent) -> Reply:
        """The stream of what belongs to no request. An answer that comes this way is filtered like any other."""
        reply = veil(await self.upstream.listen(agent.origin), _redaction_of(agent))

        def answered(data: bytes, seen: Peek) -> bytes:
            broke_off = self._unsettled.take(agent.origin, seen.id, self._clock.now())
            if broke_off is not None:
                return broke_off.answered(data, seen)
            return self._sight.shown_of_any(data, seen.id, _policy_now(agent), agent.principal, agent.era)

        return self._news.tell_on(on_every_answer(reply, answered), self._look_out(agent, plainly))

    def look_again(self) -> None:
        """A policy has changed: tell those who listen and whose lists look different now."""
        self._news.look()

    def _look_out(self, agent: Agent, say: Say) -> Callable[[], list[bytes]]:
        return self._sight.look_out(agent.policy, lambda: _policy_now(agent), self._inquiry.tools, agent.principal, say)

    def close(self) -> None:
        """No answer will come any more."""
        self._unsettled.close()

    async def end(self, agent: Agent) -> Reply:
        return await self.upstream.end(agent.origin)

    async def _pass(self, message: Notification | Response, agent: Agent) -> Reply:
        """What has no answer. A server that takes a request without an id for a call must not see one either."""
        if isinstance(message, Notification) and message.method in _JUDGED:
            raise WireError(codes.INVALID_REQUEST, f"`{message.method}` is a request: it needs an `id`")
        if self._holding is not None and await self._holding.takes(message, agent):
            return Reply(202, (), b"")
        reply = await self.upstream.send(message, agent.origin)
        if not isinstance(reply.body, bytes):
            await reply.body.aclose()
        elif 400 <= reply.status < 500:
            return reply
        elif reply.status >= 500:
            raise UpstreamError(f"the server took the message with HTTP {reply.status}")
        return Reply(202, (), b"")

    async def _ask(self, request: Request, agent: Agent) -> Reply:
        """Forward a request that nothing hangs on. Tasks are reached by those who asked for them."""
        is_of_task = request.method in TASK_METHODS
        if is_of_task:
            self._tasks.check(request, agent.principal.id)
        elif request.method == "subscriptions/listen":
            self._tasks.check_subscription(request, agent.principal.id)
        reply = await self.upstream.send(request, agent.origin)
        if request.method.startswith(_CARRIES_RESULTS):
            reply = veil(reply, _redaction_of(agent))

        def answered(data: bytes, seen: Peek) -> bytes:
            if is_of_task:
                return self._tasks.answered(data, seen, request, agent.principal.id)
            return self._rounds.mark(data, seen, request, agent.principal.id, "", self._clock.now())

        reply = relay(reply, request, Watch(answered, _forget, lambda reason: _failed(request, reason)))
        if request.method == "subscriptions/listen":
            return self._news.tell_on(reply, self._look_out(agent, to_subscriber(request)), after_first=True)
        return reply

    async def _call(self, request: Request, agent: Agent) -> Reply:
        state = request.params.get("requestState")
        if isinstance(state, str) and state.startswith(APPROVAL_STATE) and self._open_holding is not None:
            return await self._resume(request, agent, state)
        taken = self._rounds.take(request, agent.principal.id, self._clock.now())
        request = taken.request
        call = await self._read(request, agent)
        decision = self._judge(call, agent.policy)
        if decision.effect is Effect.REQUIRE_APPROVAL and self._open_holding is not None:
            if taken.approved != decision.policy:
                return await self._hold(request, agent, call, decision, taken)
            decision = msgspec.structs.replace(decision, effect=Effect.ALLOW)
        decision, reservation = await self._reserve(decision, call.at, taken)
        return await self._conclude(request, agent, call, decision, reservation, taken)

    async def _hold(self, request: Request, agent: Agent, call: Call, decision: Decision, taken: Taken) -> Reply:
        """Have a person asked."""
        holding = self._opened_holding()
        if holding is None:
            return _whole(answers.denial(request.id, _refused(decision, _NO_APPROVALS), agent.era))
        return await holding.hold(await self._held_call(request, agent, call, decision, taken))

    async def _resume(self, request: Request, agent: Agent, text: str) -> Reply:
        """A call that comes back with what the person at the agent's client said; the server hears none of that."""
        from ostiary import elicitation

        state, responses = elicitation.read_state(text), request.params.get("inputResponses")
        holding = self._opened_holding()
        if state is None or holding is None:
            raise WireError(codes.INVALID_PARAMS, "this `requestState` is damaged")
        request, taken = elicitation.without_round(request), Taken(request)
        call = await self._read(request, agent)
        decision = self._judge(call, agent.policy)
        if decision.effect is not Effect.REQUIRE_APPROVAL:
            decision, reservation = await self._reserve(decision, call.at, taken)
            return await self._conclude(request, agent, call, decision, reservation, taken)
        result = responses.get(elicitation.KEY) if isinstance(responses, dict) else None
        return await holding.resume(await self._held_call(request, agent, call, decision, taken), state, result)

    def _opened_holding(self) -> Holding | None:
        if self._holding is None and self._open_holding is not None:
            self._holding = self._open_holding()
        return self._holding

    async def _held_call(
        self, request: Request, agent: Agent, call: Call, decision: Decision, taken: Taken
    ) -> HeldCall:
        """What holds the call has to know. Policy judges again, of what the server lists then, before it is sent."""
        from ostiary.holding import HeldCall

        async def judge() -> tuple[Call, Decision]:
            again = await self._looked_up(call, request, agent)
            return again, self._judge(again, _policy_now(agent))

        return HeldCall(
            request,
            agent,
            await self._looked_up(call, request, agent),
            decision,
            self._inquiry.tools,
            judge,
            lambda decision: self._reserve(decision, self._clock.now(), taken),
            lambda call, decision, reservation: self._conclude(request, agent, call, decision, reservation, taken),
            lambda work: self._guarded(request, agent, work),
        )

    async def _looked_up(self, call: Call, request: Request, agent: Agent) -> Call:
        """The call now, with its tool as the server defines it now: people see that, and approve that."""
        try:
            tool = await self._inquiry.define(call.tool.name, request, agent.origin, agent.era, anew=True)
        except UpstreamError:
            tool = self._inquiry.known(call.tool.name)
        return msgspec.structs.replace(call, tool=tool, at=self._clock.now())

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
            return _whole(answers.denial(request.id, decision, agent.era))
        try:
            intent = await self._accounts.intend(call, decision, taken.continues)
        except LedgerError as error:
            await self._release(reservation)
            unrecorded = _refused(decision, f"the call could not be recorded ({error})")
            return _whole(answers.denial(request.id, unrecorded, agent.era))
        except asyncio.CancelledError:
            await self._release(reservation)
            raise
        is_approved = decision.approval_id is not None or taken.approved == decision.policy
        approved = decision.policy if is_approved else None
        return await self._forward(request, agent, intent, reservation, decision, approved)

    async def _read(self, request: Request, agent: Agent) -> Call:
        """The call as policy sees it. Raises `WireError` where the request names no tool or has no arguments object."""
        name = request.params.get("name")
        if not isinstance(name, str):
            raise WireError(codes.INVALID_PARAMS, "`name` must be a string")
        arguments = _object(request.params.get("arguments"))
        needs_definition = agent.policy is not None and agent.policy.needs_definitions
        tool = (
            await self._inquiry.define(name, request, agent.origin, agent.era)
            if needs_definition
            else self._inquiry.known(name)
        )
        if agent.era is Era.MODERN and agent.origin.headers:
            headers.verify_parameters(request, agent.origin.headers, self._inquiry.mirrored(name))
        now = self._clock.now()
        session = self._attendance.enter(agent.principal.id, now)
        return Call(tool, arguments, agent.principal, agent.client, session, now)

    def _judge(self, call: Call, policy: Policy | None) -> Decision:
        """What policy makes of the call. Where it judges by definitions, an unlisted tool would escape judgement."""
        if policy is None:
            return _NO_POLICY
        if policy.tools.reads_traits:
            call = msgspec.structs.replace(call, tool=self._inquiry.classified(call.tool))
        decision = pdp.decide(policy, call)
        if decision.is_allowed and policy.needs_definitions and not self._inquiry.is_known(call.tool.name):
            return _refused(decision, _UNLISTED)
        return decision

    async def _reserve(self, decision: Decision, now: int, taken: Taken) -> tuple[Decision, Reservation | None]:
        """The decision once its limits are counted, and what it reserved where it still allows. What continues a call
        that was charged is not charged again."""
        if decision.effect is Effect.REQUIRE_APPROVAL:
            return msgspec.structs.replace(decision, reason=f"{decision.reason}; {_NO_APPROVALS}"), None
        asked = decision.obligations
        if not decision.is_allowed or not (asked.reserve or asked.rehearse) or taken.is_paid:
            return decision, None
        try:
            answer = await self._counters.reserve(asked.reserve, now) if asked.reserve else None
        except StoreError as error:
            return _refused(decision, f"its limits could not be counted ({error})"), None
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
            accounts.settle(intent, "failed" if seen.is_error else "returned", **more)
            now = self._clock.now()
            return self._rounds.mark(data, seen, request, agent.principal.id, intent.id, now, approved)

        def lost(reason: str) -> None:
            accounts.settle(intent, "unknown", reason=reason)

        def failure(reason: str) -> bytes:
            return answers.failure(request.id, f"{reason}. Nobody can say whether the call took effect.", agent.era)

        def parted() -> None:
            self._unsettled.keep(agent.origin, request.id, watch, self._clock.now())

        watch = Watch(answered, lost, failure, parted if agent.era is Era.LEGACY else None)
        try:
            reply = await self.upstream.send(request, agent.origin)
            reply = await settling(reply, request, reservation, self._counters)
            return relay(veil(reply, decision.obligations.redact), request, watch)
        except UpstreamNotReached as error:
            await self._release(reservation)
            accounts.settle(intent, "not_sent", reason=str(error))
            return _whole(answers.failure(request.id, f"{error}. The call was not sent.", agent.era))
        except UpstreamError as error:
            lost(str(error))
            return _whole(failure(str(error)))
        except asyncio.CancelledError:
            lost("the agent went away before the answer")
            raise

    async def _list(self, request: Request, agent: Agent) -> Reply:
        reply = await self.upstream.send(request, agent.origin)

        def answered(data: bytes, seen: Peek) -> bytes:
            try:
                if not seen.is_error and request.method == "tools/list":
                    self._inquiry.learn(data, is_first="cursor" not in request.params)
            except WireError as error:
                return _failed(request, error.message)
            return self._sight.shown(data, seen.id, request.method, agent.policy, agent.principal, agent.era)

        return relay(reply, request, Watch(answered, _forget, lambda reason: _failed(request, reason)))

    async def _access(self, request: Request, agent: Agent) -> Reply:
        """`resources/read` and `prompts/get`: judged by name or URI, allowed and recorded unless policy says else."""
        is_resource = request.method == "resources/read"
        name = request.params.get("uri" if is_resource else "name")
        if not isinstance(name, str):
            raise WireError(codes.INVALID_PARAMS, f"`{'uri' if is_resource else 'name'}` must be a string")
        now = self._clock.now()
        taken = self._rounds.take(request, agent.principal.id, now)
        call = Call(
            Tool(name, self.server),
            {"uri": name} if is_resource else _object(request.params.get("arguments")),
            agent.principal,
            agent.client,
            self._attendance.enter(agent.principal.id, now),
            now,
        )
        judge = pdp.decide_resource if is_resource else pdp.decide_prompt
        decision = _NO_POLICY if agent.policy is None else judge(agent.policy, call)
        decision, reservation = await self._reserve(decision, now, taken)
        try:
            await self._accounts.access(request.method, call, decision)
        except LedgerError:
            await self._release(reservation)
            raise
        if decision.effect is Effect.HIDE:
            return _whole(_missing(request, name, agent.era))
        if not decision.is_allowed:
            return _whole(answers.refusal(request.id, decision))
        try:
            return await self._ask(taken.request, agent)
        except UpstreamNotReached:
            await self._release(reservation)
            raise

    async def _release(self, reservation: Reservation | None) -> None:
        if reservation is None:
            return
        try:
            await self._counters.release(reservation)
        except StoreError as error:
            say(f"{self.server}: a reservation stays booked: {error}")

    def _broken(self, request: Request, agent: Agent, error: Exception) -> Reply:
        """Whatever nobody expected: no, and on record."""
        self._accounts.broken(self.server, agent.principal, request.method, error)
        if request.method != "tools/call":
            return _whole(answers.error(request.id, codes.INTERNAL_ERROR, "the gate failed; nothing was permitted"))
        decision = Decision(Effect.DENY, "/", "the gate failed, and what it cannot judge it does not permit")
        return _whole(answers.denial(request.id, decision, agent.era))


def _redaction_of(agent: Agent) -> Redaction | None:
    """Everything the agent's policy wants masked, for answers that do not say which call they belong to."""
    return None if agent.policy is None else agent.policy.redaction


def _policy_now(agent: Agent) -> Policy | None:
    return agent.policy if agent.renew is None else agent.renew()


def _refused(decision: Decision, reason: str) -> Decision:
    """The same decision, turned to a refusal because what it asks for cannot be done."""
    return msgspec.structs.replace(decision, effect=Effect.DENY, reason=reason, errors=(*decision.errors, reason))


def _object(arguments: JSON) -> JSONObject:
    if arguments is None:
        return {}
    if not isinstance(arguments, dict):
        raise WireError(codes.INVALID_PARAMS, "`arguments` must be an object")
    return arguments


def _whole(body: bytes) -> Reply:
    return Reply(200, _JSON, body)


def _failed(request: Request, reason: str) -> bytes:
    return answers.error(request.id, codes.UPSTREAM_FAILED, reason)


def _missing(request: Request, name: str, era: Era) -> bytes:
    """The specification's answer to a resource or prompt that is not there."""
    if request.method == "prompts/get":
        return answers.error(request.id, codes.INVALID_PARAMS, f"Unknown prompt: {name}")
    code = codes.INVALID_PARAMS if era is Era.MODERN else codes.RESOURCE_NOT_FOUND
    return answers.error(request.id, code, "Resource not found", {"uri": name})


def _forget(_: str) -> None:
    """Nothing hangs on an answer that never came."""
