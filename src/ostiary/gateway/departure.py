"""Noticing that an agent has gone while its answer is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import Any, Final, Self

PATIENCE: Final = 0.1
"""Seconds before anybody looks: an answer that comes sooner costs no watching."""


class Departure:
    """While entered, cancels the current task once the agent has disconnected.

    `has_happened` tells that cancellation from any other. Used where a disconnect means cancel: the stateless wire and
    streams of their own, never a request of the legacy wire.
    """

    def __init__(self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> None:
        self._receive = receive
        self._watch: asyncio.Task[None] | None = None
        self.has_happened = False

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._begin)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def _begin(self) -> None:
        self._watch = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_happened = True
        if self._task is not None:
            self._task.cancel()
