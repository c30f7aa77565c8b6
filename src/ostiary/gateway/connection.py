"""One agent's connection: uvicorn's protocol, with bounds on what comes before a message and how long all of it takes.

uvicorn waits for ever for the rest of a head or body, keeps heads of any size, and for ever holds an answer that nobody
reads; each of these is a way to fill a gateway's memory or use up its connections.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from ostiary.gateway.listener import Manners
from ostiary.meter import Meter

LINGER: Final = 2.0
"""Seconds in which a refusal may be read before the connection is cut."""


def well_mannered(manners: Manners, meter: Meter) -> type[HttpToolsProtocol]:
    """The protocol for uvicorn's configuration. `meter` counts the connections that are cut, by one word."""
    return type("_Connection", (_Connection,), {"manners": manners, "meter": meter})


class _Connection(HttpToolsProtocol):
    manners: ClassVar[Manners]
    meter: ClassVar[Meter]

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._is_in_head = True
        self._turns = 0  # ends of heads and of messages
        self._head_size = 0
        self._is_over = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.manners.connections:
            self._refuse(503, "connections", b"retry-after: 1\r\n")
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_over = True
        self._stop()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_ending:
            return
        turns = self._turns
        super().data_received(data)
        if self._is_ending:
            return
        if self._is_in_head and turns == self._turns:
            self._head_size += len(data)
            if self._head_size > self.manners.head:
                self._refuse(431, "head")
                return
        # A request that came in one piece never waits, and costs no timer.
        if self._timer is None and (not self._is_in_head or turns == self._turns):
            self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.manners.unread_timeout, self._abandon)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def timeout_keep_alive_handler(self) -> None:
        """Whatever is still unread now will not be read any more."""
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        self.meter.refuse("http")
        self._is_over = True
        self._stop()
        super().send_400_response(msg)

    # llhttp calls these

    def on_headers_complete(self) -> None:
        self._turns += 1
        self._is_in_head, self._head_size = False, 0
        self._stop()
        if self._is_over:
            return
        size = len(self.url) + sum([len(name) + len(value) + 4 for name, value in self.headers])
        if size > self.manners.head or len(self.headers) > self.manners.headers:
            self._refuse(431, "head")
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._is_over:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._turns += 1
        self._is_in_head = True
        self._stop()
        if not self._is_over:
            super().on_message_complete()

    def _wait(self) -> None:
        seconds = self.manners.head_timeout if self._is_in_head else self.manners.body_timeout
        self._timer = self.loop.call_later(seconds, self._expire)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        if self._is_in_head and self._is_answering:
            return  # what came after a request may wait as long as its answer does
        if self.flow.read_paused:
            self._wait()
        elif self._turns == 0 and self._head_size == 0:
            self.transport.abort()
        else:
            self._refuse(408, "slow")

    @property
    def _is_ending(self) -> bool:
        return self._is_over or self.transport.is_closing()

    @property
    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _abandon(self) -> None:
        self.meter.refuse("unread")
        self.transport.abort()

    def _refuse(self, status: int, why: str, lines: bytes = b"") -> None:
        """Say so, unless an answer has begun, and close; what still comes is dropped unread."""
        self._is_over = True
        self._stop()
        self._unset_keepalive_if_required()
        self.meter.refuse(why)
        if self._is_answering:
            if self.cycle.response_started:
                self.transport.abort()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(STATUS_LINE[status] + lines + b"content-length: 0\r\nconnection: close\r\n\r\n")
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.abort)
