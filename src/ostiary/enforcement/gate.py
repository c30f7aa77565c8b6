"""The gate: every message of an agent comes here, and goes where its kind is judged.

Read on in `calls.py`: the path of a tool call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ostiary.enforcement.access import Access
from ostiary.enforcement.accounts import Accounts
from ostiary.enforcement.agent import Agent
from ostiary.enforcement.attendance import Attendance
from ostiary.enforcement.calls import Calls
from ostiary.enforcement.charges import Charges
from ostiary.enforcement.drift_news import DriftNews
from ostiary.enforcement.failures import Failures
from ostiary.enforcement.guard import Guard
from ostiary.enforcement.inquiry import Inquiry
from ostiary.enforcement.judge import Judge
from ostiary.enforcement.news import News
from ostiary.enforcement.pins import Pins
from ostiary.enforcement.replies import failed
from ostiary.enforcement.rounds import Rounds
from ostiary.enforcement.sight import TOOLS_CHANGED, Say, Sight, plainly, to_subscriber
from ostiary.enforcement.tasks import METHODS as TASK_METHODS
from ostiary.enforcement.tasks import Tasks
from ostiary.enforcement.unsettled import Unsettled
from ostiary.enforcement.veil import veil
from ostiary.errors import UpstreamError, WireError
from ostiary.pins.pinned import Pinned
from ostiary.ports import Clock, CounterStore, Reply, TaskStore, Upstream
from ostiary.relay import Answered, Watch, on_every_answer, relay
from ostiary.wire import codes
from ostiary.wire.era import is_approval_task
from ostiary.wire.message import Message, Notification, Peek, Request, Response

if TYPE_CHECKING:
    from ostiary.asking.holding import Holding

_JUDGED = frozenset({"tools/call", "tools/list", "resources/read", "prompts/get"})
_CARRIES_RESULTS = ("tasks/", "subscriptions/")


class Gate:
    """The gate before one upstream: every port is handed in.

    `open_holding` makes what approvals need when the first call is held; None where nobody can be asked. `pinned` gives
    what is approved of the server's tools, None where they are not pinned. `failures` knows what in a result says that
    the call failed.
    """

    def __init__(
        self,
        server: str,
        upstream: Upstream,
        counters: CounterStore,
        accounts: Accounts,
        clock: Clock,
        rounds: Rounds,
        tasks: TaskStore,
        open_holding: Callable[[], Holding] | None = None,
        pinned: Callable[[], Pinned | None] = lambda: None,
        failures: Failures | None = None,
    ) -> None:
        self.server = server
        self.upstream = upstream
        self._clock = clock
        self._rounds = rounds
        self._unsettled = Unsettled()
        failures = failures or Failures()
        self._tasks = Tasks(server, tasks, clock, accounts.task_ended, failures)
        self._pins = Pins(server, pinned, DriftNews(server, accounts), clock)
        self._inquiry = Inquiry(server, upstream, self._pins.learn)
        self._sight = Sight(server, accounts, self._inquiry.classified, self._pins)
        self._news = News()
        self._guard = Guard(server, accounts)
        attendance, charges = Attendance(server), Charges(server, counters)
        self._access = Access(server, charges, accounts, clock, rounds, attendance, self._ask)
        self._calls = Calls(
            server,
            upstream,
            charges,
            accounts,
            clock,
            rounds,
            inquiry=self._inquiry,
            judge=Judge(self._inquiry, self._pins, clock),
            heard=self._heard,
            attendance=attendance,
            tasks=self._tasks,
            unsettled=self._unsettled,
            guard=self._guard,
            failures=failures,
            open_holding=open_holding,
        )

    async def handle(self, message: Message, agent: Agent) -> Reply:
        """Answer one message. Where something goes wrong the answer says so; only what has no answer raises
        `WireError` or `UpstreamError`."""
        if not isinstance(message, Request):
            return await self._pass(message, agent)
        return await self._guard.answer(message, agent, self._answer(message, agent))

    async def _answer(self, request: Request, agent: Agent) -> Reply:
        match request.method:
            case "tools/call":
                return await self._calls.take(request, agent)
            case "tools/list" | "prompts/list" | "resources/list" | "resources/templates/list":
                return await self._list(request, agent)
            case "resources/read" | "prompts/get":
                return await self._access.take(request, agent)
            case "tasks/get" | "tasks/update" | "tasks/cancel" if is_approval_task(request):
                return await self._calls.task(request, agent)
            case _:
                return await self._ask(request, agent)

    async def listen(self, agent: Agent) -> Reply:
        """The stream of what belongs to no request. An answer that comes this way is filtered like any other."""
        reply = veil(await self.upstream.listen(agent.origin), agent.redaction)

        def answered(data: bytes, seen: Peek) -> bytes:
            broke_off = self._unsettled.take(agent.origin, seen.id, self._clock.now())
            if broke_off is not None:
                return broke_off.answered(data, seen)
            return self._sight.shown_of_any(data, seen.id, agent.policy_now, agent.principal, agent.era)

        return self._news.tell_on(on_every_answer(reply, answered, self._heard), self._look_out(agent, plainly))

    def look_again(self) -> None:
        """A policy has changed: tell those who listen and whose lists look different now."""
        self._news.look()

    def compare_again(self) -> None:
        """Other definitions are approved: no list counts that was seen before, and those who listen are told."""
        self._pins.forget()
        self._news.look()

    def ask_again(self) -> None:
        """The server says that its tools have changed: that counts for every session."""
        self._pins.forget()

    def _heard(self, seen: Peek) -> None:
        """What the server says unasked, on any agent's stream."""
        if seen.method == TOOLS_CHANGED:
            self.ask_again()

    def _look_out(self, agent: Agent, say: Say) -> Callable[[], list[bytes]]:
        return self._sight.look_out(agent.policy, lambda: agent.policy_now, self._inquiry.tools, agent.principal, say)

    def close(self) -> None:
        """No answer will come any more."""
        self._unsettled.close()

    async def end(self, agent: Agent) -> Reply:
        self._pins.leave(agent.origin)
        return await self.upstream.end(agent.origin)

    async def _pass(self, message: Notification | Response, agent: Agent) -> Reply:
        """What has no answer. A server that takes a request without an id for a call must not see one either."""
        if isinstance(message, Notification) and message.method in _JUDGED:
            raise WireError(codes.INVALID_REQUEST, f"`{message.method}` is a request: it needs an `id`")
        if await self._calls.hears(message, agent):
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
        """Forward a request that nothing hangs on. Tasks are reached by those who asked for them; to others they do not
        exist."""
        is_of_task = request.method in TASK_METHODS
        if is_of_task and not self._tasks.is_reached(request, agent.principal.id):
            return await self._inquiry.unknown_task(request, agent.origin, agent.era)
        if request.method == "subscriptions/listen":
            self._tasks.check_subscription(request, agent.principal.id)
        reply = await self.upstream.send(request, agent.origin)
        if request.method.startswith(_CARRIES_RESULTS):
            reply = veil(reply, agent.redaction)

        def answered(data: bytes, seen: Peek) -> bytes:
            if is_of_task:
                return self._tasks.answered(data, seen, request, agent.principal.id)
            return self._rounds.mark(data, seen, request, agent.principal.id, "", self._clock.now())

        reply = relay(reply, request, self._watch(request, answered))
        if request.method == "subscriptions/listen":
            return self._news.tell_on(reply, self._look_out(agent, to_subscriber(request)), after_first=True)
        return reply

    async def _list(self, request: Request, agent: Agent) -> Reply:
        reply = await self.upstream.send(request, agent.origin)

        def answered(data: bytes, seen: Peek) -> bytes:
            try:
                if not seen.is_error and request.method == "tools/list":
                    self._inquiry.learn(data, request, agent.origin, is_first="cursor" not in request.params)
            except WireError as error:
                return failed(request, error.message)
            return self._sight.shown(data, seen.id, request.method, agent.policy, agent.principal, agent.era)

        return relay(reply, request, self._watch(request, answered))

    def _watch(self, request: Request, answered: Answered) -> Watch:
        return Watch(answered, _forget, lambda reason: failed(request, reason), heard=self._heard)


def _forget(_: str) -> None:
    """Nothing hangs on an answer that never came."""
