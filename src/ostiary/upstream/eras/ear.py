"""What a session is told unasked: heard from a stateless server by `subscriptions/listen`, again and again while there
is somebody to tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any, Final

import msgspec

from ostiary.errors import UpstreamError, WireError
from ostiary.ports import Origin, Reply
from ostiary.upstream.inbox import Inbox
from ostiary.wire import codes, sessionless
from ostiary.wire.members import strings_at
from ostiary.wire.message import peek
from ostiary.wire.sse import Event

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
_PATIENCE: Final = 20.0
_UNREAD: Final = 256 * 1024
_LIST_CHANGES: Final = {
    "tools": "toolsListChanged",
    "prompts": "promptsListChanged",
    "resources": "resourcesListChanged",
}
_ACKNOWLEDGED: Final = "notifications/subscriptions/acknowledged"

Ask = Callable[[dict[str, Any]], Awaitable[Reply]]
"""Sends a `subscriptions/listen` for these notifications."""


class Ear:
    """`announced` are the kinds of lists of which the server says that it tells of changes. `complain` takes a line."""

    def __init__(
        self, ask: Ask, announced: Sequence[str], complain: Callable[[str], None], first_wait: float = FIRST_WAIT
    ) -> None:
        self._ask = ask
        self._lists = [kind for kind in _LIST_CHANGES if kind in announced]
        self._complain = complain
        self._first_wait = first_wait
        self._uris: tuple[str, ...] = ()
        self._hearing: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()
        self.inbox = Inbox(_UNREAD, complain)

    async def listen(self, origin: Origin) -> Reply:  # noqa: ARG002
        """The stream of what is heard."""
        async with self._changing:
            if self._hearing is None and self._lists:
                try:
                    await self._hear_of(self._uris)
                except (UpstreamError, WireError) as error:
                    self._complain(f"its changes are not heard of: {error}")
        return Reply(200, (), self.inbox.open())

    async def subscribe(self, uri: str) -> None:
        """Hear of that resource too. Raises `WireError` where the server does not tell of it, and `UpstreamError`."""
        async with self._changing:
            if uri not in self._uris:
                await self._hear_of((*self._uris, uri))

    async def unsubscribe(self, uri: str) -> None:
        async with self._changing:
            if uri in self._uris:
                await self._hear_of(tuple(one for one in self._uris if one != uri))

    def close(self) -> None:
        if self._hearing is not None:
            self._hearing.cancel()
        self.inbox.close()

    async def _hear_of(self, uris: tuple[str, ...]) -> None:
        """Listen anew, for these; what was listened to before ends once that is acknowledged."""
        stream = await self._open(uris) if uris or self._lists else None
        before, self._uris = self._hearing, uris
        self._hearing = None if stream is None else asyncio.create_task(self._keep_hearing(stream))
        if before is not None:
            before.cancel()

    async def _open(self, uris: tuple[str, ...]) -> AsyncGenerator[Event, None]:
        wanted: dict[str, Any] = {_LIST_CHANGES[kind]: True for kind in self._lists}
        if uris:
            wanted["resourceSubscriptions"] = list(uris)
        reply = await self._ask(wanted)
        if isinstance(reply.body, bytes):
            raise _refusal(reply.body)
        try:
            async with asyncio.timeout(_PATIENCE):
                first = await anext(reply.body, None)
            data = b"" if first is None else first.data
            if not data or peek(data).method != _ACKNOWLEDGED:
                raise _refusal(data)
            if not set(uris) <= set(strings_at(data, ("params", "notifications", "resourceSubscriptions"))):
                raise WireError(codes.INVALID_PARAMS, "the server does not tell of changes of that resource")
        except TimeoutError:
            await reply.body.aclose()
            raise UpstreamError(f"the server acknowledged no subscription in {_PATIENCE:g} s") from None
        except BaseException:
            await reply.body.aclose()
            raise
        return reply.body

    async def _keep_hearing(self, stream: AsyncGenerator[Event, None]) -> None:
        wait = self._first_wait
        while True:
            with suppress(UpstreamError, WireError):
                async with aclosing(stream) as events:
                    async for event in events:
                        wait = self._first_wait
                        if event.data and peek(event.data).kind == "notification":
                            self.inbox.put(sessionless.of_session(event.data))
            stream = await self._open_again(wait)
            wait = min(2 * wait, LONGEST_WAIT)
            self._tell_of_the_gap()

    async def _open_again(self, wait: float) -> AsyncGenerator[Event, None]:
        while True:
            await asyncio.sleep(wait)
            try:
                return await self._open(self._uris)
            except (UpstreamError, WireError) as error:
                self._complain(f"its changes are not heard of: {error}")
                wait = min(2 * wait, LONGEST_WAIT)

    def _tell_of_the_gap(self) -> None:
        """Whatever changed while nobody listened was not heard: have the agent look at all of it."""
        for kind in self._lists:
            self.inbox.put(_notification(f"notifications/{kind}/list_changed", {}))
        for uri in self._uris:
            self.inbox.put(_notification("notifications/resources/updated", {"uri": uri}))


def _notification(method: str, params: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "method": method, "params": params})


def _refusal(said: bytes) -> WireError:
    try:
        seen = peek(said)
    except WireError as error:
        return error
    code = codes.UPSTREAM_FAILED if seen.error_code is None else seen.error_code
    return WireError(code, "the server does not tell of changes")
