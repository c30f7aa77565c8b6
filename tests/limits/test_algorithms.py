"""Each algorithm by itself, as a function of values."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest

from ostiary.errors import StoreError
from ostiary.limits import Entry, Fits, Tally, Waits, calendar, sliding, token_bucket
from ostiary.limits.amount import Amount, add, divide_up, multiply, require_countable, subtract
from ostiary.model import Algorithm, Limit

WINDOW = 60


def test_sliding_forgets_what_is_spent_only_when_room_is_needed() -> None:
    limit = Limit(3, WINDOW)
    entries = [Entry(0, 1), Entry(10, 1)]
    assert sliding.reserve(Tally(2, 10), entries, limit, 1, 100) == Fits(Tally(3, 100), 40, False, 160)
    entries.append(Entry(100, 1))
    assert sliding.reserve(Tally(3, 100), entries, limit, 1, 100) == Fits(Tally(2, 100), 40, True, 160)


def test_sliding_reads_no_more_entries_than_it_needs() -> None:
    seen: list[int] = []

    def entries() -> Iterator[Entry]:
        for at in range(1000):
            seen.append(at)
            yield Entry(at, 1)

    assert sliding.reserve(Tally(1000, 999), entries(), Limit(1000, 2000), 3, 999) == Waits(1000, 2002)
    assert len(seen) == 3


def test_a_calendar_period_starts_afresh() -> None:
    limit = Limit(2, WINDOW)
    assert calendar.reserve(Tally(2, 119), [Entry(119, 2)], limit, 1, 119) == Waits(2, 120)
    assert calendar.reserve(Tally(2, 119), [Entry(119, 2)], limit, 1, 120) == Fits(Tally(1, 120), 119, True, 180)


def test_a_bucket_counts_in_tokens_times_window_and_divides_nothing() -> None:
    limit = Limit(7, WINDOW, Algorithm.TOKEN_BUCKET)
    first = token_bucket.reserve(Tally(), [], limit, 7, 0)
    assert isinstance(first, Fits)
    assert first.tally == Tally(7 * WINDOW, 0)
    assert token_bucket.reserve(first.tally, [], limit, 1, 8) == Waits(7, 9)
    ninth = token_bucket.reserve(first.tally, [], limit, 1, 9)
    assert isinstance(ninth, Fits)
    assert ninth.tally == Tally(7 * WINDOW - 7 * 9 + WINDOW, 9)


def test_a_bucket_gives_back_no_more_than_is_still_owed() -> None:
    limit = Limit(1, WINDOW, Algorithm.TOKEN_BUCKET, burst=2)
    assert token_bucket.release(Tally(120, 60), Entry(0, 1), limit) == Tally(120, 60)
    assert token_bucket.release(Tally(120, 30), Entry(0, 1), limit) == Tally(90, 30)
    assert token_bucket.release(Tally(60, 0), Entry(0, 1), limit) == Tally(0, 0)


@pytest.mark.parametrize(
    ("left", "right"), [(1, 2), (Decimal("0.1"), Decimal("0.2")), (10**50, Decimal("1E-50")), (Decimal("-1.5"), 7)]
)
def test_arithmetic_is_exact(left: Amount, right: Amount) -> None:
    assert Fraction(add(left, right)) == Fraction(left) + Fraction(right)
    assert Fraction(subtract(left, right)) == Fraction(left) - Fraction(right)
    assert Fraction(multiply(left, right)) == Fraction(left) * Fraction(right)


def test_division_rounds_up() -> None:
    assert (divide_up(7, 2), divide_up(6, 2), divide_up(Decimal("0.1"), 3)) == (4, 3, 1)


@pytest.mark.parametrize(
    "amount", [-1, True, 10**60, Decimal("-0"), Decimal("sNaN"), Decimal("1E+60"), Decimal("1E-61")]
)
def test_what_is_no_countable_amount_is_refused(amount: Amount) -> None:
    with pytest.raises(StoreError, match="the cost cannot be counted"):
        require_countable(amount, "the cost")


@pytest.mark.parametrize("amount", [0, 10**60 - 1, Decimal("0.00"), Decimal("1E-60"), Decimal("9E+59")])
def test_what_is_countable_is_not(amount: Amount) -> None:
    require_countable(amount, "the cost")
