"""What a rule asks a counter store for, and what the store answers."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec


class Algorithm(StrEnum):
    SLIDING = "sliding"
    TOKEN_BUCKET = "token_bucket"
    CALENDAR = "calendar"


class Limit(msgspec.Struct, frozen=True):
    """At most `max` within `window` nanoseconds. `burst` belongs to the token bucket: its capacity."""

    max: Decimal | int
    window: int
    algorithm: Algorithm = Algorithm.SLIDING
    burst: int | None = None


class Demand(msgspec.Struct, frozen=True):
    """One counter that a call must fit into. `key` names the counter: who and what is counted together.

    `rule` is the id of the rule that asks, `reason` what the agent is told if it does not fit,
    `unit` what a cost of 1 is (`calls` for a rate limit). `settle` leads to the real cost in the answer, where there is
    one; `on_outage` says what happens where it cannot be counted: `deny`, or `local`.
    """

    key: str
    rule: str
    limit: Limit
    cost: Decimal | int = 1
    reason: str | None = None
    unit: str = "calls"
    settle: tuple[str | int, ...] | None = None
    on_outage: str = "deny"


class Reservation(msgspec.Struct, frozen=True):
    """All demands of one call, reserved together. An empty one reserves nothing.

    `at` is the time the store booked them under; with `id` it names the entries to release.
    """

    id: str
    demands: tuple[Demand, ...]
    at: int


class Exceeded(msgspec.Struct, frozen=True):
    """The first demand that did not fit; nothing was reserved.

    `retry_after` is in nanoseconds, None where waiting alone never helps (the cost is above `max`).
    """

    demand: Demand
    used: Decimal | int
    retry_after: int | None
