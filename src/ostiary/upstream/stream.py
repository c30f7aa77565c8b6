"""A bounded stream of events between an upstream that pushes and an agent that reads at its own pace."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import Protocol

from ostiary.errors import UpstreamError
from ostiary.events import Events
from ostiary.wire.sse import Event

_EVENT_COST = 256
"""What an event without data is taken to cost, in bytes: a flood of empty ones is bounded too."""


class Valve(Protocol):
    """The upstream's end of a stream."""

    def pause(self) -> None:
        """The stream is full: push no more, if that can be helped."""

    def resume(self) -> None:
        """There is room again."""

    def abandon(self) -> None:
        """Nobody reads any more: close the exchange."""


class EventStream(Events):
    """Events in order, until `finish`. Above `capacity` bytes the valve is told to pause, below half of it to resume.

    Unlike a generator function it needs not be started to be closed. Iteration raises the error it was finished with,
    once, after everything that came before it.
    """

    def __init__(self, valve: Valve, capacity: int) -> None:
        self._valve = valve
        self._capacity = capacity
        self._events: deque[Event] = deque()
        self._size = 0
        self._is_paused = False
        self._is_finished = False
        self._error: UpstreamError | None = None
        self._reader: asyncio.Future[None] | None = None

    @property
    def is_full(self) -> bool:
        return self._size > self._capacity

    @property
    def is_finished(self) -> bool:
        return self._is_finished

    def push(self, event: Event) -> None:
        if self._is_finished:
            return
        self._events.append(event)
        self._size += len(event.data) + _EVENT_COST
        if self._size > self._capacity and not self._is_paused:
            self._is_paused = True
            self._valve.pause()
        self._wake()

    def finish(self, error: UpstreamError | None = None) -> None:
        """No more events. A second call changes nothing."""
        if not self._is_finished:
            self._is_finished = True
            self._error = error
            self._wake()

    def drop_oldest(self) -> bool:
        """Forget the oldest unread event; whether there was one."""
        if not self._events:
            return False
        self._size -= len(self._events.popleft().data) + _EVENT_COST
        return True

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def __aiter__(self) -> EventStream:
        return self

    def __anext__(self) -> Awaitable[Event]:  # type: ignore[override]  # a coroutine less per event
        return self.asend(None)

    async def asend(self, value: None) -> Event:  # noqa: ARG002
        while not self._events:
            if self._is_finished:
                error, self._error = self._error, None
                raise error or StopAsyncIteration
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        event = self._events.popleft()
        self._size -= len(event.data) + _EVENT_COST
        if self._is_paused and self._size * 2 <= self._capacity:
            self._is_paused = False
            if not self._is_finished:
                self._valve.resume()
        return event

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        """Nobody reads any more; what is unread is forgotten. May be called twice."""
        self._events.clear()
        self._size = 0
        if not self._is_finished:
            self._is_finished = True
            self._valve.abandon()
        self._error = None
        self._wake()
