"""The sessions that stateless agents have with one legacy server, opened when needed, ended when idle."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

from ostiary.errors import UpstreamNotReached
from ostiary.ports import Upstream
from ostiary.upstream.eras.session import Session
from ostiary.wire.era import META_CLIENT, meta_of
from ostiary.wire.message import Request
from ostiary.wire.translate import legacy_capabilities

IDLE: Final = 300.0
MOST: Final = 64

Key: TypeAlias = "tuple[str, bytes, str]"


class Sessions:
    """One for each principal, client and set of capabilities, so that a server asks nobody what they cannot answer.

    At most `most`; `idle` is in seconds. A server that names no sessions has only one.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        most: int = MOST,
        idle: float = IDLE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._upstream = upstream
        self._most = most
        self._idle = idle
        self._monotonic = monotonic
        self._sessions: dict[Key, Session] = {}
        self._used: dict[Session, float] = {}
        self._opening: dict[Key, asyncio.Lock] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None

    async def find(self, request: Request, principal: str) -> Session:
        """The session that serves this request, opened if need be. Raises `UpstreamError`."""
        key = _key(request, principal)
        async with self._opening.setdefault(key, asyncio.Lock()):
            session = self._sessions.get(key) or self._only()
            if session is None:
                session = await self._open(request, principal, key)
        self._opening.pop(key, None)
        self._used[session] = self._monotonic()
        return session

    def forget(self, session: Session) -> None:
        """It is over; the next request opens another."""
        self._used.pop(session, None)
        for key in [key for key, known in self._sessions.items() if known is session]:
            del self._sessions[key]
        closing = asyncio.create_task(session.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        for session in list(self._used):
            self.forget(session)
        while self._closing:
            await asyncio.gather(*self._closing)

    def expire(self) -> None:
        """End what has been idle for too long. Called by itself from time to time."""
        now = self._monotonic()
        for session, used in list(self._used.items()):
            if session.is_busy:
                self._used[session] = now
            elif now - used >= self._idle and not session.is_only:
                self.forget(session)

    def _only(self) -> Session | None:
        return next((session for session in self._used if session.is_only), None)

    async def _open(self, request: Request, principal: str, key: Key) -> Session:
        if len(self._sessions) >= self._most:
            idle = [session for session in self._used if not session.is_busy]
            if not idle:
                raise UpstreamNotReached("there are as many sessions with this server as there may be; try again later")
            self.forget(min(idle, key=lambda session: self._used[session]))
        session = Session(self._upstream, principal)
        await session.open(request)
        self._sessions[key] = session
        self._schedule_sweep()
        return session

    def _schedule_sweep(self) -> None:
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(self._idle / 2, self._begin_sweep)

    def _begin_sweep(self) -> None:
        self._sweep = None
        self.expire()
        if self._sessions:
            self._schedule_sweep()


def _key(request: Request, principal: str) -> Key:
    client = meta_of(request).get(META_CLIENT)
    return principal, msgspec.json.encode(legacy_capabilities(request)), str(client)
