"""Streams that stand open, and what the gate itself has to say on them: that an agent's lists look different now."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable

from ostiary.events import Events
from ostiary.ports import Reply
from ostiary.wire.sse import Event


class News:
    """All the streams that stand open at one gate."""

    def __init__(self) -> None:
        self._open: set[_Told] = set()

    def tell_on(self, reply: Reply, look: Callable[[], Iterable[bytes]], *, after_first: bool = False) -> Reply:
        """The reply; `look` is asked at every change what there is to say on its stream. `after_first` keeps it back
        until the server has said something."""
        if isinstance(reply.body, bytes):
            return reply
        stream = _Told(reply.body, look, self._open.discard, may_speak=not after_first)
        self._open.add(stream)
        return Reply(reply.status, reply.headers, stream)

    def look(self) -> None:
        """Something has changed."""
        for stream in tuple(self._open):
            stream.look()


class _Told(Events):
    """Another stream's events, and between them what is to be said."""

    def __init__(
        self,
        body: AsyncGenerator[Event, None],
        look: Callable[[], Iterable[bytes]],
        ended: Callable[[_Told], None],
        *,
        may_speak: bool,
    ) -> None:
        self._body = body
        self._look = look
        self._ended = ended
        self._may_speak = may_speak
        self._said: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._following: asyncio.Future[Event] | None = None

    def look(self) -> None:
        self._said.extend(self._look())
        if self._said:
            self._news.set()

    async def asend(self, value: None) -> Event:  # noqa: ARG002 - nothing can be sent
        while True:
            if self._said and self._may_speak:
                return Event(self._said.popleft())
            self._news.clear()
            if self._following is None:
                self._following = asyncio.ensure_future(anext(self._body))
                self._following.add_done_callback(_look_at)
            news = asyncio.ensure_future(self._news.wait())
            try:
                await asyncio.wait((self._following, news), return_when=asyncio.FIRST_COMPLETED)
            finally:
                news.cancel()
            if self._following.done():
                following, self._following = self._following, None
                self._may_speak = True
                return self._result(following)

    def _result(self, following: asyncio.Future[Event]) -> Event:
        error = following.exception()
        if error is not None:
            self._ended(self)
            raise error
        return following.result()

    async def aclose(self) -> None:
        self._ended(self)
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait((self._following,))
            self._following = None
        await self._body.aclose()


def _look_at(following: asyncio.Future[Event]) -> None:
    """An agent that has left takes no notice of how the stream ended."""
    if not following.cancelled():
        following.exception()
