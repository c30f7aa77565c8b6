"""Agents that only know sessions (2025-11-25 and before) at a stateless server (2026-07-28)."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Final

from ostiary.errors import UpstreamError, WireError
from ostiary.notices import say
from ostiary.ports import Origin, Reply, Upstream
from ostiary.upstream.common import JSON, session_id, unknown_session
from ostiary.upstream.eras.agent_session import AgentSession
from ostiary.upstream.eras.server import StatelessServer
from ostiary.wire import answers, codes, sessionless
from ostiary.wire.era import MODERN_VERSION, is_modern
from ostiary.wire.headers import SESSION
from ostiary.wire.members import strings_at
from ostiary.wire.message import Id, Message, Request, peek

MARK: Final = "ostiary."
"""What the id of every session begins with that is kept here: one from before a restart is known to be gone."""
MOST: Final = 1024
MOST_PER_PRINCIPAL: Final = 64
IDLE: Final = 1800.0
PATIENCE: Final = 20.0
"""Seconds that a server may take to say which versions it speaks, its start included."""
_SAID_TO_STRANGERS: Final = frozenset(
    {codes.UNSUPPORTED_PROTOCOL_VERSION, codes.METHOD_NOT_FOUND, codes.INVALID_PARAMS, codes.HEADER_MISMATCH}
)
"""Errors with which a stateless server refuses what it takes for a request without a description of itself."""
_EVICTABLE: Final = 60.0


class SessionAgents:
    """Their sessions are kept here, as the server keeps none. `is_alone` says that there is one agent only, which names
    no session. At most `most` sessions, `most_per_principal` for one; `idle` is in seconds."""

    def __init__(
        self,
        upstream: Upstream,
        *,
        is_alone: bool = False,
        most: int = MOST,
        most_per_principal: int = MOST_PER_PRINCIPAL,
        idle: float = IDLE,
        poll_after: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = StatelessServer(upstream)
        self._is_alone = is_alone
        self._most = most
        self._most_per_principal = most_per_principal
        self._idle = idle
        self._poll_after = poll_after
        self._monotonic = monotonic
        self._sessions: dict[str, AgentSession] = {}
        self._used: dict[str, float] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._sessions)

    def has(self, origin: Origin) -> bool:
        """Whether the message belongs to a session that is, or was, kept here."""
        id = session_id(origin)
        return bool(self._sessions) if id is None and self._is_alone else (id or "").startswith(MARK)

    async def open(self, hello: Request, origin: Origin) -> Reply | None:
        """Answer `initialize`; None where the server knows sessions itself, or speaks no version that is known here.
        Raises `UpstreamError` where it does not say."""
        session = AgentSession(self._server, hello, origin.principal, self._complain, self._poll_after)
        try:
            async with asyncio.timeout(PATIENCE):
                discovered = await session.open()
            if not _is_stateless_only(discovered):
                return None
            answer = sessionless.greeting(discovered, hello)
        except TimeoutError:
            return None
        except (WireError, KeyError) as error:
            raise UpstreamError(f"the server's answer to `server/discover` cannot be understood: {error}") from None
        if not self._has_room(origin.principal):
            return _full(hello.id)
        id = f"{MARK}{secrets.token_urlsafe(24)}"
        if self._is_alone:
            self._forget_all()
        self._sessions[id] = session
        self._used[id] = self._monotonic()
        self._schedule_sweep()
        return Reply(200, (*JSON, (SESSION, id.encode())), answer)

    async def send(self, message: Message, origin: Origin) -> Reply:
        """Answer one message. Raises `UpstreamError`."""
        session = self._find(origin)
        if session is None:
            return unknown_session(origin, message.id if isinstance(message, Request) else None)
        return await session.send(message, origin)

    async def listen(self, origin: Origin) -> Reply:
        session = self._find(origin)
        return unknown_session(origin, None) if session is None else await session.listen(origin)

    async def end(self, origin: Origin) -> Reply:
        session = self._find(origin)
        if session is None:
            return unknown_session(origin, None)
        self._forget(next(id for id, known in self._sessions.items() if known is session))
        return Reply(204, (), b"")

    def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        self._forget_all()

    def expire(self) -> None:
        """End what has been idle for too long. Called by itself from time to time."""
        now = self._monotonic()
        for id, used in list(self._used.items()):
            if self._sessions[id].is_busy:
                self._used[id] = now
            elif now - used >= self._idle:
                self._forget(id)

    def _find(self, origin: Origin) -> AgentSession | None:
        id = session_id(origin)
        if id is None and self._is_alone:
            id = next(iter(self._sessions), None)
        session = None if id is None else self._sessions.get(id)
        if id is None or session is None or session.principal != origin.principal:
            return None
        self._used[id] = self._monotonic()
        return session

    def _has_room(self, principal: str) -> bool:
        """Whether there may be one more; few agents end theirs, so one that is not used gives way."""
        own = [id for id, session in self._sessions.items() if session.principal == principal]
        if len(own) >= self._most_per_principal:
            oldest = min(own, key=self._used.__getitem__)
            if self._sessions[oldest].is_busy or self._monotonic() - self._used[oldest] < _EVICTABLE:
                return False
            self._forget(oldest)
        return len(self._sessions) < self._most

    def _forget(self, id: str) -> None:
        del self._used[id]
        self._sessions.pop(id).close()

    def _forget_all(self) -> None:
        for id in list(self._sessions):
            self._forget(id)

    def _complain(self, what: str) -> None:
        say(f"a server without sessions: {what}")

    def _schedule_sweep(self) -> None:
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(min(60.0, self._idle / 2), self._begin_sweep)

    def _begin_sweep(self) -> None:
        self._sweep = None
        self.expire()
        if self._sessions:
            self._schedule_sweep()


def is_refusal(reply: Reply) -> bool:
    """Whether this is what a server says to `initialize` that knows no such thing."""
    if not isinstance(reply.body, bytes) or reply.status not in (200, 400, 404, 405):
        return False
    try:
        return peek(reply.body).error_code in _SAID_TO_STRANGERS
    except WireError:
        return reply.status != 200


def _is_stateless_only(discovered: bytes) -> bool:
    """Whether the server speaks our stateless version, and none that has sessions."""
    found = strings_at(discovered, ("result", "supportedVersions"))
    return MODERN_VERSION in found and all(map(is_modern, found))


def _full(id: Id) -> Reply:
    text = "there are as many sessions as there may be; end one, or try again later"
    return Reply(503, (*JSON, (b"retry-after", b"60")), answers.error(id, codes.UPSTREAM_FAILED, text))
