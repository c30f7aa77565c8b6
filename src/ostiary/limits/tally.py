"""What a counter remembers, and what an algorithm answers. Times are Unix nanoseconds."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from ostiary.limits.amount import Amount


class Tally(msgspec.Struct, frozen=True):
    """A counter's state. `used` is what is booked, as its algorithm counts it; `at` is when something was last booked,
    and time never goes back before it. A fresh counter is `Tally()`."""

    used: Amount = 0
    at: int = 0


class Entry(msgspec.Struct, frozen=True):
    """One booking of `cost`, kept as long as it counts or may be released."""

    at: int
    cost: Amount


class Fits(msgspec.Struct, frozen=True):
    """The cost fits: `tally` is the state with it booked. Entries booked at or before `horizon` are spent and may be
    forgotten (`has_spent` says whether there are any); at `idle_from` the counter is as good as fresh."""

    tally: Tally
    horizon: int
    has_spent: bool
    idle_from: int


class Waits(msgspec.Struct, frozen=True):
    """The cost does not fit beside `used`. `until` is the first instant at which it will, if nothing else is booked;
    None if it never will."""

    used: Amount
    until: int | None


Answer: TypeAlias = "Fits | Waits"
