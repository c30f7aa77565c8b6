"""`subscriptions/listen` of a stateless agent, served from what a session is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ostiary.ports import Reply
from ostiary.upstream.exchange import Exchange, Ids
from ostiary.wire import translate
from ostiary.wire.era import META_SUBSCRIPTION
from ostiary.wire.members import value_at
from ostiary.wire.message import Peek, Request

if TYPE_CHECKING:
    from ostiary.upstream.eras.session import Session

_CAPACITY: Final = 256 * 1024
_KINDS: Final = {
    "toolsListChanged": "notifications/tools/list_changed",
    "promptsListChanged": "notifications/prompts/list_changed",
    "resourcesListChanged": "notifications/resources/list_changed",
}
_UPDATED: Final = "notifications/resources/updated"


class Subscription:
    """It begins with the acknowledgement of what it honours, and ends with a result where the session ends first."""

    def __init__(self, request: Request, principal: str, session: Session) -> None:
        wanted = request.params.get("notifications")
        wanted = wanted if isinstance(wanted, dict) else {}
        uris = wanted.get("resourceSubscriptions")
        self._methods = {method for kind, method in _KINDS.items() if wanted.get(kind) is True}
        self.uris = [uri for uri in uris if isinstance(uri, str)] if isinstance(uris, list) else []
        self._request = request
        self._session = session
        ids = Ids(request.id, request.id)
        self._exchange = Exchange(request, ids, principal, _CAPACITY, self._left, self._overrun)

    async def reply(self) -> Reply:
        """The stream. Raises `UpstreamError` where the server does not take a subscription."""
        await self._session.subscribe(self)
        honoured: dict[str, Any] = {kind: True for kind, method in _KINDS.items() if method in self._methods}
        if self.uris:
            honoured["resourceSubscriptions"] = self.uris
        method = "notifications/subscriptions/acknowledged"
        said = msgspec.json.encode({"jsonrpc": "2.0", "method": method, "params": {"notifications": honoured}})
        self._exchange.relate(translate.of_subscription(said, self._request.id))
        try:
            return await self._exchange.reply
        except asyncio.CancelledError:
            self._exchange.abandon()
            raise

    def tell(self, seen: Peek, raw: bytes) -> None:
        """Pass on what was asked for."""
        if seen.method == _UPDATED:
            uri = msgspec.json.decode(value_at(raw, ("params", "uri")) or b'""')
            is_wanted = any(uri == one or str(uri).startswith(f"{one.rstrip('/')}/") for one in self.uris)
        else:
            is_wanted = seen.method in self._methods
        if is_wanted:
            self._exchange.relate(translate.of_subscription(raw, self._request.id))

    def end(self) -> None:
        self._session.unsubscribe(self)
        meta = {META_SUBSCRIPTION: self._request.id}
        self._exchange.answer(translate.answer(self._request.id, {"resultType": "complete", "_meta": meta}))

    def _left(self, _: Exchange) -> None:
        self._session.unsubscribe(self)

    def _overrun(self, exchange: Exchange, *, is_full: bool) -> None:  # noqa: ARG002
        """An agent that does not read loses its subscription: it lists again when it comes back."""
        if is_full:
            self.end()
