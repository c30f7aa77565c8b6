"""The exact sliding window: in any interval of the window's length, at most `max` is admitted.

Intervals are half open: what is booked at `t` counts in `[t, t + window)` and no longer at `t + window`.
`Tally.used` is the sum of all entries, those that no longer count included until they are forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ostiary.limits.amount import Amount, add, subtract
from ostiary.limits.tally import Answer, Entry, Fits, Tally, Waits
from ostiary.model import Limit


def reserve(tally: Tally, entries: Iterable[Entry], limit: Limit, cost: Amount, now: int) -> Answer:
    """Whether `cost` fits at `now`, which is not before `tally.at`. `entries` are the counter's, oldest first; only as
    many are read as are needed."""
    horizon = now - limit.window
    room = subtract(limit.max, cost)
    if tally.used <= room:  # it fits even beside what is spent: that can be forgotten later, much at once
        return Fits(Tally(add(tally.used, cost), now), horizon, False, now + limit.window)
    oldest_first = iter(entries)
    used, has_spent, oldest = _forget_spent(tally.used, oldest_first, horizon)
    if room < 0:
        return Waits(used, None)
    if used <= room:
        return Fits(Tally(add(used, cost), now), horizon, has_spent, now + limit.window)
    return Waits(used, _first_instant(used, room, oldest, oldest_first, limit.window))


def _forget_spent(used: Amount, entries: Iterator[Entry], horizon: int) -> tuple[Amount, bool, Entry | None]:
    """What still counts after `horizon`, whether anything was spent, and the oldest entry that still counts."""
    has_spent = False
    for entry in entries:
        if entry.at > horizon:
            return used, has_spent, entry
        used = subtract(used, entry.cost)
        has_spent = True
    return used, has_spent, None


def _first_instant(
    used: Amount, room: Amount, oldest: Entry | None, others: Iterator[Entry], window: int
) -> int | None:
    for entry in chain([oldest] if oldest else [], others):
        used = subtract(used, entry.cost)
        if used <= room:
            return entry.at + window
    return None


def release(tally: Tally, entry: Entry, _limit: Limit) -> Tally:
    """The state without `entry`, which is still among the counter's entries."""
    return Tally(subtract(tally.used, entry.cost), tally.at)


def settle(tally: Tally, entry: Entry, _limit: Limit, cost: Amount) -> Tally:
    """The state with `entry`, which is still among the counter's entries, counted for `cost` instead."""
    return Tally(add(subtract(tally.used, entry.cost), cost), tally.at)
