"""What a call really cost, out of its result. Policy language, section "Budgets": `settle`.

The reserved amount stands wherever the result does not say an amount at that place: a missing one, a negative one, one
that is no finite number, an answer that cannot be read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Final

from ostiary.errors import StoreError, WireError
from ostiary.events import Passed
from ostiary.model import Reservation
from ostiary.notices import say
from ostiary.policy.operators import is_number
from ostiary.policy.path import look
from ostiary.ports import CounterStore, Reply
from ostiary.wire.json import Bounds, parse_object
from ostiary.wire.message import Request, peek
from ostiary.wire.sse import Event

_BOUNDS: Final = Bounds(size=64 * 1024 * 1024)
_LARGEST: Final = 10**30


async def settling(reply: Reply, request: Request, reservation: Reservation | None, counters: CounterStore) -> Reply:
    """The reply as it is; budgets that settle are counted for what the answer to `request` says on its way."""
    if reservation is None or all(demand.settle is None for demand in reservation.demands):
        return reply
    settlement = _Settlement(request, reservation, counters)
    if isinstance(reply.body, bytes):
        await settlement.see(reply.body)
        return reply
    return Reply(reply.status, reply.headers, _Settling(reply.body, settlement))


class _Settlement:
    def __init__(self, request: Request, reservation: Reservation, counters: CounterStore) -> None:
        self._request = request
        self._reservation = reservation
        self._counters = counters

    async def see(self, data: bytes) -> None:
        """Look at a message; only the answer to the request counts."""
        try:
            seen = peek(data)
            if seen.kind != "response" or seen.id != self._request.id:
                return
            result = parse_object(data, _BOUNDS).get("result")
        except (WireError, RecursionError):
            return
        for demand in self._reservation.demands:
            cost = look(demand.settle)(result) if demand.settle and isinstance(result, dict) else None
            if not isinstance(cost, int | Decimal) or not is_number(cost) or not 0 <= cost <= _LARGEST:
                continue
            try:
                await self._counters.settle(self._reservation, demand, cost)
            except StoreError as error:
                say(f"the amount reserved for rule `{demand.rule}` stands: {error}")


class _Settling(Passed):
    """A stream's events as they are, read for what they say of the cost."""

    def __init__(self, body: AsyncGenerator[Event, None], settlement: _Settlement) -> None:
        super().__init__(body)
        self._settlement = settlement

    async def asend(self, value: None) -> Event:  # noqa: ARG002 - nothing can be sent
        event = await anext(self._body)
        if event.data:
            await self._settlement.see(event.data)
        return event
