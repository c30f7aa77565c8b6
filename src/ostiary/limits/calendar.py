"""Calendar windows, aligned to UTC: `max` within each minute, hour or day; up to twice `max` around a boundary.

A period of any other length is aligned to the Unix epoch.
"""

from __future__ import annotations

from collections.abc import Iterable

from ostiary.limits.amount import Amount, add, subtract
from ostiary.limits.tally import Answer, Entry, Fits, Tally, Waits
from ostiary.model import Limit


def reserve(tally: Tally, entries: Iterable[Entry], limit: Limit, cost: Amount, now: int) -> Answer:
    """Whether `cost` fits into the period of `now`, which is not before `tally.at`."""
    start = now - now % limit.window
    is_same_period = tally.at >= start
    used = tally.used if is_same_period else 0
    room = subtract(limit.max, cost)
    if room < 0:
        return Waits(used, None)
    if used > room:
        return Waits(used, start + limit.window)
    has_spent = not is_same_period and next(iter(entries), None) is not None
    return Fits(Tally(add(used, cost), now), start - 1, has_spent, start + limit.window)


def release(tally: Tally, entry: Entry, _limit: Limit) -> Tally:
    """The state without `entry`, which is still among the counter's entries, so of the same period."""
    return Tally(subtract(tally.used, entry.cost), tally.at)


def settle(tally: Tally, entry: Entry, _limit: Limit, cost: Amount) -> Tally:
    """The state with `entry`, which is still among the counter's entries, counted for `cost` instead."""
    return Tally(add(subtract(tally.used, entry.cost), cost), tally.at)
