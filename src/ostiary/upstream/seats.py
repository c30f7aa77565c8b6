"""One child for the sessions of many agents: each session has a seat at its table, and none of them owns it.

What a session of the legacy wire may expect of a server of its own, a seat gives it as far as that is possible without
one agent learning of another: the handshake, its own answers and progress, list changes, its own subscriptions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeAlias

import msgspec

from ostiary import __version__
from ostiary.errors import UpstreamError, WireError
from ostiary.model import JSONObject
from ostiary.ports import Origin, Reply
from ostiary.relay import observe
from ostiary.upstream.common import JSON, SessionRefused, answer_to
from ostiary.upstream.inbox import Inbox
from ostiary.upstream.stdio import StdioUpstream
from ostiary.wire import answers, codes
from ostiary.wire.era import LEGACY_VERSIONS
from ostiary.wire.members import members, value_at
from ostiary.wire.message import Message, Notification, Peek, Request, peek

_LIST_CHANGES: Final = frozenset(
    f"notifications/{kind}/list_changed" for kind in ("tools", "prompts", "resources")
)  # fmt: skip
_UNREAD: Final = 256 * 1024
"""Bytes of notifications that wait for a session that does not listen."""

Overheard: TypeAlias = Callable[[Peek, bytes], None]
MakeChild: TypeAlias = Callable[[Overheard], StdioUpstream]


class Table:
    """The child, what it said when it was greeted, and who has subscribed to what.

    Ostiary greets it in its own name and declares no capabilities: nobody in particular could be asked for a sample or
    a form. `make` makes the child, not yet started, which tells the table what belongs to no request.
    """

    def __init__(self, make: MakeChild) -> None:
        self.child = make(self._overhear)
        self._greeting: dict[str, Any] | None = None
        self._greeted = asyncio.Lock()
        self._seats: list[Seat] = []
        self._subscribers: dict[str, set[Seat]] = {}

    async def seat(self, seat: Seat) -> None:
        """Start and greet the child, if nobody has. Raises `UpstreamError`."""
        async with self._greeted:
            if self._greeting is None:
                await self.child.start()
                self._greeting = await self._greet()
        self._seats.append(seat)

    def welcome(self, request: Request) -> bytes:
        """The answer to a seat's `initialize`: the child's own, with the version that was asked for where the child
        speaks that or a newer one, and without logging, of which nobody can say whom a message concerns."""
        result = dict(self._greeting or {})
        asked = request.params.get("protocolVersion")
        if asked in LEGACY_VERSIONS and str(asked) <= str(result.get("protocolVersion")):
            result["protocolVersion"] = asked
        return msgspec.json.encode({"jsonrpc": "2.0", "id": request.id, "result": result})

    async def subscribe(self, seat: Seat, uri: str, request: Request, origin: Origin) -> Reply:
        """The child hears of the first subscriber of a resource only."""

        def noted(answer: bytes) -> None:
            if not peek(answer).is_error:
                self._subscribers.setdefault(uri, set()).add(seat)

        if uri in self._subscribers:
            self._subscribers[uri].add(seat)
            return _done(request)
        return observe(await self.child.send(request, origin), request, noted)

    async def unsubscribe(self, seat: Seat, uri: str, request: Request, origin: Origin) -> Reply:
        """The child hears of the last one only."""
        subscribers = self._subscribers.get(uri, set())
        subscribers.discard(seat)
        if subscribers:
            return _done(request)
        self._subscribers.pop(uri, None)
        return await self.child.send(request, origin)

    async def leave(self, seat: Seat) -> None:
        """Give up a seat and all its subscriptions."""
        if seat in self._seats:
            self._seats.remove(seat)
        for uri in [uri for uri, subscribers in self._subscribers.items() if seat in subscribers]:
            method, params = "resources/unsubscribe", {"uri": uri}
            raw = msgspec.json.encode({"jsonrpc": "2.0", "id": method, "method": method, "params": params})
            with suppress(UpstreamError):
                await self.unsubscribe(seat, uri, Request(method, method, params, raw), Origin(seat.name))

    async def _greet(self) -> dict[str, Any]:
        info = {"name": "ostiary", "version": __version__}
        params: JSONObject = {"protocolVersion": LEGACY_VERSIONS[0], "capabilities": {}, "clientInfo": info}
        raw = msgspec.json.encode({"jsonrpc": "2.0", "id": "initialize", "method": "initialize", "params": params})
        reply = await self.child.send(Request("initialize", "initialize", params, raw), Origin(""))
        answer = members(await answer_to(reply, "initialize"))
        if "result" not in answer:
            await self.child.close()
            raise SessionRefused(f"`{self.child.label}` refuses to be initialized: {bytes(answer['error'])!a:.200}")
        method = "notifications/initialized"
        raw = msgspec.json.encode({"jsonrpc": "2.0", "method": method})
        await self.child.send(Notification(method, {}, raw), Origin(""))
        greeting: dict[str, Any] = msgspec.json.decode(answer["result"])
        if isinstance(greeting.get("capabilities"), dict):
            greeting["capabilities"].pop("logging", None)
        return greeting

    def _overhear(self, seen: Peek, raw: bytes) -> None:
        if seen.method in _LIST_CHANGES:
            for seat in self._seats:
                seat.inbox.put(raw)
        elif seen.method == "notifications/resources/updated":
            uri = _uri(raw)
            for seat in {seat for known, seats in self._subscribers.items() if _covers(known, uri) for seat in seats}:
                seat.inbox.put(raw)


class Seat:
    """One session at the table. `name` is no other session's; `complain` hears of notifications that were dropped."""

    def __init__(self, table: Table, name: str, complain: Callable[[str], None]) -> None:
        self._table = table
        self.name = name
        self.inbox = Inbox(_UNREAD, complain)

    @property
    def is_busy(self) -> bool:
        return self.inbox.is_read or self._table.child.is_asked_by(self.name)

    async def start(self) -> None:
        """Raises `UpstreamError` where the child does not start or does not answer."""
        await self._table.seat(self)

    async def send(self, message: Message, origin: Origin) -> Reply:
        own = Origin(self.name, origin.headers)
        match message:
            case Request(method="initialize"):
                return Reply(200, JSON, self._table.welcome(message))
            case Notification(method="notifications/initialized" | "notifications/roots/list_changed"):
                return Reply(202, (), b"")
            case Request(method="logging/setLevel"):
                words = "no log messages: several agents share this server"
                return Reply(200, JSON, answers.error(message.id, codes.METHOD_NOT_FOUND, words))
            case Request(method="resources/subscribe", params={"uri": str(uri)}):
                return await self._table.subscribe(self, uri, message, own)
            case Request(method="resources/unsubscribe", params={"uri": str(uri)}):
                return await self._table.unsubscribe(self, uri, message, own)
            case _:
                return await self._table.child.send(message, own)

    async def listen(self, origin: Origin) -> Reply:  # noqa: ARG002
        return Reply(200, (), self.inbox.open())

    async def close(self) -> None:
        self.inbox.close()
        await self._table.leave(self)


def _done(request: Request) -> Reply:
    return Reply(200, JSON, msgspec.json.encode({"jsonrpc": "2.0", "id": request.id, "result": {}}))


def _uri(raw: bytes) -> str:
    try:
        return msgspec.json.decode(value_at(raw, ("params", "uri")) or b'""', type=str)
    except (WireError, msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _covers(subscribed: str, updated: str) -> bool:
    """A server may report a part of what was subscribed to (2025-11-25, Resources, Subscriptions)."""
    return updated == subscribed or updated.startswith(f"{subscribed.rstrip('/')}/")
