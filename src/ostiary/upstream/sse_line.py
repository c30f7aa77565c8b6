"""A server of the first HTTP transport (2024-11-05, HTTP with SSE): one event stream for all it says, and an address
that the stream names for all it is told. It is used as a child is: a line for one session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Final
from urllib.parse import urljoin, urlsplit

import msgspec

from ostiary.errors import UpstreamError, UpstreamNotReached, WireError
from ostiary.ports import Origin
from ostiary.upstream.child_stderr import ChildStderr
from ostiary.upstream.http import HttpUpstream
from ostiary.upstream.response import NEVER, Limits
from ostiary.wire.message import Notification
from ostiary.wire.sse import Event

_NOBODY: Final = Origin("")
_QUEUE: Final = 256


class SseServer(msgspec.Struct, frozen=True):
    """Where its stream is, and the headers that go there. `limits` bound each connection."""

    url: str
    headers: Mapping[str, str] = {}
    limits: Limits = Limits()

    @property
    def label(self) -> str:
        return self.url.partition("?")[0]

    async def open(
        self,
        stderr: ChildStderr,  # noqa: ARG002 - it has none
        received: Callable[[bytes], None],
        ended: Callable[[], None],
        largest: int,  # noqa: ARG002 - `limits` bound its messages
    ) -> SseLine:
        """Raises `UpstreamError` where it does not say where to send to."""
        reading = HttpUpstream(self.url, self.headers, limits=msgspec.structs.replace(self.limits, answer=NEVER))
        try:
            reply = await reading.listen(_NOBODY)
            if isinstance(reply.body, bytes):
                raise UpstreamNotReached(f"{self.label}: answered HTTP {reply.status}, and with no event stream")
            async with asyncio.timeout(self.limits.connect):
                event = await anext(reply.body, None)
            address = urljoin(self.url, "" if event is None else event.data.decode())
            if event is None or event.name != "endpoint" or urlsplit(address)[:2] != urlsplit(self.url)[:2]:
                raise UpstreamNotReached(f"{self.label}: its stream names no address of its own to send to")
        except (UpstreamError, UnicodeDecodeError, TimeoutError) as error:
            await reading.close()
            if isinstance(error, UpstreamError):
                raise
            raise UpstreamNotReached(f"{self.label}: its stream does not say where to send to") from None
        writing = HttpUpstream(address, self.headers, limits=self.limits)
        return SseLine(self.label, reading, writing, reply.body, received, ended)


class SseLine:
    """The two halves. `received` gets every message of the stream, `ended` is called once; what is told is sent one
    message after the other."""

    def __init__(
        self,
        label: str,
        reading: HttpUpstream,
        writing: HttpUpstream,
        events: AsyncGenerator[Event, None],
        received: Callable[[bytes], None],
        ended: Callable[[], None],
    ) -> None:
        self._label = label
        self._reading = reading
        self._writing = writing
        self._received = received
        self._ended = ended
        self._unsent: asyncio.Queue[bytes] = asyncio.Queue()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._gone = asyncio.Event()
        self._why = "it ended its stream"
        self._status = 0
        self._tasks = (asyncio.create_task(self._read(events)), asyncio.create_task(self._write()))
        self.is_over = False

    @property
    def epitaph(self) -> str:
        return f"{self._label}: {self._why}"

    @property
    def last_words(self) -> str:
        return ""

    def write(self, line: bytes) -> None:
        """Raises `UpstreamNotReached` where the line is over."""
        if self.is_over:
            raise UpstreamNotReached(f"{self.epitaph}; nothing was sent")
        self._unsent.put_nowait(line)

    async def drained(self) -> None:
        """Returns once most of what was written is sent, or the line is over."""
        if self._unsent.qsize() > _QUEUE and not self.is_over:
            await self._unsent.join()

    def pause(self) -> None:
        self._may_read.clear()

    def resume(self) -> None:
        self._may_read.set()

    async def wait(self) -> int:
        """0 where the gateway ended it, 1 where it ended by itself."""
        await self._gone.wait()
        return self._status

    async def stop(self, grace: float = 2.0) -> None:  # noqa: ARG002 - there is no process to be patient with
        self._end("the gateway closed the connection", status=0)
        await asyncio.gather(self._reading.close(), self._writing.close())

    async def _read(self, events: AsyncGenerator[Event, None]) -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    await self._may_read.wait()
                    if event.data and event.name in (None, "message"):
                        self._received(event.data)
            self._end(self._why)
        except UpstreamError as error:
            self._end(str(error))

    async def _write(self) -> None:
        try:
            while True:
                raw = await self._unsent.get()
                reply = await self._writing.send(Notification("", {}, raw), _NOBODY)
                if not isinstance(reply.body, bytes):
                    await reply.body.aclose()
                if reply.status >= 300:
                    self._end(f"it took a message with HTTP {reply.status}")
                self._unsent.task_done()
        except (UpstreamError, WireError) as error:
            self._end(str(error))

    def _end(self, why: str, status: int = 1) -> None:
        if self.is_over:
            return
        self.is_over = True
        self._status = status
        self._why = why
        self._gone.set()
        self._may_read.set()
        while not self._unsent.empty():
            self._unsent.get_nowait()
            self._unsent.task_done()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()
        self._ended()
