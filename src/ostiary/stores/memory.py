"""Counters in memory, for what lives as long as one process: `ostiary explain`, policy tests, and our own tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import msgspec

from ostiary.limits import Booking, Entry, Tally, counter_key, release, reserve
from ostiary.model import Demand, Exceeded, Reservation


class _Counter(msgspec.Struct):
    tally: Tally
    entries: deque[tuple[str, Entry]]


class MemoryCounters:
    """A `CounterStore`."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counter] = {}
        self._count = 0

    async def reserve(self, demands: Sequence[Demand], now: int) -> Reservation | Exceeded:
        """Book all demands or none; see `ports.CounterStore`."""
        return self.reserve_now(demands, now)

    def reserve_now(self, demands: Sequence[Demand], now: int) -> Reservation | Exceeded:
        """`reserve`, for code without an event loop."""
        answer = reserve(self, demands, now)
        if isinstance(answer, Exceeded):
            return answer
        self._count += 1
        id = str(self._count)
        for booking in answer:
            self._book(booking, id)
        return Reservation(id, tuple(demands), answer[0].tally.at if answer else now)

    async def release(self, reservation: Reservation) -> None:
        """Take back what the reservation still holds; see `ports.CounterStore`."""
        for key, demand in {counter_key(demand): demand for demand in reservation.demands}.items():
            counter = self._counters.get(key)
            if counter is None:
                continue
            for held in [held for held in counter.entries if held[0] == reservation.id]:
                counter.entries.remove(held)
                counter.tally = release(counter.tally, held[1], demand.limit)

    def tally(self, key: str) -> Tally:
        """See `limits.reserve.Counters`."""
        counter = self._counters.get(key)
        return Tally() if counter is None else counter.tally

    def entries(self, key: str) -> Iterable[Entry]:
        """See `limits.reserve.Counters`."""
        counter = self._counters.get(key)
        return () if counter is None else (entry for _, entry in counter.entries)

    def _book(self, booking: Booking, id: str) -> None:
        counter = self._counters.setdefault(booking.key, _Counter(Tally(), deque()))
        counter.tally = booking.tally
        while booking.has_spent and counter.entries and counter.entries[0][1].at <= booking.horizon:
            counter.entries.popleft()
        if booking.cost:
            counter.entries.append((id, Entry(booking.tally.at, booking.cost)))
