"""Messages of a child that belong to no request: kept, within bounds, until somebody listens."""

from __future__ import annotations

from collections.abc import Callable

from ostiary.upstream.stream import EventStream
from ostiary.wire.sse import Event


class Inbox:
    """One reader at a time, the newest: an agent that lost its connection comes back before anybody notices.

    The oldest message is dropped where they would grow beyond `capacity` bytes; `complain` is told the first time.
    """

    def __init__(self, capacity: int, complain: Callable[[str], None]) -> None:
        self._capacity = capacity
        self._complain = complain
        self._stream = EventStream(self, capacity)
        self._has_dropped = False
        self.is_read = False

    def open(self) -> EventStream:
        if self.is_read:
            self._stream.finish()
            self._stream = EventStream(self, self._capacity)
        self.is_read = True
        return self._stream

    def put(self, raw: bytes) -> None:
        self._stream.push(Event(raw))
        while self._stream.is_full and self._stream.drop_oldest():
            if not self._has_dropped:
                self._has_dropped = True
                self._complain("nobody reads its notifications; the oldest are dropped")

    def close(self) -> None:
        self._stream.finish()

    # the stream's valve

    def pause(self) -> None:
        """A full inbox drops instead of waiting: answers must not wait behind notifications."""

    def resume(self) -> None:
        """There was no waiting."""

    def abandon(self) -> None:
        self.is_read = False
        self._stream = EventStream(self, self._capacity)
