"""One request on its way through a child: whose it is, under which ids it travels, and what has come for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from ostiary.errors import UpstreamError
from ostiary.ports import Reply
from ostiary.upstream.common import JSON
from ostiary.upstream.stream import EventStream
from ostiary.wire import codes, rewrite
from ostiary.wire.era import META_CAPABILITIES, META_SUBSCRIPTION, Era, era_of, meta_of
from ostiary.wire.members import members
from ostiary.wire.message import Id, Request
from ostiary.wire.sse import Event

SUBSCRIPTION: Final = META_SUBSCRIPTION.encode()


class Ids(msgspec.Struct, frozen=True):
    """The ids of one request: the agent's own, and what the child sees in their place, which is the same unless it is
    shared. Tokens are those of progress; None where the request asks for none."""

    own: Id
    seen: Id
    own_token: Id | None = None
    seen_token: Id | None = None
    is_translated: bool = False

    def outward(self, raw: bytes) -> bytes:
        """The request as the child sees it."""
        if not self.is_translated:
            return raw
        if self.seen_token is not None:
            raw = rewrite.with_progress_token(raw, self.seen_token)
        return _with_id(raw, self.seen)

    def inward_answer(self, raw: bytes) -> bytes:
        """The answer as the agent sees it."""
        if not self.is_translated:
            return raw
        return _with_id(rewrite.with_subscription_id(raw, self.own) if SUBSCRIPTION in raw else raw, self.own)

    def inward_notification(self, raw: bytes) -> bytes:
        """A notification of the request's progress, or of its subscription, as the agent sees it."""
        if not self.is_translated:
            return raw
        if self.own_token is not None:
            raw = rewrite.with_reported_token(raw, self.own_token)
        return rewrite.with_subscription_id(raw, self.own) if SUBSCRIPTION in raw else raw


def _with_id(raw: bytes, id: Id) -> bytes:
    """A quarter of the time of replacing it in place; white space around the outermost members is all that differs."""
    return msgspec.json.encode({**members(raw), "id": id})


def _status(request: Request, error_code: int | None) -> int:
    """What an HTTP server would have answered with (Streamable HTTP, 2026-07-28): a child only gives the error.

    Wrong params are the server's own business, but for what every request has to say of itself.
    """
    if error_code is None or era_of(request) is Era.LEGACY:
        return 200
    if error_code == codes.INVALID_PARAMS and META_CAPABILITIES not in meta_of(request):
        return 400
    return codes.status(error_code)


class Held(Protocol):
    def __call__(self, exchange: Exchange, *, is_full: bool) -> None:
        """An unread stream is full, or has room again."""


class Exchange:
    """What `send` waits for: a whole answer, or a stream if anything else comes first.

    `left` is called once if its reader goes before the answer; `held` when its stream fills and when it has room again.
    """

    def __init__(
        self,
        request: Request,
        ids: Ids,
        principal: str,
        capacity: int,
        left: Callable[[Exchange], None],
        held: Held,
    ) -> None:
        self.request = request
        self.ids = ids
        self.principal = principal
        self.reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._capacity = capacity
        self._left = left
        self._held = held
        self._stream: EventStream | None = None
        self.is_over = False

    def relate(self, raw: bytes) -> None:
        """A message that belongs to the request came before its answer."""
        self.begin().push(Event(raw))

    def begin(self) -> EventStream:
        """Let the reply be a stream, if nothing has decided that yet."""
        if self._stream is None:
            self._stream = EventStream(self, self._capacity)
            if not self.reply.done():
                self.reply.set_result(Reply(200, (), self._stream))
        return self._stream

    def begin_unanswered(self) -> None:
        """The same, unless it is over already."""
        if not self.is_over:
            self.begin()

    def answer(self, raw: bytes, error_code: int | None = None) -> None:
        self.is_over = True
        if self._stream is None:
            self._settle(Reply(_status(self.request, error_code), JSON, raw))
        else:
            self._stream.push(Event(raw))
            self._stream.finish()

    def give_up(self) -> None:
        """No answer will come, and none is owed: the agent has cancelled the request."""
        self.is_over = True
        if self._stream is None:
            self._settle(Reply(202, (), b""))
        else:
            self._stream.finish()

    def fail(self, error: UpstreamError) -> None:
        self.is_over = True
        if self._stream is not None:
            self._stream.finish(error)
        elif not self.reply.done():
            self.reply.set_exception(error)

    def _settle(self, reply: Reply) -> None:
        if not self.reply.done():
            self.reply.set_result(reply)

    # the stream's valve

    def pause(self) -> None:
        if not self.is_over:
            self._held(self, is_full=True)

    def resume(self) -> None:
        self._held(self, is_full=False)

    def abandon(self) -> None:
        if not self.is_over:
            self.is_over = True
            self._left(self)
