"""One session with a legacy server, opened on a stateless agent's behalf."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing, suppress
from typing import Any, Final

import msgspec

from ostiary import __version__
from ostiary.errors import UpstreamError, WireError
from ostiary.model import JSONObject
from ostiary.ports import Headers, Origin, Reply, Upstream
from ostiary.resume import resumed
from ostiary.upstream.common import SessionRefused, answer_to
from ostiary.upstream.eras.errand import Errand
from ostiary.upstream.eras.subscription import Subscription
from ostiary.wire import codes
from ostiary.wire.era import LEGACY_VERSIONS, META_CLIENT
from ostiary.wire.headers import SESSION, VERSION
from ostiary.wire.members import members, value_at
from ostiary.wire.message import Id, Message, Notification, Peek, Request, Response, peek
from ostiary.wire.translate import LEVELS, Raw, legacy_capabilities

_ACCEPT: Final = (b"accept", b"application/json, text/event-stream")
_LAST_EVENT: Final = b"last-event-id"
_OPENING: Final = 1.0


class Session:
    """`open` it before anything else. `greeting` is the result of `initialize`, `is_only` says that the server names no
    session, so that it has no other. What the server says outside of any exchange is heard where somebody may want to
    know."""

    def __init__(self, upstream: Upstream, principal: str) -> None:
        self._upstream = upstream
        self._principal = principal
        self._headers: Headers = (_ACCEPT,)
        self._numbers = itertools.count(1)
        self._errands: dict[Id, Errand] = {}
        self._subscriptions: list[Subscription] = []
        self._ear: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()
        self._saying: set[asyncio.Task[None]] = set()
        self._level: int | None = None
        self.greeting: Raw = {}
        self.is_only = False

    @property
    def is_busy(self) -> bool:
        return bool(self._errands or self._subscriptions)

    async def open(self, request: Request) -> None:
        """Initialize with what the agent says of itself in `request`. Raises `SessionRefused`, and `UpstreamError`
        where the server cannot be asked."""
        client = value_at(request.raw, ("params", "_meta", META_CLIENT))
        params: dict[str, Any] = {
            "protocolVersion": LEGACY_VERSIONS[0],
            "capabilities": legacy_capabilities(request),
            "clientInfo": msgspec.Raw(client) if client else {"name": "ostiary", "version": __version__},
        }
        hello = _request("initialize", "initialize", params)
        reply = await self.send(hello)
        answer = members(await answer_to(reply, hello.id))
        if "result" not in answer:
            raise SessionRefused(f"the server refuses a session: {bytes(answer['error'])!a:.200}")
        self.greeting = members(answer["result"])
        named = tuple(line for line in reply.headers if line[0] == SESSION)
        version = msgspec.json.decode(self.greeting["protocolVersion"], type=str)
        self._headers = (_ACCEPT, *named, (VERSION, version.encode()))
        self.is_only = not named
        await self.send(_notification("notifications/initialized", {}))
        if legacy_capabilities(request):  # what it is asked may come outside of any exchange
            await self._listen()

    async def close(self) -> None:
        """End it at the server too. What is under way fails."""
        if self._ear is not None:
            self._ear.cancel()
        for errand in list(self._errands.values()):
            errand.fail(UpstreamError("the session with the server has ended"))
        for subscription in self._subscriptions[:]:
            subscription.end()
        if not self.is_only:
            with suppress(UpstreamError):
                await self._upstream.end(Origin(self._principal, self._headers))

    async def send(self, message: Message) -> Reply:
        return await self._upstream.send(message, Origin(self._principal, self._headers))

    async def take_up(self, last_id: str) -> Reply:
        """What follows the event of this id, on a stream that broke off."""
        lines = (*self._headers, (_LAST_EVENT, last_id.encode()))
        return await self._upstream.listen(Origin(self._principal, lines))

    def number(self) -> int:
        """An id that no other request of this session has."""
        return next(self._numbers)

    async def ask(self, method: str, params: JSONObject) -> bytes:
        """The response to a question of our own."""
        request = _request(self.number(), method, params)
        return await answer_to(await self.send(request), request.id)

    def respond(self, id: Id | None, said: dict[str, Any]) -> None:
        """Answer a request of the server with a `result` or an `error`."""
        raw = msgspec.json.encode({"jsonrpc": "2.0", "id": id, **said})
        self._say(Response(id, raw))

    def cancel(self, id: Id) -> None:
        """Nobody waits for this request any more."""
        params = {"requestId": id, "reason": "the agent no longer waits"}
        self._say(_notification("notifications/cancelled", params))

    async def set_level(self, level: object) -> None:
        """Have the server log what an agent asks for; it logs at the lowest level that anybody asked for."""
        if level not in LEVELS or "logging" not in members(self.greeting.get("capabilities", b"{}")):
            return
        rank = LEVELS.index(str(level))
        if self._level is None or rank < self._level:
            self._level = rank
            await self.ask("logging/setLevel", {"level": str(level)})

    def enter(self, errand: Errand) -> None:
        self._errands[errand.seen] = errand

    def leave(self, errand: Errand) -> None:
        self._errands.pop(errand.seen, None)

    async def subscribe(self, subscription: Subscription) -> None:
        """The server hears of each resource once."""
        await self._listen()
        for uri in subscription.uris:
            if not any(uri in other.uris for other in self._subscriptions):
                await self.ask("resources/subscribe", {"uri": uri})
        self._subscriptions.append(subscription)

    def unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions.remove(subscription)
        for uri in subscription.uris:
            if not any(uri in other.uris for other in self._subscriptions):
                self._say(_request(self.number(), "resources/unsubscribe", {"uri": uri}))

    def announce(self, seen: Peek, raw: bytes) -> None:
        """What the server said that belongs to no request."""
        if seen.kind == "response":
            return
        if seen.method == "notifications/progress":
            token = value_at(raw, ("params", "progressToken")) or b"null"
            errand = self._errands.get(msgspec.json.decode(token))
            if errand is not None:
                errand.report(raw)
        elif seen.kind == "request" or seen.method == "notifications/message":
            newest = next(reversed(self._errands.values()), None)
            if newest is not None:
                newest.hear(raw)
            elif seen.kind == "request":
                self.refuse(seen)
        else:
            for subscription in self._subscriptions:
                subscription.tell(seen, raw)

    def refuse(self, seen: Peek) -> None:
        """Answer what nobody can be asked."""
        if seen.method == "ping":
            self.respond(seen.id, {"result": {}})
        else:
            error = {"code": codes.METHOD_NOT_FOUND, "message": "this client cannot be asked that"}
            self.respond(seen.id, {"error": error})

    def _say(self, message: Message) -> None:
        async def say() -> None:
            with suppress(UpstreamError):
                reply = await self.send(message)
                if not isinstance(reply.body, bytes):
                    await reply.body.aclose()

        saying = asyncio.create_task(say())
        self._saying.add(saying)
        saying.add_done_callback(self._saying.discard)

    async def _listen(self) -> None:
        """Return once what belongs to no exchange is heard, or the server takes too long to let anybody listen."""
        if self._ear is None:
            self._ear = asyncio.create_task(self._hear())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hears.wait(), _OPENING)

    async def _hear(self) -> None:
        with suppress(UpstreamError):
            reply = await self._upstream.listen(Origin(self._principal, self._headers))
            self._hears.set()
            if isinstance(reply.body, bytes):
                return
            events = resumed(reply.body, self.take_up, lambda _: False)
            async with aclosing(events):
                async for event in events:
                    with suppress(WireError, msgspec.DecodeError):
                        if event.data:
                            self.announce(peek(event.data), event.data)


def _request(id: Id, method: str, params: JSONObject) -> Request:
    raw = msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
    return Request(id, method, params, raw)


def _notification(method: str, params: JSONObject) -> Notification:
    return Notification(method, params, msgspec.json.encode({"jsonrpc": "2.0", "method": method, "params": params}))
