"""Calls that wait for an answer, and who wakes them: one look at the store for all of them, however many they are."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final, Self

from ostiary.errors import StoreError
from ostiary.notices import say
from ostiary.ports import ApprovalStore

LOOK_EVERY: Final = 0.1
"""Seconds between two looks while anybody waits; nobody looks while nobody does."""


class Bell:
    """Rings after every change of one approval while it is entered. Look, then wait: a ring in between is not missed.

    Ten thousand of them hang at once: it is a few hundred bytes, where an `asyncio.Event` and a timeout are thousands.
    """

    __slots__ = ("_future", "_has_rung", "_room", "id")

    def __init__(self, room: WaitingRoom, id: str) -> None:
        self.id = id
        self._room = room
        self._has_rung = False
        self._future: asyncio.Future[None] | None = None

    def __enter__(self) -> Self:
        self._room.hang(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._room.take_down(self)

    def ring(self) -> None:
        self._has_rung = True
        self._end()

    async def wait(self, seconds: float) -> None:
        """Return once it has rung since the last time, or after so long."""
        if not self._has_rung:
            loop = asyncio.get_running_loop()
            self._future = loop.create_future()
            timer = loop.call_later(seconds, self._end)
            try:
                await self._future
            finally:
                timer.cancel()
                self._future = None
        self._has_rung = False

    def _end(self) -> None:
        if self._future is not None and not self._future.done():
            self._future.set_result(None)


class WaitingRoom:
    """Rings the bells of an approval when it has changed, whichever process changed it."""

    def __init__(self, store: ApprovalStore) -> None:
        self._store = store
        self._bells: dict[str, tuple[Bell, ...]] = {}
        self._watch: asyncio.Task[None] | None = None

    def bell(self, id: str) -> Bell:
        return Bell(self, id)

    def hang(self, bell: Bell) -> None:
        self._bells[bell.id] = (*self._bells.get(bell.id, ()), bell)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.ensure_future(self._look())

    def take_down(self, bell: Bell) -> None:
        others = tuple(other for other in self._bells[bell.id] if other is not bell)
        if others:
            self._bells[bell.id] = others
        else:
            del self._bells[bell.id]

    async def _look(self) -> None:
        cursor: int | None = None
        while self._bells:
            try:
                if cursor is None:
                    cursor, _ = await self._store.changes(-1)
                    changed = list(self._bells)  # what changed before there was a cursor
                else:
                    cursor, found = await self._store.changes(cursor)
                    changed = list(found)
            except StoreError as error:
                say(f"whether approvals were answered cannot be seen: {error}")
                changed = []
            for id in changed:
                for bell in self._bells.get(id, ()):
                    bell.ring()
            await asyncio.sleep(LOOK_EVERY)
