"""Streams that outlive their connection: taking one up again on behalf of an agent that cannot (2025-11-25, Streamable
HTTP, Resumability and Redelivery)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from ostiary.errors import UpstreamError
from ostiary.ports import Reply
from ostiary.wire.sse import Event

WAIT: Final = 1.0
"""Seconds before a stream is asked for again, where the server names no `retry`."""
LONGEST_WAIT: Final = 60.0
MOST_BARREN: Final = 5
"""How often in a row a stream is taken up in vain, without a single event, before it is given up."""


async def resumed(
    body: AsyncGenerator[Event, None], reopen: Callable[[str], Awaitable[Reply]], is_last: Callable[[bytes], bool]
) -> AsyncGenerator[Event, None]:
    """The events of `body`, and of every stream that `reopen` gives for the id of the last one, up to the message that
    `is_last`. A server that closes its stream, or loses it, is asked for the rest after the time that it named.

    Ends with the stream where no event had an id or the server will not go on; then raises what `body` raised.
    """
    last_id: str | None = None
    wait, barren = WAIT, 0
    try:
        while True:
            barren += 1
            try:
                async for event in body:
                    barren = 0
                    last_id = last_id if event.id is None else event.id
                    wait = wait if event.retry is None else min(event.retry / 1000, LONGEST_WAIT)
                    yield event
                    if event.data and is_last(event.data):
                        return
            except UpstreamError:
                if not last_id:
                    raise
            if not last_id or barren > MOST_BARREN:
                return
            await body.aclose()
            await asyncio.sleep(wait)
            reply = await reopen(last_id)
            if isinstance(reply.body, bytes):
                return
            body = reply.body
    finally:
        await body.aclose()
