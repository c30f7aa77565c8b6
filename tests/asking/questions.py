"""A desk for approvals, without a gate: a store, counters, a ledger and a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from ostiary.approvals import Approval, Asked, Binding, Case, Question, read_event, replay
from ostiary.asking.questions import Questions, Reply
from ostiary.ledger.chain import Link
from ostiary.model import ApprovalTerms, Demand, Limit, Reservation
from ostiary.stores.approvals import SqliteApprovals
from ostiary.stores.counters import SqliteCounters
from ostiary.stores.database import Database
from ostiary.stores.ledger import SqliteLedger, new_writer
from ostiary.stores.reading import read_ledger
from tests.approvals.samples import BOUND, NOW


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> int:
        return self.time


class Office:
    """Everything an approval needs, on one state directory; `Office(...)` again is another process on the same."""

    def __init__(self, state: Path, clock: Clock | None = None, **more: Any) -> None:
        self.clock = clock or Clock()
        self.database = Database(state)
        self.counters = SqliteCounters(self.database)
        self.ledger = SqliteLedger(self.database, self.clock, new_writer())
        self.store = SqliteApprovals(self.database)
        self.questions = Questions(self.store, self.ledger, self.counters, self.clock, **more)
        self._ids = count(1)

    async def ask(
        self,
        bound: Binding = BOUND,
        arguments: str = '{"env":"staging"}',
        cost: Decimal | None = None,
        reservation: Reservation | None = None,
        **terms: Any,
    ) -> Case:
        asked = Asked(self.clock.now(), bound, ApprovalTerms(**terms), "/tools/charge", cost)
        id = f"ap_{next(self._ids)}"
        return await self.questions.ask(id, asked, Question(arguments, reason="moves money"), reservation)

    async def reserve(self, cost: int = 1, most: int = 1) -> Reservation:
        demand = Demand("calls", "/tools/charge/rate_limit", Limit(most, 3600 * 10**9), cost)
        reserved = await self.counters.reserve((demand,), self.clock.now())
        assert isinstance(reserved, Reservation), reserved
        return reserved

    async def fits(self) -> bool:
        """Whether the limit of `reserve` has room; takes none."""
        demand = Demand("calls", "/tools/charge/rate_limit", Limit(1, 3600 * 10**9))
        reserved = await self.counters.reserve((demand,), self.clock.now())
        if isinstance(reserved, Reservation):
            await self.counters.release(reserved)
        return isinstance(reserved, Reservation)

    def replayed(self) -> dict[str, Approval]:
        """What the ledger alone says of all approvals, as far as it is durable."""
        return replay(events_in(self.database.path))

    def kinds(self) -> list[str]:
        return [
            link.kind.removeprefix("approval.")
            for link in read_ledger(self.database.path)
            if isinstance(link, Link) and link.kind.startswith("approval.")
        ]

    def close(self) -> None:
        self.ledger.close()
        self.database.close()


def events_in(path: Path) -> Iterator[tuple[str, Any]]:
    for link in read_ledger(path):
        assert isinstance(link, Link)
        found = read_event(link.kind, msgspec.json.decode(link.body))
        if found is not None:
            yield found


@contextmanager
def office(state: Path, **more: Any) -> Iterator[Office]:
    made = Office(state, **more)
    try:
        yield made
    finally:
        made.close()


def yes(by: str = "operator:ann", via: str = "cli", **more: Any) -> Reply:
    return Reply(by, via, True, **more)


def no(by: str = "operator:ann", note: str = "") -> Reply:
    return Reply(by, "cli", False, note)
