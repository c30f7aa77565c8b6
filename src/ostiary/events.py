"""Streams of events that can be closed without having been started, unlike a generator function."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from types import TracebackType

from ostiary.wire.sse import Event


class Events(AsyncGenerator[Event, None]):
    """A stream to subclass: `asend` gives the next event (nothing can be sent), `aclose` ends the stream."""

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
        /,
    ) -> Event:
        await self.aclose()
        return await super().athrow(typ, val, tb)  # type: ignore[arg-type]


class Passed(Events):
    """Another stream's events, as they are."""

    def __init__(self, body: AsyncGenerator[Event, None]) -> None:
        self._body = body

    async def asend(self, value: None) -> Event:  # noqa: ARG002 - nothing can be sent
        return await anext(self._body)

    async def aclose(self) -> None:
        await self._body.aclose()
