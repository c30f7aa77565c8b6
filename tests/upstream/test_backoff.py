"""How long a failing command is left alone."""

from __future__ import annotations

from ostiary.upstream.backoff import HEALTHY, LONGEST, Backoff


def test_the_first_ending_costs_nothing() -> None:
    backoff = Backoff()
    assert backoff.remaining(0) == 0
    backoff.record(0, 1)
    assert backoff.remaining(1) == 0


def test_waits_double_up_to_the_longest() -> None:
    backoff, now, waits = Backoff(), 0.0, []
    for _ in range(20):
        backoff.record(now, now)
        waits.append(backoff.remaining(now))
        now += waits[-1]
    assert waits[:5] == [0.0, 0.5, 1.0, 2.0, 4.0]
    assert waits[-1] == LONGEST
    assert max(waits) == LONGEST


def test_a_healthy_life_forgives() -> None:
    backoff = Backoff()
    for now in range(5):
        backoff.record(now, now)
    backoff.record(100, 100 + HEALTHY)
    assert backoff.remaining(100 + HEALTHY) == 0


def test_many_that_end_together_count_once() -> None:
    backoff = Backoff()
    for _ in range(64):
        backoff.record(0, 5)
    assert backoff.remaining(5) == 0
