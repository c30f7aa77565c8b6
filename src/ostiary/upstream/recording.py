"""What a stdio server streams to a session, kept for a while under ids of Ostiary's own, so that an agent that lost its
connection takes up where it was (2025-11-25, Streamable HTTP, Resumability and Redelivery)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import Final

from ostiary.errors import UpstreamError
from ostiary.events import Events
from ostiary.wire.sse import Event

CAPACITY: Final = 1024 * 1024
"""Bytes of one stream that are kept: what was read may be forgotten then, what was not makes the server wait."""
RETRY: Final = 1000
"""Milliseconds that an agent is asked to wait before it comes back."""
_EVENT_COST: Final = 256


class Recording:
    """One stream. `name` is unlike that of any other of the session; `is_primed` begins it with an id alone, so that it
    can be taken up before anything was said. It is read by one reader at a time, the newest; each reader's connection
    ends after `poll_after` seconds, if there are so many, and the agent comes back for the rest."""

    def __init__(self, name: str, *, is_primed: bool, poll_after: float | None = None) -> None:
        self.name = name
        self._is_primed = is_primed
        self._poll_after = poll_after
        self._kept: deque[tuple[int, Event]] = deque()
        self._size = 0
        self._last = 0
        self._read = 0
        self._reader: Reader | None = None
        self._changed = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._error: UpstreamError | None = None
        self.is_finished = False

    def record(self, body: AsyncGenerator[Event, None]) -> None:
        """Take events from `body`, in place of whatever they were taken from before."""
        self.pause()
        self.is_finished = False
        self._pump = asyncio.create_task(self._take(body))

    @property
    def is_read(self) -> bool:
        """Whether somebody is connected to it."""
        return self._reader is not None

    def close(self) -> None:
        """Nobody will take it up again: what is still to come is not waited for."""
        self.pause()
        self._kept.clear()
        self.is_finished = True
        self._wake()

    def pause(self) -> None:
        """Take no more of what is recorded now."""
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None

    def read(self, after: int | None = None, *, is_listening: bool = False) -> Reader:
        """What follows the event of this number, or what nobody has read yet. The reader before gets nothing more."""
        begins = self._is_primed and (self._poll_after is not None or (after is None and self._last == 0))
        at = self._read if after is None else after
        until = None
        if self._poll_after is not None:
            until = asyncio.get_running_loop().time() + self._poll_after
        self._reader = Reader(self, at, begins=begins, until=until, is_listening=is_listening)
        self._wake()
        return self._reader

    async def next(self, reader: Reader) -> Event:
        while reader is self._reader:
            if self._kept and reader.at < self._last:
                number, event = self._kept[max(0, reader.at + 1 - self._kept[0][0])]
                reader.at = number
                self._read = max(self._read, number)
                self._wake()
                return event
            if self.is_finished:
                error, self._error = self._error, None
                raise error or StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        raise StopAsyncIteration

    def primer(self, reader: Reader) -> Event:
        return Event(b"", f"{self.name}-{reader.at}", retry=RETRY)

    def leave(self, reader: Reader) -> None:
        """Nobody reads any more. Of a stream that belongs to no request the rest waits where it comes from."""
        if self._reader is reader:
            self._reader = None
            if reader.is_listening:
                self.pause()

    async def _take(self, body: AsyncGenerator[Event, None]) -> None:
        try:
            async for event in body:
                self._last += 1
                own = Event(event.data, f"{self.name}-{self._last}", event.name, event.retry)
                self._kept.append((self._last, own))
                self._size += _cost(own)
                self._wake()
                while self._is_full():
                    self._changed.clear()
                    await self._changed.wait()
        except UpstreamError as error:
            self._error = error
        finally:
            await body.aclose()
        self.is_finished = True
        self._wake()

    def _is_full(self) -> bool:
        """Whether there is no room for more even once what was read is forgotten."""
        while self._size > CAPACITY and self._kept[0][0] <= self._read:
            self._size -= _cost(self._kept.popleft()[1])
        return self._size > CAPACITY

    def _wake(self) -> None:
        self._changed.set()


class Reader(Events):
    """One agent's connection to a recording. Closing it ends the connection, not the recording; `until` that instant of
    the loop's time the connection lasts."""

    def __init__(self, recording: Recording, at: int, *, begins: bool, until: float | None, is_listening: bool) -> None:
        self._recording = recording
        self._begins = begins
        self._until = until
        self.at = at
        self.is_listening = is_listening

    async def asend(self, value: None) -> Event:  # noqa: ARG002 - nothing can be sent
        if self._begins:
            self._begins = False
            return self._recording.primer(self)
        if self._until is None:
            return await self._recording.next(self)
        try:
            async with asyncio.timeout_at(self._until):
                return await self._recording.next(self)
        except TimeoutError:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        self._recording.leave(self)


def _cost(event: Event) -> int:
    return len(event.data) + _EVENT_COST
