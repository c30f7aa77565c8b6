"""One request of a stateless agent, run in a session. It goes on while its agent is asked something: the agent's next
request with the answer takes it up again."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import msgspec

from ostiary.errors import UpstreamError, WireError
from ostiary.ports import Reply
from ostiary.resume import resumed
from ostiary.upstream.exchange import Exchange, Ids
from ostiary.wire import rewrite, translate
from ostiary.wire.era import meta_of
from ostiary.wire.members import value_at
from ostiary.wire.message import Id, Peek, Request, peek

if TYPE_CHECKING:
    from ostiary.upstream.eras.held import Held
    from ostiary.upstream.eras.session import Session

_KEY: Final = "input"
_CAPACITY: Final = 1024 * 1024


class SessionLost(UpstreamError):
    """The server does not know the session any more, so the request in it was not looked at."""


class Errand:
    """`held` keeps it while a question is open. `seen` is the id under which the request travels."""

    def __init__(self, request: Request, principal: str, session: Session, held: Held) -> None:
        self.request = request
        self.principal = principal
        self.seen = session.number()
        self._session = session
        self._held = held
        self._turn = self._open(request)
        self._question: tuple[Id | None, bytes] | None = None
        self._further: deque[tuple[Id | None, bytes]] = deque()
        self._outcome: tuple[bytes, Peek] | None = None
        self._room = asyncio.Event()
        self._room.set()
        session.enter(self)
        self._running = asyncio.create_task(self._run())

    async def reply(self) -> Reply:
        """What the agent gets for the request it waits with now. Cancelling it cancels the errand."""
        turn = self._turn
        try:
            return await turn.reply
        except asyncio.CancelledError:
            turn.abandon()
            raise

    def resume(self, request: Request) -> None:
        """The agent has come back, with an answer to the question or without."""
        self.request = request
        self._turn = self._open(request)
        answer = value_at(request.raw, ("params", "inputResponses", _KEY))
        if self._question is not None:
            if answer is None:
                self._put(*self._question)
                return
            self._session.respond(self._question[0], {"result": msgspec.Raw(answer)})
            self._question = None
        if self._outcome is not None:
            self._finish(*self._outcome)
        elif self._further:
            self._put(*self._further.popleft())

    def cancel(self) -> None:
        """Nobody waits for it any more, and the server is told."""
        self._session.cancel(self.seen)
        self._end()

    def fail(self, error: UpstreamError) -> None:
        self._turn.fail(error)
        self._end()

    def hear(self, raw: bytes) -> None:
        """Something came for it, or for nobody in particular. Raises `WireError` for nonsense."""
        seen = peek(raw)
        if seen.kind == "response":
            if seen.id == self.seen or (seen.id is None and seen.is_error):
                self._finish(raw, seen)
        elif seen.kind == "request":
            self._ask(seen, raw)
        elif seen.method == "notifications/progress":
            self.report(raw)
        elif seen.method == "notifications/message":
            self._log(raw)
        else:
            self._session.announce(seen, raw)

    def report(self, raw: bytes) -> None:
        """Progress of it, to the token of the agent."""
        token = meta_of(self.request).get("progressToken")
        if isinstance(token, str | int) and not self._turn.is_over:
            self._turn.relate(rewrite.with_reported_token(raw, token))

    async def _run(self) -> None:
        try:
            await self._session.set_level(meta_of(self.request).get(translate.META_LOG_LEVEL))
            token = self.seen if "progressToken" in meta_of(self.request) else None
            reply = await self._session.send(translate.legacy_request(self.request, self.seen, token))
            await self._read(reply)
        except (WireError, UpstreamError) as error:
            self.fail(error if isinstance(error, UpstreamError) else UpstreamError(error.message))

    async def _read(self, reply: Reply) -> None:
        if isinstance(reply.body, bytes):
            if reply.status == 404:
                raise SessionLost("the server does not know the session any more")
            self.hear(reply.body)
        else:
            events = resumed(reply.body, self._session.take_up, lambda _: self._outcome is not None)
            async with aclosing(events):
                async for event in events:
                    if event.data:
                        self.hear(event.data)
                    await self._room.wait()
        if self._outcome is None:
            raise UpstreamError(f"the server ended its answer to `{self.request.method}` before it was whole")

    def _ask(self, seen: Peek, raw: bytes) -> None:
        if seen.method is None or not translate.is_declared(seen.method, self.request):
            self._session.refuse(seen)
        elif self._turn.is_over:
            self._further.append((seen.id, raw))
        else:
            self._put(seen.id, raw)

    def _put(self, id: Id | None, raw: bytes) -> None:
        self._question = id, raw
        self._turn.answer(translate.question(self.request, _KEY, raw, self._held.keep(self)))

    def _log(self, raw: bytes) -> None:
        if not self._turn.is_over and translate.is_logged(raw, self.request):
            self._turn.relate(raw)

    def _finish(self, raw: bytes, seen: Peek) -> None:
        """Keep the answer for an agent that is still being asked."""
        self._outcome = raw, seen
        if not self._turn.is_over:
            answer = translate.modern_answer(raw, self.request, self._session.greeting)
            self._turn.answer(answer, peek(answer).error_code)
        if self._question is None:
            self._session.leave(self)

    def _open(self, request: Request) -> Exchange:
        ids = Ids(request.id, self.seen)
        return Exchange(request, ids, self.principal, _CAPACITY, lambda _: self.cancel(), self._hold)

    def _hold(self, exchange: Exchange, *, is_full: bool) -> None:  # noqa: ARG002
        if is_full:
            self._room.clear()
        else:
            self._room.set()

    def _end(self) -> None:
        self._session.leave(self)
        self._running.cancel()
