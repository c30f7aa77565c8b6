"""The connections to one upstream: kept, reused newest first, and never used when they may be dying."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections import deque

from ostiary.errors import UpstreamNotReached
from ostiary.upstream.connection import Connection, State
from ostiary.upstream.endpoint import Endpoint
from ostiary.upstream.response import Limits


class Pool:
    """At most `limits.connections` at once; who comes later waits for one, as long as for a connect."""

    def __init__(self, endpoint: Endpoint, limits: Limits, tls: ssl.SSLContext | None = None) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._tls = tls
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._dying: set[asyncio.Future[None]] = set()
        self._connecting = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._sweep: asyncio.TimerHandle | None = None
        self._is_closed = False

    def take(self) -> Connection | None:
        """An idle connection that is open as far as can be known; None where there is none."""
        if not self._idle:
            return None
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable and connection.expires > now:
                return connection
            connection.close()
        return None

    async def connect(self) -> Connection:
        """A connection, new or just given back. Raises `UpstreamNotReached`."""
        try:
            async with asyncio.timeout(self._limits.connect):
                while len(self._open) + self._connecting >= self._limits.connections:
                    if connection := await self._wait():
                        return connection
                return await self._connect()
        except TimeoutError:
            raise UpstreamNotReached(
                f"{self._endpoint.label}: no connection within {self._limits.connect:g} s; nothing was sent"
            ) from None

    async def close(self) -> None:
        """Cut every connection; exchanges under way fail. May be called twice."""
        self._is_closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in list(self._open):
            connection.close()
        self._wake_all()
        if self._dying:
            await asyncio.wait(self._dying, timeout=1.0)

    async def _wait(self) -> Connection | None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._wake_one()
            raise
        return self.take()

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        endpoint = self._endpoint
        if self._is_closed:
            raise UpstreamNotReached(f"{endpoint.label}: the gateway is closing; nothing was sent")
        if endpoint.is_tls and self._tls is None:
            self._tls = ssl.create_default_context()
        self._connecting += 1
        try:
            _, connection = await loop.create_connection(
                lambda: Connection(endpoint.label, self._limits, self._release),
                endpoint.host,
                endpoint.port,
                ssl=self._tls if endpoint.is_tls else None,
                server_hostname=endpoint.host if endpoint.is_tls else None,
            )
        except (OSError, UnicodeError) as error:
            raise UpstreamNotReached(f"{endpoint.label}: cannot connect: {_reason(error)}") from error
        finally:
            self._connecting -= 1
            self._wake_one()
        self._open.add(connection)
        if self._is_closed:
            connection.close()
            raise UpstreamNotReached(f"{endpoint.label}: the gateway is closing; nothing was sent")
        if self._sweep is None:
            self._schedule_sweep()
        return connection

    def _release(self, connection: Connection) -> None:
        if connection.state is State.IDLE and not self._is_closed:
            self._idle.append(connection)
        else:
            self._open.discard(connection)
            if not connection.lost.done():
                self._dying.add(connection.lost)
                connection.lost.add_done_callback(self._dying.discard)
            if connection in self._idle:
                self._idle.remove(connection)
        self._wake_one()

    def _wake_one(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _wake_all(self) -> None:
        while self._waiting:
            self._wake_one()

    def _schedule_sweep(self) -> None:
        """One timer for all connections: a timer per exchange would cost more than the exchange's parsing."""
        if self._is_closed or not self._open:
            self._sweep = None
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in [one for one in self._open if one.expires <= now]:
            connection.close(f"no answer for {self._limits.answer:g} s")
        period = min(1.0, self._limits.answer / 4, self._limits.keep_alive / 2)
        self._sweep = loop.call_later(period, self._schedule_sweep)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, OSError) and error.errno and not isinstance(error, ssl.SSLError | socket.gaierror):
        return os.strerror(error.errno)  # asyncio's own words have the number and the address
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
