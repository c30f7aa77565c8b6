"""One HTTP/1.1 connection to an upstream, one exchange at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto

import msgspec

from ostiary.errors import UpstreamError
from ostiary.ports import Headers
from ostiary.upstream.response import NEVER, Limits, ResponseReader
from ostiary.upstream.stream import EventStream


class Answer(msgspec.Struct, frozen=True):
    """What came back. `headers` are those an agent may see; `location` is set on a redirect."""

    status: int
    headers: Headers
    content_type: bytes
    body: bytes | EventStream
    location: bytes


class State(Enum):
    IDLE = auto()
    WAITING = auto()
    STREAMING = auto()
    CLOSED = auto()


class Connection(asyncio.Protocol):
    """An exchange ends by itself; `released` is then called, and the connection is idle if it may be used again.

    Bytes that nobody asked for close the connection: the next answer could not be told from them.
    """

    def __init__(self, label: str, limits: Limits, released: Callable[[Connection], None]) -> None:
        self._label = label
        self._limits = limits
        self._released = released
        self._loop = asyncio.get_running_loop()
        self._reader = ResponseReader(limits)
        self._transport: asyncio.Transport
        self._waiter: asyncio.Future[Answer] | None = None
        self._stream: EventStream | None = None
        self._silence = NEVER
        self._is_used = False
        self._is_heard = False
        self.state = State.IDLE
        self.expires = NEVER
        """When an idle connection is too old to use, or an exchange has been silent for too long; loop time."""
        self.is_stale_loss = False
        """The exchange was lost on a connection used before, and not a byte of an answer had come."""
        self.lost: asyncio.Future[None] = self._loop.create_future()
        """Done once the socket is closed on this side too."""

    @property
    def is_usable(self) -> bool:
        """Idle, and as far as can be known still open at the other end."""
        return self.state is State.IDLE and not self._transport.is_closing()

    def exchange(self, request: bytes, silence: float) -> asyncio.Future[Answer]:
        """Send one request; the future has the answer when its body is whole, or when its stream begins.

        `silence` is how many seconds may pass without a byte. The future raises `UpstreamError`.
        """
        self._reader.begin()
        self._is_heard = False
        self._silence = silence
        self.state = State.WAITING
        self.expires = self._loop.time() + silence
        self._waiter = self._loop.create_future()
        self._transport.write(request)
        return self._waiter

    def close(self, reason: str = "the gateway closed the connection") -> None:
        """Cut it off; an exchange under way fails with `reason`. May be called twice."""
        if self.state is State.CLOSED:
            return
        self.state = State.CLOSED
        self._transport.abort()
        error = UpstreamError(f"{self._label}: {reason}")
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        if self._stream is not None:
            self._stream.finish(error)
        self._waiter = self._stream = None
        self._released(self)

    def cancel(self, exchange: asyncio.Future[Answer]) -> None:
        """Nobody waits for this answer any more. A later exchange on the same connection is not touched."""
        if self._waiter is exchange:
            self.close()
        elif not exchange.cancelled() and exchange.exception() is None:
            body = exchange.result().body
            if isinstance(body, EventStream):
                body.close()

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is a Transport by shape only

    def data_received(self, data: bytes) -> None:
        if self.state is State.IDLE or self.state is State.CLOSED:
            self.close()
            return
        self._is_heard = True
        self.expires = self._loop.time() + self._silence
        reader = self._reader
        try:
            reader.feed(data)
        except UpstreamError as error:
            self._relay()
            self.close(str(error))
            return
        if reader.is_stream:
            self._relay()
        if reader.is_complete:
            self._finish()

    def eof_received(self) -> None:
        self._end(is_clean=True)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(is_clean=exc is None)
        if not self.lost.done():
            self.lost.set_result(None)

    def _end(self, *, is_clean: bool) -> None:
        if self.state is State.CLOSED:
            return
        if self.state is not State.IDLE and is_clean and self._reader.end():
            self._finish()
            return
        self.is_stale_loss = self._is_used and not self._is_heard
        self.close("the connection was lost before the whole answer came")

    # the stream's valve

    def pause(self) -> None:
        if self.state is State.STREAMING:
            self.expires = NEVER
            self._transport.pause_reading()

    def resume(self) -> None:
        if self.state is State.STREAMING:
            self.expires = self._loop.time() + self._silence
            self._transport.resume_reading()

    def abandon(self) -> None:
        self._stream = None
        self.close()

    def _relay(self) -> None:
        """Hand over the events read so far; the first time, the stream itself."""
        reader = self._reader
        if not reader.is_stream:
            return
        if self.state is State.WAITING:
            self.state = State.STREAMING
            self._stream = EventStream(self, self._limits.buffered)
            self._answer(self._stream)
        stream, events = self._stream, reader.events
        if stream is not None and events:
            for event in events:
                stream.push(event)
            events.clear()

    def _answer(self, body: bytes | EventStream) -> None:
        reader, waiter = self._reader, self._waiter
        self._waiter = None
        if waiter is not None and not waiter.done():
            answer = Answer(reader.status, tuple(reader.headers), reader.content_type, body, reader.location)
            waiter.set_result(answer)

    def _finish(self) -> None:
        """The exchange is over: back to its pool, or closed."""
        transport = self._transport
        stream, self._stream = self._stream, None
        if stream is None:
            self._answer(self._reader.body)
        else:
            stream.finish()
            transport.resume_reading()
        if self._reader.is_reusable and not transport.is_closing():
            self.state = State.IDLE
            self._is_used = True
            self.expires = self._loop.time() + min(self._limits.keep_alive, self._reader.keep_alive)
        else:
            self.state = State.CLOSED
            transport.close()
        self._released(self)
