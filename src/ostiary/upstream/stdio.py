"""A stdio server as an upstream: one child, its answers brought back to whoever asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec

from ostiary.errors import UpstreamError, UpstreamNotReached, UpstreamOver, WireError
from ostiary.model import JSONObject
from ostiary.notices import say
from ostiary.ports import Origin, Reply
from ostiary.upstream.child_stderr import ChildStderr
from ostiary.upstream.common import HARMLESS, JSON
from ostiary.upstream.exchange import SUBSCRIPTION, Exchange
from ostiary.upstream.inbox import Inbox
from ostiary.upstream.line import Far, Line
from ostiary.upstream.register import Register
from ostiary.upstream.streams import is_primed
from ostiary.wire import answers, codes, rewrite
from ostiary.wire.era import Era, era_of
from ostiary.wire.headers import prefers_events
from ostiary.wire.message import Message, Notification, Request, Response
from ostiary.wire.peek import Peek, peek

_CANCEL_GRACE = 5.0
_LAST_WORDS = 2.0
"""Seconds that a child which takes nothing more may take to end."""
_PRIMED_AFTER = 2.0
"""Seconds without an answer after which it becomes a stream, which the agent can take up if it loses its connection."""
_SHARED_ROOM = 8
"""How many times more an unread stream may hold where it cannot make the child wait for its reader alone."""


class StdioLimits(msgspec.Struct, frozen=True):
    """Sizes in bytes, times in seconds. `answer` is how long a request may take; None waits for ever."""

    message: int = 64 * 1024 * 1024
    buffered: int = 1024 * 1024
    answer: float | None = None
    grace: float = 2.0


class StdioUpstream:
    """The port `Upstream` over one child process, started by `start` and never again.

    Exclusive (the default) is for one agent's session: its bytes and ids go through untouched, and what belongs to no
    request goes to `listen`, else to the newest request, else waits. Shared, ids and progress tokens are the gateway's
    own, so that nobody gets another's answer; the child's own questions are refused, its other notifications go to
    `overheard`. `stderr` gets what the child writes there, line by line after `prefix`; `ended` is called once when it
    has ended.
    """

    def __init__(
        self,
        command: Far,
        *,
        is_shared: bool = False,
        prefix: str = "",
        limits: StdioLimits | None = None,
        stderr: Callable[[bytes], None] | None = None,
        ended: Callable[[], None] | None = None,
        overheard: Callable[[Peek, bytes], None] | None = None,
    ) -> None:
        self._command = command
        self._is_shared = is_shared
        self._overheard = overheard
        self._limits = limits or StdioLimits()
        self._stderr = ChildStderr(prefix) if stderr is None else ChildStderr(prefix, stderr)
        self._told = ended
        self._child: Line | None = None
        self._starting = asyncio.Lock()
        self._pending = Register(is_shared=is_shared)
        self._holding: set[Exchange] = set()
        self._complaints: set[str] = set()
        self._inbox = Inbox(self._limits.buffered, self._complain)
        self._has_spoken = False

    @property
    def label(self) -> str:
        """The command's name, fit for people and logs."""
        return self._command.label

    @property
    def is_over(self) -> bool:
        """The child has ended; only another upstream can start another."""
        return self._child is not None and self._child.is_over

    @property
    def epitaph(self) -> str:
        """Why the child is over, for people."""
        child = self._started()
        return f"{child.epitaph}{child.last_words}"

    @property
    def is_busy(self) -> bool:
        return self._starting.locked() or len(self._pending) > 0 or self._inbox.is_read

    def is_asked_by(self, principal: str) -> bool:
        """Whether it owes that principal an answer."""
        return any(exchange.principal == principal for exchange in self._pending)

    async def start(self) -> None:
        """Start the child. Raises `UpstreamNotReached`."""
        async with self._starting:
            if self._child is None:
                self._child = await self._command.open(self._stderr, self._receive, self._bereave, self._limits.message)

    async def wait(self) -> int:
        """The child's exit status, once it has ended."""
        return await self._started().wait()

    async def send(self, message: Message, origin: Origin) -> Reply:
        child = self._started()
        match message:
            case Request():
                return await self._ask(child, message, origin)
            case Notification(method="notifications/cancelled"):
                self._cancel(child, message, origin)
            case Response() if self._is_shared:
                raise UpstreamNotReached("a shared server asks no agent anything; the answer was dropped")
            case _:
                child.write(rewrite.one_line(message.raw))
        await child.drained()
        return Reply(202, (), b"")

    async def listen(self, origin: Origin) -> Reply:  # noqa: ARG002
        if self._is_shared:
            return Reply(405, ((b"allow", b"POST"),), b"")
        return Reply(200, (), self._inbox.open())

    async def end(self, origin: Origin) -> Reply:  # noqa: ARG002
        await self.close()
        return Reply(204, (), b"")

    async def close(self) -> None:
        async with self._starting:  # a child that is being started is stopped too
            if self._child is not None:
                await self._child.stop(self._limits.grace)

    def _started(self) -> Line:
        if self._child is None:
            raise UpstreamNotReached(f"`{self._command.label}` has not been started")
        return self._child

    async def _ask(self, child: Line, request: Request, origin: Origin) -> Reply:
        if not self._is_shared and self._pending.under(request.id) is not None:
            words = "a request with this id is still waiting for its answer"
            return Reply(400, JSON, answers.error(request.id, codes.INVALID_REQUEST, words))
        exchange = self._open(request, origin)
        try:
            child.write(rewrite.one_line(exchange.ids.outward(request.raw)))
        except UpstreamNotReached:
            self._forget(exchange)
            with suppress(TimeoutError):  # it may be about to end, and to say why
                async with asyncio.timeout(_LAST_WORDS):
                    await child.wait()
            raise UpstreamNotReached(f"{child.epitaph}; nothing was sent{child.last_words}") from None
        if era_of(request) is Era.LEGACY and request.method != "initialize" and prefers_events(origin.headers):
            exchange.begin()
        elif is_primed(origin) and era_of(request) is Era.LEGACY:
            begins = asyncio.get_running_loop().call_later(_PRIMED_AFTER, exchange.begin_unanswered)
            exchange.reply.add_done_callback(lambda _: begins.cancel())
        if self._limits.answer is None:
            return await self._await(exchange)
        try:
            async with asyncio.timeout(self._limits.answer):
                return await self._await(exchange)
        except TimeoutError:
            if era_of(request) is Era.LEGACY:  # else leaving has told it already
                self._tell_cancelled(exchange)
            words = f"did not answer `{request.method}` in {self._limits.answer:g} s"
            raise UpstreamError(f"`{self._command.label}` {words}") from None

    async def _await(self, exchange: Exchange) -> Reply:
        try:
            return await exchange.reply
        except asyncio.CancelledError:
            exchange.abandon()
            raise

    def _open(self, request: Request, origin: Origin) -> Exchange:
        capacity = self._limits.buffered * (_SHARED_ROOM if self._is_shared else 1)
        ids = self._pending.number(request)
        exchange = Exchange(request, ids, origin.principal, capacity, self._leave, self._hold)
        self._pending.enter(exchange)
        return exchange

    def _forget(self, exchange: Exchange) -> None:
        self._pending.strike(exchange)
        self._hold(exchange, is_full=False)

    # cancelling

    def _leave(self, exchange: Exchange) -> None:
        """Nobody waits for it any more: cancelled, on the stateless wire; before it, only a notification cancels."""
        self._forget(exchange)
        if era_of(exchange.request) is Era.MODERN:
            self._tell_cancelled(exchange)

    def _tell_cancelled(self, exchange: Exchange) -> None:
        params = {"requestId": exchange.ids.seen, "reason": "the agent no longer waits"}
        self._say({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params})

    def _cancel(self, child: Line, notification: Notification, origin: Origin) -> None:
        """Pass the agent's own cancellation on; the child need not answer then, so it is not waited for much longer."""
        exchange = self._pending.asked_by(origin.principal, notification.params.get("requestId"))
        raw = rewrite.one_line(notification.raw)
        if not self._is_shared:
            child.write(raw)
        elif exchange is not None:
            child.write(rewrite.with_cancelled_id(raw, exchange.ids.seen))
        if exchange is not None:
            asyncio.get_running_loop().call_later(_CANCEL_GRACE, self._give_up, exchange)

    def _give_up(self, exchange: Exchange) -> None:
        if not exchange.is_over:
            self._forget(exchange)
            exchange.give_up()

    # what the child says

    def _receive(self, line: bytes) -> None:
        if not line or line.isspace():
            return
        try:
            messages = [line] if line.lstrip()[:1] != b"[" else msgspec.json.decode(line, type=list[msgspec.Raw])
            for raw in messages:
                self._route(bytes(raw))
        except (WireError, msgspec.DecodeError) as error:
            kind = str(error.code) if isinstance(error, WireError) else "batch"
            self._complain(f"wrote a line that is no JSON-RPC message; dropped: {line[:80]!a}", kind)

    def _route(self, raw: bytes) -> None:
        seen = peek(raw)
        self._has_spoken = True
        if seen.kind == "response":
            exchange = self._pending.under(seen.id)
            if exchange is not None:
                self._forget(exchange)
                exchange.answer(exchange.ids.inward_answer(raw), seen.error_code)
        elif (exchange := self._related(seen, raw)) is not None:
            exchange.relate(exchange.ids.inward_notification(raw))
        elif self._is_shared:
            self._unrelated_in_shared(seen, raw)
        elif self._inbox.is_read or (newest := self._pending.newest) is None:
            self._inbox.put(raw)
        else:
            newest.relate(raw)

    def _related(self, seen: Peek, raw: bytes) -> Exchange | None:
        """The request that a notification names: by its progress token, or as its subscription."""
        if seen.method == "notifications/progress":
            return self._pending.reporting_to(rewrite.id_at(raw, rewrite.REPORTED_TOKEN))
        if SUBSCRIPTION in raw:
            return self._pending.under(rewrite.id_at(raw, rewrite.SUBSCRIPTION_ID))
        return None

    def _unrelated_in_shared(self, seen: Peek, raw: bytes) -> None:
        if seen.kind == "request":
            if seen.method == "ping":
                self._say({"jsonrpc": "2.0", "id": seen.id, "result": {}})
                return
            error: JSONObject = {
                "code": codes.METHOD_NOT_FOUND,
                "message": "nobody can be asked: several agents share this server",
            }
            self._say({"jsonrpc": "2.0", "id": seen.id, "error": error})
        elif seen.method == "notifications/message":
            if (exchange := self._pending.newest_logged) is not None:
                exchange.relate(raw)
        elif self._overheard is not None:
            self._overheard(seen, raw)

    def _say(self, message: JSONObject) -> None:
        """A message of our own. A child that is over needs none."""
        with suppress(UpstreamNotReached):
            self._started().write(msgspec.json.encode(message))

    def _hold(self, exchange: Exchange, *, is_full: bool) -> None:
        """A reader too slow for its stream makes an exclusive child wait; in a shared one it loses its stream."""
        if not is_full:
            if exchange in self._holding:
                self._holding.remove(exchange)
                if not self._holding:
                    self._started().resume()
        elif not self._is_shared:
            self._holding.add(exchange)
            self._started().pause()
        else:
            self._forget(exchange)
            exchange.fail(UpstreamError("the agent reads its stream too slowly; it was ended"))
            self._tell_cancelled(exchange)

    def _bereave(self) -> None:
        """The child is over, maybe before `start` has it: nothing that was asked will be answered."""
        for exchange in self._pending:
            child = self._started()
            self._forget(exchange)
            method = exchange.request.method
            if self._has_spoken or method not in HARMLESS:
                exchange.fail(UpstreamOver(f"{child.epitaph} before it answered `{method}`"))
            else:
                exchange.fail(UpstreamNotReached(f"{child.epitaph} before it answered anything{child.last_words}"))
        self._inbox.close()
        if self._told is not None:
            self._told()

    def _complain(self, what: str, kind: str = "") -> None:
        if kind not in self._complaints:
            self._complaints.add(kind)
            say(f"`{self._command.label}` {what}")
