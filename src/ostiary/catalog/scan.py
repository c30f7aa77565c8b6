"""A server's list of tools, asked for safely: nothing is called but lists, and nothing waits for ever."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Final

import msgspec

from ostiary import __version__
from ostiary.catalog.listing import Collected, Listing, page_of
from ostiary.errors import UpstreamError, WireError
from ostiary.model import JSON, JSONObject
from ostiary.ports import Headers, Origin, Upstream
from ostiary.wire.era import META_CAPABILITIES, META_CLIENT, META_SERVER, META_VERSION, MODERN_VERSION
from ostiary.wire.headers import SESSION, VERSION
from ostiary.wire.json import Bounds, parse
from ostiary.wire.message import Notification, Request, Response

__all__ = ["Scope", "collect"]

_SPOKEN: Final = "2025-11-25"
_CLIENT: Final[JSONObject] = {"name": "ostiary-scan", "version": __version__}
_BOUNDS: Final = Bounds(size=32 * 1024 * 1024, depth=200)
_METHOD_NOT_FOUND: Final = -32601


class Scope(msgspec.Struct, frozen=True):
    """How far a scan goes: seconds in all, pages, tools, bytes of one message; and what the client claims to be able to
    do, as some servers list more to those who can do more."""

    seconds: float = 60.0
    pages: int = 200
    tools: int = 20_000
    message: int = 32 * 1024 * 1024
    capabilities: JSONObject = {}


async def collect(upstream: Upstream, scope: Scope) -> Listing:
    """All pages of a server's tools: by a session (up to 2025-11-25), else without one (2026-07-28)."""
    talk = _Talk(upstream, scope.capabilities)
    opening: JSONObject = {"protocolVersion": _SPOKEN, "capabilities": scope.capabilities, "clientInfo": _CLIENT}
    greeting = await talk.ask("initialize", opening)
    if greeting.error is None:
        talk.enter(greeting.result)
        await talk.tell("notifications/initialized")
    else:
        talk.go_stateless()
    collected = Collected(scope.pages, scope.tools)
    cursor: JSON = None
    while True:
        answer = await talk.ask("tools/list", {} if cursor is None else {"cursor": cursor})
        if answer.error is not None:
            if not collected.pages and answer.code == _METHOD_NOT_FOUND:
                collected.note("the server has no tools: it does not know `tools/list`")
                break
            raise _refused(answer.error)
        talk.learn(answer.result)
        cursor = collected.add(page_of(answer.result))
        if cursor is None:
            break
    return collected.listing(talk.server)


class _Answer(msgspec.Struct, frozen=True):
    result: JSONObject
    headers: Headers = ()
    error: str | None = None
    code: int = 0


def _refused(error: str) -> UpstreamError:
    if "HTTP 401" in error or "HTTP 403" in error:
        return UpstreamError("the server wants other credentials; give them with --header 'Authorization: Bearer ...'")
    return UpstreamError(f"the server refused `tools/list`: {error[:200]}")


class _Talk:
    """Requests and their answers, one after the other. The server's own questions are declined."""

    def __init__(self, upstream: Upstream, capabilities: JSONObject) -> None:
        self._upstream = upstream
        self._capabilities = capabilities
        self._ids = 0
        self._headers: Headers = ()
        self._is_stateless = False
        self.server: JSONObject = {}

    def enter(self, result: JSONObject) -> None:
        """The session is open: later requests name the version that was agreed on."""
        info, version = result.get("serverInfo"), result.get("protocolVersion")
        self.server = info if isinstance(info, Mapping) else {}
        if isinstance(version, str) and version.isascii() and version.isprintable():
            self._headers = (*self._headers, (VERSION, version.encode()))

    def go_stateless(self) -> None:
        """The server knows no sessions: every request says for itself who asks."""
        self._is_stateless = True
        self._headers = ()

    def learn(self, result: JSONObject) -> None:
        """Stateless servers name themselves in any result."""
        meta = result.get("_meta")
        info = meta.get(META_SERVER) if isinstance(meta, Mapping) else None
        if isinstance(info, Mapping):
            self.server = info

    async def tell(self, method: str) -> None:
        raw = _encoded({"jsonrpc": "2.0", "method": method})
        reply = await self._upstream.send(Notification(method, {}, raw), Origin("local:scan", self._headers))
        if not isinstance(reply.body, bytes):
            await reply.body.aclose()

    async def ask(self, method: str, params: JSONObject) -> _Answer:
        self._ids += 1
        headers = self._headers
        if self._is_stateless:
            meta: JSONObject = {
                META_VERSION: MODERN_VERSION,
                META_CLIENT: _CLIENT,
                META_CAPABILITIES: self._capabilities,
            }
            params = {**params, "_meta": meta}
            headers = ((VERSION, MODERN_VERSION.encode()), (b"mcp-method", method.encode()))
        raw = _encoded({"jsonrpc": "2.0", "id": self._ids, "method": method, "params": params})
        reply = await self._upstream.send(Request(self._ids, method, params, raw), Origin("local:scan", headers))
        if isinstance(reply.body, bytes):
            data = reply.body
        else:
            async with aclosing(reply.body) as events:
                data = await self._answer_among(events, headers)
        session = next((value for name, value in reply.headers if name == SESSION), None)
        if session is not None and not self._is_stateless:
            self._headers = ((SESSION, session),)
        return _read(data, method, reply.status)

    async def _answer_among(self, events: AsyncIterator[object], headers: Headers) -> bytes:
        """The response in a stream; what else comes in it is declined or passed over."""
        async for event in events:
            data = getattr(event, "data", b"")
            if not data:
                continue
            message = _parsed(data)
            if isinstance(message, Mapping) and "method" not in message and message.get("id") == self._ids:
                return bytes(data)
            if isinstance(message, Mapping) and "method" in message and "id" in message:
                await self._decline(message, headers)
        return b""

    async def _decline(self, question: Mapping[str, JSON], headers: Headers) -> None:
        id = question["id"]
        if not isinstance(id, str | int):
            return
        is_ping = question["method"] == "ping"
        outcome: JSONObject = {"result": {}} if is_ping else {"error": {"code": _METHOD_NOT_FOUND, "message": "a scan"}}
        raw = _encoded({"jsonrpc": "2.0", "id": id, **outcome})
        reply = await self._upstream.send(Response(id, raw), Origin("local:scan", headers))
        if not isinstance(reply.body, bytes):
            await reply.body.aclose()


def _read(data: bytes, method: str, status: int) -> _Answer:
    message = _parsed(data) if data.strip() else None
    if not isinstance(message, Mapping):
        return _Answer({}, error=f"HTTP {status} without an answer to `{method}`")
    result, error = message.get("result"), message.get("error")
    if isinstance(result, Mapping):
        return _Answer(result)
    if isinstance(error, Mapping):
        code = error.get("code")
        return _Answer({}, error=str(error.get("message")), code=code if isinstance(code, int) else 0)
    return _Answer({}, error=f"an answer to `{method}` without a result")


def _parsed(data: bytes) -> JSON:
    try:
        return parse(data, _BOUNDS)
    except WireError as error:
        raise UpstreamError(f"the server sent what cannot be read: {error.message}") from None


def _encoded(message: Mapping[str, object]) -> bytes:
    return json.dumps(message).encode()
