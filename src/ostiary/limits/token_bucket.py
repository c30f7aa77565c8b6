"""The token bucket: `burst` at once (`max` where it is not given), refilled by `max` per window.

In any interval of length `t`, at most `burst + max * t / window` is admitted. `Tally.used` is the debt, what is missing
from a full bucket, in tokens times nanoseconds of the window: so a refill of `max` per window is `max` per nanosecond,
and nothing is ever divided.
"""

from __future__ import annotations

from collections.abc import Iterable

from ostiary.limits.amount import Amount, add, divide_up, multiply, subtract
from ostiary.limits.tally import Answer, Entry, Fits, Tally, Waits
from ostiary.model import Limit


def reserve(tally: Tally, entries: Iterable[Entry], limit: Limit, cost: Amount, now: int) -> Answer:
    """Whether the bucket holds `cost` at `now`, which is not before `tally.at`."""
    debt = _drained(tally.used, limit, now - tally.at)
    capacity = multiply(limit.max if limit.burst is None else limit.burst, limit.window)
    wanted = add(debt, multiply(cost, limit.window))
    excess = subtract(wanted, capacity)
    if excess <= 0:
        refill = divide_up(capacity, limit.max) if limit.max > 0 else limit.window
        oldest = next(iter(entries), None)
        has_spent = oldest is not None and oldest.at <= now - refill
        return Fits(Tally(wanted, now), now - refill, has_spent, now + refill)
    used = divide_up(debt, limit.window)
    never = limit.max <= 0 or excess > debt
    return Waits(used, None if never else now + divide_up(excess, limit.max))


def _drained(debt: Amount, limit: Limit, elapsed: int) -> Amount:
    left = subtract(debt, multiply(limit.max, elapsed))
    return max(0, left)


def release(tally: Tally, entry: Entry, limit: Limit) -> Tally:
    """The state with so much of `entry` given back as certainly has not been refilled since.

    Giving all of it back could fill the bucket beyond what it would hold had the entry never been booked.
    """
    still_owed = _drained(multiply(entry.cost, limit.window), limit, tally.at - entry.at)
    return Tally(subtract(tally.used, still_owed), tally.at)


def settle(tally: Tally, entry: Entry, limit: Limit, cost: Amount) -> Tally:
    """The state with `entry` counted for `cost` instead; what has been refilled since stays refilled."""
    released = release(tally, entry, limit)
    return Tally(add(released.used, _drained(multiply(cost, limit.window), limit, tally.at - entry.at)), tally.at)
