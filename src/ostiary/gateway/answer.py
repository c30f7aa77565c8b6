"""Writing answers: a body with its length, or server-sent events with keep-alives between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, Final

from ostiary.errors import UpstreamError
from ostiary.ports import Headers, Reply
from ostiary.wire import answers, sse
from ostiary.wire.message import Id
from ostiary.wire.sse import Event

KEEP_ALIVE: Final = 15.0
"""Seconds of silence on a stream after which a comment is sent, so that nobody in between gives up."""

_JSON: Final = (b"content-type", b"application/json")
_STREAM: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)
_OWN: Final = frozenset(name for name, _ in _STREAM) | {b"content-length", b"transfer-encoding", b"connection"}


class Responder:
    """The answering side of one ASGI exchange."""

    def __init__(self, send: Callable[[MutableMapping[str, Any]], Awaitable[None]]) -> None:
        self._send = send

    async def reply(self, reply: Reply, extra: Headers = ()) -> None:
        """An upstream's reply. A stream is always closed, whatever happens while it is written; one that breaks off
        just ends, and an agent that needs more of it asks again."""
        if isinstance(reply.body, bytes):
            await self._whole(reply.status, reply.headers + extra, reply.body)
            return
        try:
            lines = tuple(line for line in reply.headers if line[0] not in _OWN)
            await self._start(reply.status, _STREAM + lines + extra)
            with suppress(UpstreamError):
                await self._events(reply.body)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await reply.body.aclose()

    async def error(self, status: int, code: int, message: str, extra: Headers = (), id: Id | None = None) -> None:
        """A JSON-RPC error in a body of that HTTP status."""
        await self._whole(status, (_JSON, *extra), answers.error(id, code, message))

    async def text(self, status: int, body: bytes, kind: bytes = b"text/plain; charset=utf-8") -> None:
        await self._whole(status, ((b"content-type", kind),), body)

    async def _whole(self, status: int, headers: Headers, body: bytes) -> None:
        await self._start(status, (*headers, (b"content-length", b"%d" % len(body))))
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, status: int, headers: Headers) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _events(self, events: AsyncGenerator[Event, None]) -> None:
        following = asyncio.ensure_future(anext(events, None))
        try:
            while True:
                await asyncio.wait((following,), timeout=KEEP_ALIVE)
                if not following.done():
                    await self._part(b": keep-alive\n\n")
                    continue
                event = following.result()
                if event is None:
                    break
                await self._part(sse.encode(event))
                following = asyncio.ensure_future(anext(events, None))
        finally:
            if not following.done():
                following.cancel()
                await asyncio.wait((following,))

    async def _part(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})
