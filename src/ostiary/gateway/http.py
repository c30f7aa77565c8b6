"""The HTTP front: agents at `/mcp/SERVER`, plain ASGI.

The order is the point: who is spoken to (Host, Origin), who speaks (grant), which door (server), and only then the
body is read, understood and handed to the gate. Streamable HTTP, 2025-03-26 and later, and the stateless 2026-07-28.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ostiary.enforcement import Gate
from ostiary.errors import StoreError, UpstreamError, WireError
from ostiary.gateway.access import Access, AccessRefused
from ostiary.gateway.answer import Responder
from ostiary.gateway.crowd import RETRY_AFTER, Crowd, Crowded
from ostiary.gateway.exchange import Exchange
from ostiary.gateway.first_transport import FirstTransport
from ostiary.gateway.head import read_head
from ostiary.gateway.origin_check import Doorplate
from ostiary.meter import CONTENT_TYPE, Meter
from ostiary.notices import say
from ostiary.wire import codes
from ostiary.wire.json import Bounds

if TYPE_CHECKING:
    from ostiary.gateway.desk import Desk

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX: Final = "/mcp/"
PAGES: Final = "/approvals/"
API: Final = ("/api/v1/approvals", "/api/v1/webhooks/")
"""What the desk answers, where people answer approvals."""

_REASONS: Final = {codes.HEADER_MISMATCH: "header", 413: "size", 415: "content", 404: "session"}
"""What a refusal is counted as, by its code or status; anything else was no message."""


class HttpGateway:
    """An ASGI application. `seal_key` keys the session ids; `requests` counts those of a principal, `streams` the open
    ones of a session; `metrics` are shown to whoever asks, None to nobody; `open_desk` makes what people answer
    approvals with, when the first of them comes."""

    def __init__(
        self,
        gates: Mapping[str, Gate],
        access: Access,
        doorplate: Doorplate,
        *,
        seal_key: bytes,
        bounds: Bounds,
        requests: Crowd,
        streams: Crowd,
        meter: Meter,
        shows_metrics: bool,
        open_desk: Callable[[], Desk] | None = None,
    ) -> None:
        self._gates = gates
        self._access = access
        self._doorplate = doorplate
        self._seal_key = seal_key
        self._bounds = bounds
        self._requests = requests
        self._streams = streams
        self._meter = meter
        self._shows_metrics = shows_metrics
        self._open_desk = open_desk
        self._first = FirstTransport()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        responder = Responder(send)
        head = read_head(scope["headers"])
        path: str = scope["path"]
        is_page = path.startswith(PAGES)  # whose forms a browser sends with an Origin: ours, which the page checks
        if self._doorplate.refuses_host(head.hosts) or (self._doorplate.refuses_origin(head.origins) and not is_page):
            self._meter.refuse("host")
            await responder.error(403, codes.INVALID_REQUEST, "this gateway does not answer to that Host or Origin")
            return
        if not path.startswith(PREFIX):
            if self._open_desk is not None and (is_page or path.startswith(API)):
                await self._open_desk()(scope, receive, send)
                return
            await self._aside(path, responder)
            return
        server, _, place = path.removeprefix(PREFIX).removesuffix("/").partition("/")
        try:
            visitor = self._access.admit(head.authorization, server)
        except AccessRefused as refusal:
            self._meter.refuse("grant")
            await responder.error(refusal.status, codes.INVALID_REQUEST, str(refusal), refusal.headers)
            return
        except StoreError as error:
            say(f"nobody can be let in, as the grants cannot be read: {error}")
            await responder.error(503, codes.INTERNAL_ERROR, "the grants cannot be read; try again later")
            return
        gate = self._gates.get(server)
        if gate is None:
            await responder.error(404, codes.INVALID_REQUEST, f"there is no server `{server}` at this gateway")
            return
        exchange = Exchange(
            gate,
            visitor,
            lambda: self._access.admit(head.authorization, server),
            head,
            receive,
            responder,
            self._seal_key,
            self._bounds,
        )
        who = visitor.principal.id
        try:
            with self._requests.enter(who):
                if place:
                    await exchange.first(scope["method"], place, scope["query_string"], self._first)
                elif scope["method"] == "GET" and head.sessions:
                    with self._streams.enter((who, *head.sessions)):
                        await exchange.run("GET")
                else:
                    await exchange.run(scope["method"])
        except Crowded as error:
            self._meter.refuse("crowd")
            await responder.error(429, codes.INVALID_REQUEST, str(error), ((b"retry-after", RETRY_AFTER),))
        except WireError as error:
            self._meter.refuse(_REASONS.get(error.code) or _REASONS.get(error.status, "message"))
            await responder.error(error.status, error.code, error.message, id=error.id)
        except UpstreamError as error:
            await responder.error(502, codes.UPSTREAM_FAILED, str(error))

    async def _aside(self, path: str, responder: Responder) -> None:
        if path in ("/healthz", "/readyz"):
            await responder.text(200, b"ok\n")
        elif path == "/metrics" and self._shows_metrics:
            await responder.text(200, self._meter.render(), CONTENT_TYPE)
        else:
            await responder.error(404, codes.INVALID_REQUEST, f"nothing is here; agents connect to {PREFIX}SERVER")
