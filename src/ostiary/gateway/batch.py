"""The replies to the members of a batch as one (2025-03-26, Sending Messages to the Server): an array where all are
whole, else a stream of all their events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from ostiary.events import Events
from ostiary.ports import Headers, Reply
from ostiary.wire.message import Message, Request
from ostiary.wire.sse import Event

_JSON: Headers = ((b"content-type", b"application/json"),)


def joined(members: Sequence[Message], replies: Sequence[Reply]) -> Reply:
    """One reply. Where a member was refused at the level of HTTP (its session is gone, say), that refusal stands for
    all of them; without a request among the members there is nothing to answer."""
    answers = [reply for member, reply in zip(members, replies, strict=True) if isinstance(member, Request)]
    refused = next((reply for reply in replies if reply.status >= 400 and isinstance(reply.body, bytes)), None)
    streams = [reply.body for reply in replies if not isinstance(reply.body, bytes)]
    if streams:
        whole = [reply.body for reply in answers if isinstance(reply.body, bytes)]
        return Reply(200, (), _Joined(whole, streams))
    if refused is not None:
        return refused
    if not answers:
        return Reply(202, (), b"")
    return Reply(200, _JSON, b"[" + b",".join(body for reply in answers if (body := _bytes(reply))) + b"]")


def _bytes(reply: Reply) -> bytes:
    return reply.body if isinstance(reply.body, bytes) else b""


class _Joined(Events):
    """Whole answers first, then one stream after the other: none of them waits for another to be read."""

    def __init__(self, whole: Sequence[bytes], streams: Sequence[AsyncGenerator[Event, None]]) -> None:
        self._whole = list(whole)
        self._streams = list(streams)

    async def asend(self, value: None) -> Event:  # noqa: ARG002 - nothing can be sent
        if self._whole:
            return Event(self._whole.pop(0))
        while self._streams:
            event = await anext(self._streams[0], None)
            if event is not None:
                return event
            await self._streams.pop(0).aclose()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        while self._streams:
            await self._streams.pop(0).aclose()
