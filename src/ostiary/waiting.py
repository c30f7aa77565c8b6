"""Calls that wait for an answer, and who wakes them: one look at the store for all of them, however many they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ostiary.errors import StoreError
from ostiary.notices import say
from ostiary.ports import ApprovalStore

LOOK_EVERY: Final = 0.1
"""Seconds between two looks while anybody waits; nobody looks while nobody does."""


class WaitingRoom:
    """Rings a bell when the approval that it hangs for has changed, whichever process changed it."""

    def __init__(self, store: ApprovalStore) -> None:
        self._store = store
        self._bells: dict[str, set[asyncio.Event]] = {}
        self._watch: asyncio.Task[None] | None = None

    @contextmanager
    def bell(self, id: str) -> Iterator[asyncio.Event]:
        """An event that is set after every change of the approval. Clear it, look, then wait: so none is missed."""
        bell = asyncio.Event()
        self._bells.setdefault(id, set()).add(bell)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.ensure_future(self._look())
        try:
            yield bell
        finally:
            self._bells[id].discard(bell)
            if not self._bells[id]:
                del self._bells[id]

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
                    bell.set()
            await asyncio.sleep(LOOK_EVERY)
