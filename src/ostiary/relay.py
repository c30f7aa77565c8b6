"""What is done to an answer on its way back to the agent, whether it comes whole or as a stream of events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TypeAlias

from ostiary.errors import UpstreamError, WireError
from ostiary.ports import Reply
from ostiary.wire.message import Id, Peek, Request, peek
from ostiary.wire.sse import Event

Answered: TypeAlias = Callable[[bytes, Peek], bytes]
"""Takes the response's bytes and what was seen of them; gives the bytes that the agent gets."""

Lost: TypeAlias = Callable[[str], None]
"""Told once, with the reason, when no response came although the request was sent."""


def relay(reply: Reply, request: Request, answered: Answered, lost: Lost) -> Reply:
    """The reply with `answered` applied to the response of `request`; everything else passes untouched.

    Exactly one of `answered` and `lost` is called, for a stream when its end is reached or it is closed.
    Raises `UpstreamError` where a whole body with status 200 is not the response to `request`.
    """
    if not isinstance(reply.body, bytes):
        return Reply(reply.status, reply.headers, _events(reply.body, request.id, answered, lost))
    seen = _response(reply.body, request.id)
    if seen is not None:
        return Reply(reply.status, reply.headers, answered(reply.body, seen))
    if reply.status == 200:
        raise UpstreamError(f"the server answered `{request.method}` with something that is no response to it")
    lost(f"the server answered HTTP {reply.status}")
    return reply


def observe(reply: Reply, request: Request, seen: Callable[[bytes], None]) -> Reply:
    """The reply as it is; `seen` gets the response of `request` on its way, where one comes."""

    def answered(data: bytes, _: Peek) -> bytes:
        seen(data)
        return data

    if isinstance(reply.body, bytes):
        if _response(reply.body, request.id) is not None:
            seen(reply.body)
        return reply
    return Reply(reply.status, reply.headers, _events(reply.body, request.id, answered, _forget))


def has_answer(reply: Reply, request: Request) -> bool:
    """Whether a whole reply's body is the response to `request`."""
    return isinstance(reply.body, bytes) and _response(reply.body, request.id) is not None


def on_every_answer(reply: Reply, change: Callable[[bytes], bytes]) -> Reply:
    """The reply with `change` applied to every response in its stream, whichever request it answers."""
    if isinstance(reply.body, bytes):
        return reply
    return Reply(reply.status, reply.headers, _changed(reply.body, change))


async def _changed(body: AsyncGenerator[Event, None], change: Callable[[bytes], bytes]) -> AsyncGenerator[Event, None]:
    try:
        async for event in body:
            is_answer = event.data and _is_response(event.data)
            yield _carrying(event, change(event.data)) if is_answer else event
    finally:
        await body.aclose()


def _forget(_: str) -> None:
    """Nothing hangs on an answer that was lost."""


async def _events(
    body: AsyncGenerator[Event, None], id: Id, answered: Answered, lost: Lost
) -> AsyncGenerator[Event, None]:
    has_answer = False
    reason = "the stream ended before the answer"
    try:
        async for event in body:
            seen = None if has_answer or not event.data else _response(event.data, id)
            if seen is None:
                yield event
            else:
                has_answer = True
                yield _carrying(event, answered(event.data, seen))
    except UpstreamError as error:
        reason = str(error)
        raise
    finally:
        if not has_answer:
            lost(reason)
        await body.aclose()


def _carrying(event: Event, data: bytes) -> Event:
    return event if data is event.data else Event(data, event.id, event.name, event.retry)


def _response(data: bytes, id: Id) -> Peek | None:
    """What is seen of a response to `id`; None for any other message. An error without an id answers too."""
    try:
        seen = peek(data)
    except WireError:
        return None
    if seen.kind != "response" or (seen.id != id and not (seen.id is None and seen.is_error)):
        return None
    return seen


def _is_response(data: bytes) -> bool:
    try:
        return peek(data).kind == "response"
    except WireError:
        return False
