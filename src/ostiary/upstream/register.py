"""The requests that a child has not answered yet, found by whatever names them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ostiary.upstream.exchange import Exchange, Ids
from ostiary.wire.era import meta_of
from ostiary.wire.message import Id, Request

_LOG_LEVEL = "io.modelcontextprotocol/logLevel"


class Register:
    """In order of asking. `is_shared` says whether requests travel under ids of the gateway's own."""

    def __init__(self, *, is_shared: bool) -> None:
        self._is_shared = is_shared
        self._numbers = itertools.count(1)
        self._by_id: dict[Id, Exchange] = {}
        self._by_token: dict[Id, Exchange] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(list(self._by_id.values()))

    def number(self, request: Request) -> Ids:
        """The ids under which a request is to travel."""
        token = meta_of(request).get("progressToken")
        known = token if isinstance(token, str | int) and not isinstance(token, bool) else None
        if self._is_shared:
            seen = next(self._numbers)
            return Ids(request.id, seen, known, None if known is None else seen, is_translated=True)
        return Ids(request.id, request.id, known, known)

    def enter(self, exchange: Exchange) -> None:
        self._by_id[exchange.ids.seen] = exchange
        if exchange.ids.seen_token is not None:
            self._by_token[exchange.ids.seen_token] = exchange

    def strike(self, exchange: Exchange) -> None:
        """It is no longer waited for. One that is not here is ignored."""
        ids = exchange.ids
        if self._by_id.get(ids.seen) is exchange:
            del self._by_id[ids.seen]
        if ids.seen_token is not None and self._by_token.get(ids.seen_token) is exchange:
            del self._by_token[ids.seen_token]

    def under(self, seen: Id | None) -> Exchange | None:
        """The request that travels under this id."""
        return None if seen is None else self._by_id.get(seen)

    def reporting_to(self, token: Id | None) -> Exchange | None:
        """The request that asked for progress under this token, as the child sees it."""
        return None if token is None else self._by_token.get(token)

    def asked_by(self, principal: str, own: object) -> Exchange | None:
        """The principal's request with this id of its own; None if there is none, or more than one."""
        found = [
            exchange
            for exchange in self._by_id.values()
            if exchange.ids.own == own and type(exchange.ids.own) is type(own) and exchange.principal == principal
        ]
        return found[0] if len(found) == 1 else None

    @property
    def newest(self) -> Exchange | None:
        return next(reversed(self._by_id.values()), None)

    @property
    def newest_logged(self) -> Exchange | None:
        """The newest request that asked for log messages; None where two principals did, since it may be either's."""
        logged = [exchange for exchange in self._by_id.values() if _LOG_LEVEL in meta_of(exchange.request)]
        return logged[-1] if len({exchange.principal for exchange in logged}) == 1 else None
