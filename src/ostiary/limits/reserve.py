"""All demands of one call, reserved together or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from ostiary.errors import StoreError
from ostiary.limits import calendar, sliding, token_bucket
from ostiary.limits.amount import Amount, add, require_countable
from ostiary.limits.tally import Answer, Entry, Tally, Waits
from ostiary.model import Algorithm, Demand, Exceeded, Limit

_RESERVE = {
    Algorithm.SLIDING: sliding.reserve,
    Algorithm.TOKEN_BUCKET: token_bucket.reserve,
    Algorithm.CALENDAR: calendar.reserve,
}
_RELEASE = {
    Algorithm.SLIDING: sliding.release,
    Algorithm.TOKEN_BUCKET: token_bucket.release,
    Algorithm.CALENDAR: calendar.release,
}
_SETTLE = {
    Algorithm.SLIDING: sliding.settle,
    Algorithm.TOKEN_BUCKET: token_bucket.settle,
    Algorithm.CALENDAR: calendar.settle,
}


_LONGEST_WINDOW = 2**61
"""In nanoseconds, 73 years: so that an instant is always a 64-bit number."""


class Counters(Protocol):
    """What a store shows of its counters. Keys are those of `counter_key`."""

    def tally(self, key: str) -> Tally:
        """The counter's state; `Tally()` where nothing is booked."""

    def entries(self, key: str) -> Iterable[Entry]:
        """The counter's entries, oldest first, read lazily."""


class Booking(msgspec.Struct, frozen=True):
    """What a store has to keep for one counter: the new state, an entry of `cost` at `tally.at` (none where it is 0),
    and that entries up to `horizon` may go. The whole counter may go at `idle_from`."""

    key: str
    cost: Amount
    tally: Tally
    horizon: int
    has_spent: bool
    idle_from: int


def counter_key(demand: Demand) -> str:
    """The counter's name in a store: one limit's numbers mean nothing to another algorithm or window."""
    return f"{demand.limit.algorithm.value}:{demand.limit.window}:{demand.key}"


def reserve(counters: Counters, demands: Sequence[Demand], now: int) -> tuple[Booking, ...] | Exceeded:
    """What to book, all at one instant, or the first demand that does not fit.

    `retry_after` of the refusal is the time from `now` to the first instant at which the whole call would fit. A clock
    that stepped back is taken to stand still. Raises `StoreError` for a cost or limit that cannot be counted.
    """
    keys = [counter_key(demand) for demand in demands]
    tallies = {key: counters.tally(key) for key in keys}
    at = max((tally.at for tally in tallies.values()), default=now)
    at = max(at, now)
    costs: dict[str, Amount] = {}
    bookings: dict[str, Booking] = {}
    refused: list[tuple[Demand, Waits]] = []
    for key, demand in zip(keys, demands, strict=True):
        _require_sound(demand)
        costs[key] = add(costs.get(key, 0), demand.cost)
        answer = _ask(tallies[key], counters.entries(key), demand.limit, costs[key], at)
        if isinstance(answer, Waits):
            refused.append((demand, answer))
        else:
            bookings[key] = Booking(key, costs[key], answer.tally, answer.horizon, answer.has_spent, answer.idle_from)
    return _exceeded(refused, now) if refused else tuple(bookings.values())


def _ask(tally: Tally, entries: Iterable[Entry], limit: Limit, cost: Amount, at: int) -> Answer:
    return _RESERVE[limit.algorithm](tally, entries, limit, cost, at)


def _exceeded(refused: Sequence[tuple[Demand, Waits]], now: int) -> Exceeded:
    instants = [waits.until for _, waits in refused]
    known = [instant for instant in instants if instant is not None]
    retry_after = max(known) - now if len(known) == len(instants) else None
    demand, first = refused[0]
    return Exceeded(demand, first.used, retry_after)


def _require_sound(demand: Demand) -> None:
    require_countable(demand.cost, f"the cost for rule `{demand.rule}`")
    require_countable(demand.limit.max, f"the maximum of rule `{demand.rule}`")
    if not 0 < demand.limit.window < _LONGEST_WINDOW:
        raise StoreError(f"the window of rule `{demand.rule}` is {demand.limit.window} ns long: it cannot be counted")


def release(tally: Tally, entry: Entry, limit: Limit) -> Tally:
    """The counter's state once `entry`, which it still holds, is taken back."""
    return _RELEASE[limit.algorithm](tally, entry, limit)


def settle(tally: Tally, entry: Entry, limit: Limit, cost: Amount) -> Tally:
    """The counter's state once `entry`, which it still holds, counts for `cost` instead; that may be more than `max`.

    Raises `StoreError` for a cost that cannot be counted."""
    require_countable(cost, "the real cost")
    return _SETTLE[limit.algorithm](tally, entry, limit, cost)
