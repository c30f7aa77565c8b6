"""No interval of a window admits more than its limit, whatever is asked, released, restarted or done to the clock."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ostiary.limits.amount import Amount
from ostiary.model import Algorithm, Demand, Exceeded, Limit, Reservation
from ostiary.ports import CounterStore
from ostiary.stores.counters import SqliteCounters
from ostiary.stores.database import Database
from ostiary.stores.memory import MemoryCounters

WINDOW = 60
amounts = st.one_of(st.just(1), st.integers(0, 5), st.decimals(0, 5, places=3))
limits = st.builds(
    Limit,
    max=st.one_of(st.integers(0, 8), st.decimals(0, 8, places=2)),
    window=st.just(WINDOW),
    algorithm=st.sampled_from(Algorithm),
    burst=st.one_of(st.none(), st.integers(1, 8)),
)


class Step(msgspec.Struct, frozen=True):
    """Time moves by `pause` (back, if negative), then `cost` is asked for, and maybe an older reservation released."""

    pause: int
    cost: Amount
    released: int | None


steps = st.lists(
    st.builds(Step, pause=st.integers(-20, 40), cost=amounts, released=st.none() | st.integers(0, 30)), max_size=40
)


def play(limit: Limit, script: Sequence[Step]) -> list[tuple[int, Fraction]]:
    """What was admitted and never taken back, in the order of admission: when, and how much."""
    counters, now = MemoryCounters(), 1000
    made: list[Reservation] = []
    gone: set[str] = set()
    for step in script:
        now = max(0, now + step.pause)
        answer = counters.reserve_now([Demand("k", "r", limit, step.cost)], now)
        if isinstance(answer, Reservation):
            made.append(answer)
        if step.released is not None and step.released < len(made):
            asyncio.run(counters.release(made[step.released]))
            gone.add(made[step.released].id)
    return [(one.at, Fraction(one.demands[0].cost)) for one in made if one.id not in gone]


def calls(*pauses: int, released: int) -> list[Step]:
    return [Step(pause, 1, None) for pause in pauses] + [Step(0, 1, released), Step(0, 1, None)]


@settings(max_examples=400, deadline=None)
@example(Limit(1, WINDOW, Algorithm.TOKEN_BUCKET, 2), calls(0, 60, 0, released=0))
@example(Limit(1, WINDOW, Algorithm.TOKEN_BUCKET, 4), calls(0, 30, 0, 0, released=0))
@example(Limit(2, WINDOW, Algorithm.CALENDAR), calls(0, 60, 0, released=0))
@given(limits, steps)
def test_no_interval_admits_more_than_the_limit(limit: Limit, script: Sequence[Step]) -> None:
    admitted = play(limit, script)
    for start, _ in admitted:
        for end, _ in admitted:
            total = sum((cost for at, cost in admitted if start <= at <= end), Fraction(0))
            assert total <= most(limit, start, end), (start, end, admitted)


def most(limit: Limit, start: int, end: int) -> Fraction:
    """The most that may pass in `[start, end]`, written down without looking at the algorithms."""
    if end < start:
        return Fraction(0)
    top = Fraction(limit.max)
    match limit.algorithm:
        case Algorithm.SLIDING:
            return top * ((end - start) // WINDOW + 1)
        case Algorithm.CALENDAR:
            return top * (end // WINDOW - start // WINDOW + 1)
        case Algorithm.TOKEN_BUCKET:
            burst = top if limit.burst is None else Fraction(limit.burst)
            return burst + top * (end - start) / WINDOW


@settings(max_examples=300, deadline=None)
@given(limits, steps, amounts, st.integers(-100, 100))
def test_retry_after_is_the_first_instant_that_fits(
    limit: Limit, script: Sequence[Step], cost: Amount, pause: int
) -> None:
    counters, now = MemoryCounters(), 1000
    for step in script:
        now = max(0, now + step.pause)
        counters.reserve_now([Demand("k", "r", limit, step.cost)], now)
    now = max(0, now + pause)
    demand = Demand("k", "r", limit, cost)
    answer = counters.reserve_now([demand], now)
    if not isinstance(answer, Exceeded):
        return
    if answer.retry_after is None:
        assert isinstance(counters.reserve_now([demand], now + 10**9), Exceeded)
        return
    assert answer.retry_after > 0
    assert isinstance(counters.reserve_now([demand], now + answer.retry_after - 1), Exceeded)
    assert isinstance(counters.reserve_now([demand], now + answer.retry_after), Reservation)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), limits, amounts), min_size=1, max_size=4), st.integers(0, 200))
def test_a_refused_call_consumes_nothing(asked: list[tuple[str, Limit, Amount]], now: int) -> None:
    counters = MemoryCounters()
    demands = [Demand(key, "r", limit, cost) for key, limit, cost in asked]
    before = msgspec.to_builtins({})
    answer = counters.reserve_now(demands, now)
    if isinstance(answer, Exceeded):
        assert counters._counters == before
    else:
        assert answer.demands == tuple(demands)


@settings(max_examples=60, deadline=None)
@given(st.lists(limits, min_size=1, max_size=2), steps)
def test_the_database_answers_as_memory_does(rules: list[Limit], script: Sequence[Step]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory))
        stores: list[CounterStore] = [MemoryCounters(), SqliteCounters(database)]
        now, made = 1000, list[tuple[Reservation, ...]]()
        for step in script:
            now = max(0, now + step.pause)
            demands = [Demand(f"k{number}", "r", limit, step.cost) for number, limit in enumerate(rules)]
            answers = [asyncio.run(store.reserve(demands, now)) for store in stores]
            booked = tuple(answer for answer in answers if isinstance(answer, Reservation))
            assert len(booked) in (0, len(stores))
            if booked:
                assert len({answer.at for answer in booked}) == 1
                made.append(booked)
            else:
                assert answers[0] == answers[1]
            if step.released is not None and step.released < len(made):
                for store, reservation in zip(stores, made[step.released], strict=True):
                    asyncio.run(store.release(reservation))
        database.close()


@given(st.lists(st.decimals("0.001", 1, places=3), min_size=1, max_size=50))
def test_decimals_add_up_exactly(costs: list[Decimal]) -> None:
    counters = MemoryCounters()
    limit = Limit(sum(costs, Decimal(0)), WINDOW)
    answers = [counters.reserve_now([Demand("k", "r", limit, cost)], 0) for cost in costs]
    assert all(isinstance(answer, Reservation) for answer in answers)
    assert isinstance(counters.reserve_now([Demand("k", "r", limit, Decimal("1E-50"))], 0), Exceeded)
