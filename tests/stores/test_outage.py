from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from ostiary.errors import StoreError
from ostiary.model import Demand, Exceeded, Limit, Reservation
from ostiary.stores.memory import MemoryCounters
from ostiary.stores.outage import OutageCounters

MINUTE = 60 * 10**9


class Flickering(MemoryCounters):
    """A store that can be switched off."""

    is_down = False

    async def reserve(self, demands: Sequence[Demand], now: int) -> Reservation | Exceeded:
        if self.is_down:
            raise StoreError("down")
        return await super().reserve(demands, now)


def demand(most: Decimal | int, on_outage: str, cost: Decimal | int = 1) -> Demand:
    return Demand("k", "/r", Limit(most, MINUTE), cost, on_outage=on_outage)


async def admitted(store: OutageCounters, one: Demand, now: int = 0) -> int:
    return sum([isinstance(await store.reserve([one], now), Reservation) for _ in range(20)])


async def test_a_limit_that_says_deny_is_not_counted_elsewhere() -> None:
    shared = Flickering()
    store = OutageCounters(shared, 2)
    shared.is_down = True
    with pytest.raises(StoreError):
        await store.reserve([demand(5, "deny")], 0)
    with pytest.raises(StoreError):
        await store.reserve([demand(5, "local"), demand(5, "deny")], 0)


async def test_a_local_limit_is_the_gateways_share() -> None:
    shared = Flickering()
    store = OutageCounters(shared, 2)
    assert await admitted(store, demand(5, "local")) == 5
    shared.is_down = True
    assert await admitted(store, demand(5, "local")) == 2
    assert await admitted(store, demand(Decimal("0.5"), "local", Decimal("0.1")), MINUTE) == 2
    shared.is_down = False
    assert await admitted(store, demand(5, "local"), MINUTE) == 5


async def test_what_was_counted_locally_is_released_and_settled_there() -> None:
    shared = Flickering()
    store = OutageCounters(shared)
    shared.is_down = True
    one = demand(5, "local", 4)
    booked = await store.reserve([one], 0)
    assert isinstance(booked, Reservation)
    await store.settle(booked, one, 1)
    second = await store.reserve([one], 0)
    assert isinstance(second, Reservation)
    assert isinstance(await store.reserve([one], 0), Exceeded)
    await store.release(second)
    assert isinstance(await store.reserve([one], 0), Reservation)
