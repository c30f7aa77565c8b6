"""What is done to an answer on its way back to the agent, whether it comes whole or as a stream of events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Final, TypeAlias

import msgspec

from ostiary.errors import UpstreamError, UpstreamOver, WireError
from ostiary.events import Passed
from ostiary.ports import Reply
from ostiary.wire.message import Id, Peek, Request, peek
from ostiary.wire.sse import Event

Answered: TypeAlias = Callable[[bytes, Peek], bytes]
"""Takes the response's bytes and what was seen of them; gives the bytes that the agent gets."""

Lost: TypeAlias = Callable[[str], None]
"""Told once, with the reason, when no response came although the request was sent."""

Failure: TypeAlias = Callable[[str], bytes]
"""Gives what the agent gets in place of a response that will never come, for this reason."""

_BROKE_OFF: Final = "the server ended the stream before its answer"


class Watch(msgspec.Struct, frozen=True):
    """What becomes of the response of a request: exactly one of `answered` and `lost` is called, or `parted` in the
    place of `lost` where there is one, and the agent may take the stream up again on another. `heard` is told of what
    else comes in its stream."""

    answered: Answered
    lost: Lost
    failure: Failure
    parted: Callable[[], None] | None = None
    heard: Callable[[Peek], None] | None = None


def relay(reply: Reply, request: Request, watch: Watch) -> Reply:
    """The reply with `answered` applied to the response of `request`; everything else passes untouched.

    For a stream the watch is told when its end is reached or it is closed. A stream that breaks off ends with the
    `failure` in the response's place, unless its events had ids: then the agent takes it up again (2025-11-25,
    Resumability). Raises `UpstreamError` where a whole body is no response to `request`, and its status says neither
    why nor that the agent is at fault.
    """
    if not isinstance(reply.body, bytes):
        return Reply(reply.status, reply.headers, _Relayed(reply.body, request.id, watch))
    seen = _response(reply.body, request.id)
    if seen is not None:
        return Reply(reply.status, reply.headers, watch.answered(reply.body, seen))
    if reply.status == 200:
        raise UpstreamError(f"the server answered `{request.method}` with something that is no response to it")
    if reply.status >= 500:
        raise UpstreamError(f"the server answered `{request.method}` with HTTP {reply.status}")
    watch.lost(f"the server answered HTTP {reply.status}")
    return reply


def observe(reply: Reply, request: Request, seen: Callable[[bytes], None]) -> Reply:
    """The reply as it is; `seen` gets the response of `request` on its way, where one comes."""
    if isinstance(reply.body, bytes):
        if _response(reply.body, request.id) is not None:
            seen(reply.body)
        return reply
    return Reply(reply.status, reply.headers, _Observed(reply.body, request.id, seen))


def has_answer(reply: Reply, request: Request) -> bool:
    """Whether a whole reply's body is the response to `request`."""
    return isinstance(reply.body, bytes) and answers(reply.body, request)


def answers(data: bytes, request: Request) -> bool:
    """Whether this message is the response to `request`."""
    return _response(data, request.id) is not None


def on_every_answer(reply: Reply, change: Answered, heard: Callable[[Peek], None]) -> Reply:
    """The reply with `change` applied to every response in its stream, whichever request it answers; `heard` is told
    of everything else."""
    if isinstance(reply.body, bytes):
        return reply
    return Reply(reply.status, reply.headers, _Changed(reply.body, change, heard))


class _Relayed(Passed):
    """A message that two readers could understand differently goes no further; the event's id and name do."""

    def __init__(self, body: AsyncGenerator[Event, None], id: Id, watch: Watch) -> None:
        super().__init__(body)
        self._id = id
        self._watch = watch
        self._is_settled = False
        self._is_resumable = False

    async def asend(self, value: None) -> Event:
        try:
            event = await super().asend(value)
        except StopAsyncIteration:
            return self._broke_off(_BROKE_OFF)
        except UpstreamOver as error:
            self._is_resumable = False
            return self._broke_off(str(error))
        except UpstreamError as error:
            return self._broke_off(str(error))
        self._is_resumable = self._is_resumable or event.id is not None
        if not event.data:
            return event
        seen = _seen(event.data)
        if seen is None:
            return _carrying(event, b"")
        if seen.kind != "response":
            if self._watch.heard is not None:
                self._watch.heard(seen)
            return event
        if self._is_settled or not _is_answer(seen, self._id):  # nobody would judge or filter what it answers
            return _carrying(event, b"")
        self._is_settled = True
        return _carrying(event, self._watch.answered(event.data, seen))

    async def aclose(self) -> None:
        if not self._is_settled:
            self._is_settled = True
            self._lost("the agent went away before the answer")
        await super().aclose()

    def _broke_off(self, reason: str) -> Event:
        if self._is_settled:
            raise StopAsyncIteration
        self._is_settled = True
        self._lost(reason)
        if self._is_resumable:
            raise StopAsyncIteration
        return Event(self._watch.failure(reason))

    def _lost(self, reason: str) -> None:
        if self._is_resumable and self._watch.parted is not None:
            self._watch.parted()
        else:
            self._watch.lost(reason)


class _Observed(Passed):
    def __init__(self, body: AsyncGenerator[Event, None], id: Id, seen: Callable[[bytes], None]) -> None:
        super().__init__(body)
        self._id = id
        self._seen = seen

    async def asend(self, value: None) -> Event:
        event = await super().asend(value)
        if event.data and _response(event.data, self._id) is not None:
            self._seen(event.data)
        return event


class _Changed(Passed):
    def __init__(self, body: AsyncGenerator[Event, None], change: Answered, heard: Callable[[Peek], None]) -> None:
        super().__init__(body)
        self._change = change
        self._heard = heard

    async def asend(self, value: None) -> Event:
        event = await super().asend(value)
        seen = _seen(event.data) if event.data else None
        if seen is None:
            return _carrying(event, b"")
        if seen.kind == "response":
            return _carrying(event, self._change(event.data, seen))
        self._heard(seen)
        return event


def _carrying(event: Event, data: bytes) -> Event:
    return event if data is event.data else Event(data, event.id, event.name, event.retry)


def _response(data: bytes, id: Id) -> Peek | None:
    """What is seen of a response to `id`; None for any other message."""
    seen = _seen(data)
    return seen if seen is not None and _is_answer(seen, id) else None


def _seen(data: bytes) -> Peek | None:
    try:
        return peek(data)
    except WireError:
        return None


def _is_answer(seen: Peek, id: Id) -> bool:
    """An error without an id answers too."""
    return seen.kind == "response" and (seen.id == id or (seen.id is None and seen.is_error))
