"""Counters in memory, for what lives as long as one process: `ostiary explain`, policy tests, and our own tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from ostiary.limits import Booking, Entry, Tally, counter_key, release, reserve, settle
from ostiary.limits.amount import Amount
from ostiary.model import Demand, Exceeded, Reservation

_SWEEP_EVERY: Final = 1024


class _Counter(msgspec.Struct):
    tally: Tally
    entries: deque[tuple[str, Entry]]
    idle_from: int


class MemoryCounters:
    """A `CounterStore`."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counter] = {}
        self._count = 0
        self._swept = 0

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
        if self._count % _SWEEP_EVERY == 0:
            self._sweep(now)
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

    async def settle(self, reservation: Reservation, demand: Demand, cost: Amount) -> None:
        """Count a demand for what it came to; see `ports.CounterStore`."""
        counter = self._counters.get(counter_key(demand))
        if counter is None:
            return
        held = next((held for held in counter.entries if held[0] == reservation.id), None)
        if held is None and demand.cost:
            return
        id, entry = held or (reservation.id, Entry(counter.tally.at, 0))
        counter.tally = settle(counter.tally, entry, demand.limit, cost)
        entries = [other for other in counter.entries if other is not held]
        if cost:
            entries = sorted([*entries, (id, Entry(entry.at, cost))], key=lambda one: one[1].at)
        counter.entries = deque(entries)

    def tally(self, key: str) -> Tally:
        """See `limits.reserve.Counters`."""
        counter = self._counters.get(key)
        return Tally(0, self._swept) if counter is None else counter.tally

    def entries(self, key: str) -> Iterable[Entry]:
        """See `limits.reserve.Counters`."""
        counter = self._counters.get(key)
        return () if counter is None else (entry for _, entry in counter.entries)

    def _book(self, booking: Booking, id: str) -> None:
        counter = self._counters.setdefault(booking.key, _Counter(Tally(), deque(), 0))
        counter.tally, counter.idle_from = booking.tally, booking.idle_from
        while booking.has_spent and counter.entries and counter.entries[0][1].at <= booking.horizon:
            counter.entries.popleft()
        if booking.cost:
            counter.entries.append((id, Entry(booking.tally.at, booking.cost)))

    def _sweep(self, now: int) -> None:
        """Forget idle counters; time does not go back before that."""
        idle = [key for key, counter in self._counters.items() if counter.idle_from <= now]
        for key in idle:
            del self._counters[key]
        if idle:
            self._swept = max(self._swept, now)
