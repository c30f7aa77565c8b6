"""What every counter store promises."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

import pytest

from ostiary.errors import StoreError
from ostiary.model import Algorithm, Demand, Exceeded, Limit, Reservation
from ostiary.ports import CounterStore

Reopen: TypeAlias = Callable[[], CounterStore]
"""A new view of the same counters, as another process or a restart would have it."""

MINUTE = 60 * 10**9
NOON = 1_795_176_000 * 10**9


def demand(
    max: Decimal | int = 2,
    *,
    key: str = "k",
    cost: Decimal | int = 1,
    algorithm: Algorithm = Algorithm.SLIDING,
    burst: int | None = None,
    window: int = MINUTE,
) -> Demand:
    return Demand(key, f"/tools/{key}/rate_limit", Limit(max, window, algorithm, burst), cost)


async def ask(store: CounterStore, now: int, *demands: Demand) -> Reservation | Exceeded:
    answer = await store.reserve(demands, now)
    await asyncio.sleep(0)  # the turn ends, as it does when the intent is awaited
    return answer


async def admitted(reopen: Reopen, demands: Sequence[Demand], times: Sequence[int]) -> list[int]:
    """Those of the times at which the demands were admitted, each asked of a fresh view of the store."""
    return [at for at in times if isinstance(await ask(reopen(), at, *demands), Reservation)]


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_at_most_max_at_one_instant(reopen: Reopen, algorithm: Algorithm) -> None:
    assert len(await admitted(reopen, [demand(3, algorithm=algorithm)], [NOON] * 9)) == 3


async def test_a_sliding_window_is_half_open(reopen: Reopen) -> None:
    times = [NOON, NOON + 1, NOON + MINUTE - 1, NOON + MINUTE, NOON + MINUTE]
    assert await admitted(reopen, [demand()], times) == [NOON, NOON + 1, NOON + MINUTE]


async def test_a_calendar_window_ends_with_its_period(reopen: Reopen) -> None:
    times = [NOON + MINUTE - 2, NOON + MINUTE - 1, NOON + MINUTE - 1, NOON + MINUTE]
    assert await admitted(reopen, [demand(algorithm=Algorithm.CALENDAR)], times) == [times[0], times[1], times[3]]


async def test_a_token_bucket_refills_evenly(reopen: Reopen) -> None:
    bucket = demand(2, algorithm=Algorithm.TOKEN_BUCKET, burst=1)
    times = [NOON, NOON + 1, NOON + MINUTE // 2 - 1, NOON + MINUTE // 2, NOON + MINUTE]
    assert await admitted(reopen, [bucket], times) == [NOON, NOON + MINUTE // 2, NOON + MINUTE]


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_a_refusal_names_the_demand_the_use_and_the_wait(reopen: Reopen, algorithm: Algorithm) -> None:
    one = demand(1, algorithm=algorithm)
    await ask(reopen(), NOON, one)
    assert await ask(reopen(), NOON + 10, one) == Exceeded(one, 1, MINUTE - 10)


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_what_never_fits_says_so(reopen: Reopen, algorithm: Algorithm) -> None:
    big = demand(2, cost=3, algorithm=algorithm)
    assert await ask(reopen(), NOON, big) == Exceeded(big, 0, None)
    nothing = demand(0, key="other", algorithm=algorithm)
    assert await ask(reopen(), NOON, nothing) == Exceeded(nothing, 0, None)


async def test_all_demands_or_none(reopen: Reopen) -> None:
    wide, narrow = demand(5, key="wide"), demand(1, key="narrow")
    assert isinstance(await ask(reopen(), NOON, wide, narrow), Reservation)
    for _ in range(9):
        refused = await ask(reopen(), NOON, wide, narrow)
        assert isinstance(refused, Exceeded)
        assert refused.demand == narrow
    assert len(await admitted(reopen, [wide], [NOON] * 9)) == 4


async def test_the_wait_is_for_the_whole_call(reopen: Reopen) -> None:
    minute, hour = demand(1, key="m"), demand(1, key="h", window=60 * MINUTE)
    await ask(reopen(), NOON, minute, hour)
    refused = await ask(reopen(), NOON, minute, hour)
    assert isinstance(refused, Exceeded)
    assert (refused.demand, refused.retry_after) == (minute, 60 * MINUTE)
    never = await ask(reopen(), NOON, minute, demand(1, key="x", cost=2))
    assert isinstance(never, Exceeded)
    assert never.retry_after is None


async def test_one_counter_asked_for_twice_in_a_call_counts_twice(reopen: Reopen) -> None:
    assert isinstance(await ask(reopen(), NOON, demand(3), demand(3)), Reservation)
    refused = await ask(reopen(), NOON, demand(3), demand(3))
    assert isinstance(refused, Exceeded)
    assert isinstance(await ask(reopen(), NOON, demand(3)), Reservation)
    never = await ask(reopen(), NOON, demand(1, key="z"), demand(1, key="z"))
    assert isinstance(never, Exceeded)
    assert never.retry_after is None


async def test_keys_algorithms_and_windows_are_counted_apart(reopen: Reopen) -> None:
    for one in (
        demand(1),
        demand(1, key="other"),
        demand(1, algorithm=Algorithm.CALENDAR),
        demand(1, algorithm=Algorithm.TOKEN_BUCKET),
        demand(1, window=2 * MINUTE),
    ):
        assert len(await admitted(reopen, [one], [NOON, NOON])) == 1


async def test_a_new_maximum_holds_at_once(reopen: Reopen) -> None:
    assert len(await admitted(reopen, [demand(3)], [NOON] * 5)) == 3
    refused = await ask(reopen(), NOON + 1, demand(1))
    assert isinstance(refused, Exceeded)
    assert refused.retry_after == MINUTE - 1
    assert len(await admitted(reopen, [demand(4)], [NOON] * 5)) == 1


async def test_decimals_are_exact(reopen: Reopen) -> None:
    dime = demand(Decimal("0.3"), cost=Decimal("0.1"))
    assert len(await admitted(reopen, [dime], [NOON] * 5)) == 3
    assert isinstance(await ask(reopen(), NOON, demand(Decimal("0.3"), cost=Decimal("1E-40"))), Exceeded)
    huge = demand(10**40, key="huge", cost=Decimal("1E+39"))
    assert len(await admitted(reopen, [huge], [NOON] * 12)) == 10


@pytest.mark.parametrize(
    "cost", [-1, Decimal("-0.01"), Decimal("NaN"), Decimal("Infinity"), Decimal("1E+999999"), 10**61]
)
async def test_what_cannot_be_counted_is_refused(reopen: Reopen, cost: Decimal | int) -> None:
    store = reopen()
    with pytest.raises(StoreError, match="cannot be counted"):
        await store.reserve([demand(10, key="first"), demand(10, cost=cost)], NOON)
    await asyncio.sleep(0)
    assert len(await admitted(reopen, [demand(1, key="first")], [NOON] * 2)) == 1


@pytest.mark.parametrize("window", [0, -1, 2**62])
async def test_a_window_that_cannot_be_counted_is_refused(reopen: Reopen, window: int) -> None:
    with pytest.raises(StoreError, match="window"):
        await reopen().reserve([demand(window=window)], NOON)


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_a_clock_that_steps_back_frees_nothing(reopen: Reopen, algorithm: Algorithm) -> None:
    one = demand(1, algorithm=algorithm)
    assert await admitted(reopen, [one], [NOON, NOON - 10 * MINUTE, NOON - 1]) == [NOON]
    refused = await ask(reopen(), NOON - MINUTE, one)
    assert isinstance(refused, Exceeded)
    assert refused.retry_after == 2 * MINUTE


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_a_released_reservation_is_free_again_but_once(reopen: Reopen, algorithm: Algorithm) -> None:
    one = demand(2, algorithm=algorithm)
    first = await ask(reopen(), NOON, one)
    await ask(reopen(), NOON, one)
    assert isinstance(first, Reservation)
    for _ in range(3):
        await reopen().release(first)
        await asyncio.sleep(0)
    assert len(await admitted(reopen, [one], [NOON] * 5)) == 1


async def test_releasing_what_is_unknown_or_empty_changes_nothing(reopen: Reopen) -> None:
    await ask(reopen(), NOON, demand(1))
    await reopen().release(Reservation("nobody's", (demand(1), demand(1, key="other")), NOON))
    await asyncio.sleep(0)
    assert isinstance(await ask(reopen(), NOON, demand(1)), Exceeded)
    empty = await ask(reopen(), NOON)
    assert isinstance(empty, Reservation)
    assert empty.demands == ()
    await reopen().release(empty)


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_a_settled_cost_counts_instead_of_the_reserved_one(reopen: Reopen, algorithm: Algorithm) -> None:
    big = demand(10, cost=8, algorithm=algorithm)
    first = await ask(reopen(), NOON, big)
    assert isinstance(first, Reservation)
    await reopen().settle(first, big, Decimal("2.5"))
    await asyncio.sleep(0)
    assert isinstance(await ask(reopen(), NOON, demand(10, cost=Decimal("7.6"), algorithm=algorithm)), Exceeded)
    assert isinstance(await ask(reopen(), NOON, demand(10, cost=Decimal("7.5"), algorithm=algorithm)), Reservation)


@pytest.mark.parametrize("algorithm", [Algorithm.SLIDING, Algorithm.CALENDAR])
async def test_a_settled_cost_may_exceed_and_ends_with_its_window(reopen: Reopen, algorithm: Algorithm) -> None:
    for start, cost in ((NOON, 1), (NOON + 5 * MINUTE, 0)):
        one = demand(2, cost=cost, algorithm=algorithm)
        first = await ask(reopen(), start, one)
        assert isinstance(first, Reservation)
        await reopen().settle(first, one, 50)
        await asyncio.sleep(0)
        refused = await ask(reopen(), start, demand(2, algorithm=algorithm))
        assert isinstance(refused, Exceeded)
        assert (refused.used, refused.retry_after) == (50, MINUTE)
        assert isinstance(await ask(reopen(), start + MINUTE, demand(2, algorithm=algorithm)), Reservation)
        await reopen().settle(first, one, 50 if cost else 0)
        await asyncio.sleep(0)
        assert isinstance(await ask(reopen(), start + MINUTE, demand(2, algorithm=algorithm)), Reservation)


async def test_a_settled_reservation_can_still_be_released(reopen: Reopen) -> None:
    one = demand(2)
    first = await ask(reopen(), NOON, one)
    assert isinstance(first, Reservation)
    await reopen().settle(first, one, 2)
    await reopen().release(first)
    await asyncio.sleep(0)
    assert len(await admitted(reopen, [one], [NOON] * 4)) == 2


async def test_what_cannot_be_counted_is_not_settled(reopen: Reopen) -> None:
    one = demand(2)
    first = await ask(reopen(), NOON, one)
    assert isinstance(first, Reservation)
    with pytest.raises(StoreError, match="cannot be counted"):
        await reopen().settle(first, one, -1)
    await asyncio.sleep(0)
    assert len(await admitted(reopen, [one], [NOON] * 4)) == 1


async def test_a_cost_of_nothing_fits_and_takes_nothing(reopen: Reopen) -> None:
    free = demand(1, cost=0)
    assert len(await admitted(reopen, [free], [NOON] * 5)) == 5
    assert len(await admitted(reopen, [demand(1)], [NOON] * 5)) == 1


async def test_what_was_forgotten_as_idle_is_not_free_for_a_clock_that_steps_back(reopen: Reopen) -> None:
    store = reopen()
    await ask(store, NOON, demand(1))
    for number in range(3000):
        await store.reserve([demand(1, key=str(number))], NOON + 10 * MINUTE)
    await asyncio.sleep(0)
    back = await ask(reopen(), NOON + 1, demand(1))
    assert isinstance(back, Exceeded) or back.at >= NOON + MINUTE
