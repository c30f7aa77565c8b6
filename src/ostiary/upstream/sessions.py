"""A stdio server behind an HTTP front: a child for every session of the legacy wire, and one per principal for the
stateless wire, started on demand, ended when idle; or one for all."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Final

from ostiary.errors import UpstreamNotReached, WireError
from ostiary.notices import say
from ostiary.ports import Origin, Reply
from ostiary.upstream.backoff import Backoff
from ostiary.upstream.common import JSON, is_stateless, names_stateless, session_id, unknown_session
from ostiary.upstream.line import Far
from ostiary.upstream.seats import MakeChild, Overheard, Seat, Table
from ostiary.upstream.stdio import StdioLimits, StdioUpstream
from ostiary.upstream.streams import Streams
from ostiary.wire import answers, codes
from ostiary.wire.headers import SESSION
from ostiary.wire.message import Id, Message, Request, peek

_EVICTABLE: Final = 60.0
"""Seconds without use after which a session gives way to a new one of the same principal: few clients end theirs."""


class Session:
    """One child, or a seat at the one that all share, and whose it is. `id` is None for the stateless wire, `principal`
    None where all share its child."""

    def __init__(
        self, upstream: StdioUpstream | Seat, streams: Streams, id: str | None, principal: str | None, now: float
    ) -> None:
        self.upstream = upstream
        self.streams = streams
        self.id = id
        self.principal = principal
        self.started = now
        self.used = now
        self.is_ending = False


class StdioSessions:
    """The port `Upstream` over as many children of one command as there are sessions.

    A legacy `initialize` starts a child and its reply carries a session id that nobody can guess; a session used by
    another principal does not exist for it. Stateless messages of one principal share a child. With `share` there is
    one child for all sessions, and one for all stateless messages. There are at most `most` sessions at once,
    `most_per_principal` for one; `idle` is in seconds, and so is `poll_after`, after which an agent of a session is
    asked to come back for the rest of an answer. `turned_away` is told of each that there was no room for.
    """

    def __init__(
        self,
        command: Far,
        *,
        name: str,
        share: bool = False,
        most: int = 64,
        most_per_principal: int = 16,
        idle: float = 1800.0,
        poll_after: float | None = None,
        turned_away: Callable[[], None] = lambda: None,
        limits: StdioLimits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        stderr: Callable[[bytes], None] | None = None,
    ) -> None:
        self._command = command
        self._name = name
        self._share = share
        self._most = most
        self._most_per_principal = most_per_principal
        self._idle = idle
        self._poll_after = poll_after
        self._turned_away = turned_away
        self._limits = limits
        self._monotonic = monotonic
        self._stderr = stderr
        self._backoff = Backoff()
        self._by_id: dict[str, Session] = {}
        self._common: dict[str | None, Session] = {}
        self._table: Table | None = None
        self._starting = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None

    async def send(self, message: Message, origin: Origin) -> Reply:
        id = message.id if isinstance(message, Request) else None
        if is_stateless(message, origin):
            if isinstance(message, Request) and message.method == "initialize":
                return _gone(message.id)
            session = await self._common_session(origin.principal)
            return self._full(id) if session is None else await self._forward(session, message, origin)
        if isinstance(message, Request) and message.method == "initialize" and session_id(origin) is None:
            return await self._initialize(message, origin)
        session = self._find(origin)
        return unknown_session(origin, id) if session is None else await self._forward(session, message, origin)

    async def listen(self, origin: Origin) -> Reply:
        if names_stateless(origin):
            return Reply(405, ((b"allow", b"POST"),), b"")
        session = self._find(origin)
        return (
            unknown_session(origin, None) if session is None else await session.streams.listen(session.upstream, origin)
        )

    async def end(self, origin: Origin) -> Reply:
        session = self._find(origin)
        if session is None:
            return unknown_session(origin, None)
        self._remove(session)
        await session.upstream.close()
        return Reply(204, (), b"")

    async def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        for session in self._sessions():
            self._remove(session)
        if self._table is not None:
            await self._table.child.close()
        while self._closing:
            await asyncio.gather(*self._closing)

    def expire(self) -> None:
        """End the sessions that have been idle for too long. Called by itself from time to time."""
        now = self._monotonic()
        for session in self._sessions():
            if session.upstream.is_busy:
                session.used = now
            elif now - session.used >= self._idle:
                self._remove(session)

    # sessions

    def __len__(self) -> int:
        """How many there are, those of the stateless wire among them."""
        return len(self._by_id) + len(self._common)

    @property
    def children(self) -> int:
        """How many processes they have."""
        seats = sum(isinstance(session.upstream, Seat) for session in self._by_id.values())
        return len(self) - seats + (self._table is not None)

    async def _initialize(self, request: Request, origin: Origin) -> Reply:
        session = self._admit(secrets.token_urlsafe(24), origin.principal)
        if session is None or session.id is None:
            return self._full(request.id)
        is_open = False
        try:
            await self._start(session)
            reply = await self._forward(session, request, origin)
            is_open = not _is_refusal(reply)
        finally:
            if not is_open:
                self._remove(session)
        if not is_open:
            return reply
        return Reply(reply.status, (*reply.headers, (SESSION, session.id.encode())), reply.body)

    async def _common_session(self, principal: str) -> Session | None:
        """The child for stateless messages; None where there may be no more children."""
        key = None if self._share else principal
        async with self._starting:
            session = self._common.get(key)
            if session is None and (session := self._admit(None, key)) is not None:
                await self._start(session)
        return session

    async def _start(self, session: Session) -> None:
        is_started = False
        try:
            await session.upstream.start()
            is_started = True
        finally:
            if not is_started:
                self._lose(session)

    async def _forward(self, session: Session, message: Message, origin: Origin) -> Reply:
        session.used = self._monotonic()
        try:
            reply = await session.upstream.send(message, origin)
            return reply if session.id is None else session.streams.record(reply, origin)
        finally:
            session.used = self._monotonic()

    def _admit(self, id: str | None, principal: str | None) -> Session | None:
        """Room for a new child, taken at once; None where there is none. Raises `UpstreamNotReached` while backing
        off."""
        now = self._monotonic()
        if (wait := self._backoff.remaining(now)) > 0:
            raise UpstreamNotReached(f"`{self._name}` keeps ending; it is started again in {wait:.1f} s")
        own = [session for session in self._sessions() if session.principal == principal]
        if principal is not None and len(own) >= self._most_per_principal:
            oldest = min(own, key=lambda session: session.used)
            if oldest.upstream.is_busy or now - oldest.used < _EVICTABLE:
                return None
            self._remove(oldest)
        if len(self._by_id) + len(self._common) >= self._most:
            return None
        if self._share and id is not None:
            session = Session(self._seat(id), Streams(self._poll_after), id, principal, now)
        else:
            child = self._child(lambda: self._lose(session), is_shared=id is None)
            session = Session(child, Streams(self._poll_after), id, principal, now)
        if id is None:
            self._common[principal] = session
        else:
            self._by_id[id] = session
        self._schedule_sweep()
        return session

    def _child(
        self, ended: Callable[[], None], *, is_shared: bool, overheard: Overheard | None = None
    ) -> StdioUpstream:
        return StdioUpstream(
            self._command,
            is_shared=is_shared,
            prefix=f"[{self._name}] ",
            limits=self._limits,
            stderr=self._stderr,
            ended=ended,
            overheard=overheard,
        )

    def _seat(self, name: str) -> Seat:
        if self._table is None:
            started = self._monotonic()
            make: MakeChild = lambda heard: self._child(lambda: self._clear(started), is_shared=True, overheard=heard)  # noqa: E731
            self._table = Table(make)
        return Seat(self._table, name, lambda what: say(f"`{self._name}`: {what}"))

    def _clear(self, started: float) -> None:
        """The child that all shared has ended, and every session at it."""
        self._backoff.record(started, self._monotonic())
        self._table = None
        for session in list(self._by_id.values()):
            self._remove(session)

    def _find(self, origin: Origin) -> Session | None:
        id = session_id(origin)
        session = None if id is None else self._by_id.get(id)
        return session if session is not None and session.principal == origin.principal else None

    def _sessions(self) -> list[Session]:
        return [*self._by_id.values(), *self._common.values()]

    def _lose(self, session: Session) -> None:
        """Its child has ended. Where nobody asked it to, the next one may have to wait."""
        if not session.is_ending:
            self._backoff.record(session.started, self._monotonic())
            self._remove(session)

    def _remove(self, session: Session) -> None:
        if session.is_ending:
            return
        session.is_ending = True
        if session.id is not None:
            self._by_id.pop(session.id, None)
        else:
            self._common.pop(session.principal, None)
        closing = asyncio.get_running_loop().create_task(session.upstream.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _schedule_sweep(self) -> None:
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(min(60.0, self._idle / 2), self._begin_sweep)

    def _begin_sweep(self) -> None:
        self._sweep = None
        self.expire()
        if self._by_id or self._common:
            self._schedule_sweep()

    def _full(self, id: Id | None) -> Reply:
        self._turned_away()
        text = f"`{self._name}` runs as many sessions as it may; end one, or try again later"
        return Reply(503, (*JSON, (b"retry-after", b"60")), answers.error(id, codes.UPSTREAM_FAILED, text))


def _is_refusal(reply: Reply) -> bool:
    if not isinstance(reply.body, bytes):
        return False
    try:
        return reply.status != 200 or peek(reply.body).is_error
    except WireError:
        return True


def _gone(id: Id) -> Reply:
    """The stateless wire has no handshake; a child would take it for a misunderstanding about versions."""
    return Reply(404, JSON, answers.error(id, codes.METHOD_NOT_FOUND, "there is no `initialize` in this version"))
