"""Counters that go on without their store where policy says so. Policy language, "Limits": `on_outage: local`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Final

import msgspec

from ostiary.errors import StoreError
from ostiary.limits.amount import Amount
from ostiary.model import Demand, Exceeded, Limit, Reservation
from ostiary.ports import CounterStore
from ostiary.stores.memory import MemoryCounters

_LOCAL: Final = "local:"
_FLOOR: Final = Context(prec=60, rounding=ROUND_FLOOR)


class OutageCounters:
    """A `CounterStore` in front of another. While that one fails, calls whose limits all say `local` are counted here,
    each against `max` divided by the number of gateways, so that together they admit no more than `max`."""

    def __init__(self, shared: CounterStore, gateways: int = 1) -> None:
        self._shared = shared
        self._gateways = gateways
        self._local = MemoryCounters()

    async def reserve(self, demands: Sequence[Demand], now: int) -> Reservation | Exceeded:
        """Book all demands or none; see `ports.CounterStore`."""
        try:
            return await self._shared.reserve(demands, now)
        except StoreError:
            if not demands or any(demand.on_outage != "local" for demand in demands):
                raise
        answer = await self._local.reserve([self._share(demand) for demand in demands], now)
        if isinstance(answer, Exceeded):
            return answer
        return Reservation(f"{_LOCAL}{answer.id}", answer.demands, answer.at)

    async def release(self, reservation: Reservation) -> None:
        """Take back what the reservation still holds; see `ports.CounterStore`."""
        local = _local(reservation)
        await (self._shared.release(reservation) if local is None else self._local.release(local))

    async def settle(self, reservation: Reservation, demand: Demand, cost: Amount) -> None:
        """Count a demand for what it came to; see `ports.CounterStore`."""
        local = _local(reservation)
        store = self._shared if local is None else self._local
        await store.settle(local or reservation, demand, cost)

    def _share(self, demand: Demand) -> Demand:
        limit = demand.limit
        return msgspec.structs.replace(demand, limit=_divided(limit, self._gateways))


def _divided(limit: Limit, by: int) -> Limit:
    most = limit.max // by if isinstance(limit.max, int) else _FLOOR.divide(limit.max, Decimal(by))
    return msgspec.structs.replace(limit, max=most, burst=None if limit.burst is None else limit.burst // by)


def _local(reservation: Reservation) -> Reservation | None:
    if not reservation.id.startswith(_LOCAL):
        return None
    return msgspec.structs.replace(reservation, id=reservation.id.removeprefix(_LOCAL))
