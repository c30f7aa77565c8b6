"""Counters of limits in SQLite: read, judged and written within one transaction, so that limits hold across every
process that shares the state directory, and across restarts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from ostiary.errors import StoreError
from ostiary.limits import Booking, Entry, Tally, counter_key, release, reserve, settle
from ostiary.limits.amount import Amount
from ostiary.model import Demand, Exceeded, Reservation
from ostiary.stores.database import Database, Value

_SWEEP_EVERY: Final = 256
_SWEEP_ROWS: Final = 1024
_LAST_INSTANT: Final = 2**63 - 1


class SqliteCounters:
    """A `CounterStore`. A reservation shares the transaction, and so the fate, of every record that is appended in the
    same turn of the event loop; `reserve` itself does not wait for the commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids = secrets.token_hex(8)
        self._count = 0
        self._sweep_from = 0

    async def reserve(self, demands: Sequence[Demand], now: int) -> Reservation | Exceeded:
        """Book all demands or none; see `ports.CounterStore`."""
        self._count += 1
        id = f"{self._ids}{self._count:x}"
        if not demands:
            return Reservation(id, (), now)
        self._database.begin()
        if self._count % _SWEEP_EVERY == 0:
            self._sweep(now)
        shown = _Shown(self._database)
        answer = reserve(shown, demands, now)
        if isinstance(answer, Exceeded):
            return answer
        for booking in answer:
            self._book(booking, shown.ids[booking.key], id)
        return Reservation(id, tuple(demands), answer[0].tally.at)

    async def release(self, reservation: Reservation) -> None:
        """Take back what the reservation still holds; see `ports.CounterStore`."""
        database = self._database
        if not reservation.demands:
            return
        database.begin()
        shown = _Shown(database)
        for key, demand in {counter_key(demand): demand for demand in reservation.demands}.items():
            tally = shown.tally(key)
            counter = shown.ids[key]
            row = database.read(
                "DELETE FROM entry WHERE counter=? AND at=? AND id=? RETURNING cost",
                (counter, reservation.at, reservation.id),
            ).fetchone()
            if row is not None:
                used = release(tally, Entry(reservation.at, _amount(row[0])), demand.limit).used
                database.write("UPDATE counter SET used=? WHERE id=?", (_value(used), counter))

    async def settle(self, reservation: Reservation, demand: Demand, cost: Amount) -> None:
        """Count a demand for what it came to; see `ports.CounterStore`."""
        database = self._database
        database.begin()
        shown = _Shown(database)
        key = counter_key(demand)
        tally = shown.tally(key)
        counter = shown.ids[key]
        place = (counter, reservation.at, reservation.id)
        row = database.read("SELECT cost FROM entry WHERE counter=? AND at=? AND id=?", place).fetchone()
        if counter is None or (row is None and demand.cost):
            return
        entry = Entry(tally.at, 0) if row is None else Entry(reservation.at, _amount(row[0]))
        used = settle(tally, entry, demand.limit, cost).used
        database.write("DELETE FROM entry WHERE counter=? AND at=? AND id=?", place)
        if cost:
            values = (counter, entry.at, reservation.id, _value(cost))
            database.write("INSERT INTO entry(counter, at, id, cost) VALUES(?,?,?,?)", values)
        database.write("UPDATE counter SET used=? WHERE id=?", (_value(used), counter))

    def _book(self, booking: Booking, counter: int | None, id: str) -> None:
        write = self._database.write
        used, at = _value(booking.tally.used), booking.tally.at
        idle_from = min(booking.idle_from, _LAST_INSTANT)
        if counter is None:
            made = write(
                "INSERT INTO counter(key, used, at, idle_from) VALUES(?,?,?,?)", (booking.key, used, at, idle_from)
            )
            counter = made.lastrowid
        else:
            write("UPDATE counter SET used=?, at=?, idle_from=? WHERE id=?", (used, at, idle_from, counter))
        if booking.has_spent:
            write("DELETE FROM entry WHERE counter=? AND at<=?", (counter, booking.horizon))
        if booking.cost:
            write("INSERT INTO entry(counter, at, id, cost) VALUES(?,?,?,?)", (counter, at, id, _value(booking.cost)))

    def _sweep(self, now: int) -> None:
        """Forget idle counters, some rows at a time."""
        database = self._database
        rows = database.read(
            "SELECT id, idle_from FROM counter WHERE id > ? ORDER BY id LIMIT ?", (self._sweep_from, _SWEEP_ROWS)
        ).fetchall()
        self._sweep_from = rows[-1][0] if len(rows) == _SWEEP_ROWS else 0
        idle = [id for id, idle_from in rows if idle_from <= now]
        for id in idle:
            database.write("DELETE FROM entry WHERE counter=?", (id,))
            database.write("DELETE FROM counter WHERE id=?", (id,))
        if idle:
            database.write("UPDATE swept SET at=max(at, ?)", (now,))


class _Shown:
    """The counters of one transaction as the algorithms see them; `ids` are those of the rows that were looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.ids: dict[str, int | None] = {}

    def tally(self, key: str) -> Tally:
        row = self._database.read("SELECT id, used, at FROM counter WHERE key=?", (key,)).fetchone()
        if row is None:
            self.ids[key] = None
            (swept,) = self._database.read("SELECT at FROM swept").fetchone()
            return Tally(0, swept)
        self.ids[key] = row[0]
        return Tally(_amount(row[1]), row[2])

    def entries(self, key: str) -> Iterator[Entry]:
        # A generator: most calls fit without a look at the entries.
        rows = self._database.read("SELECT at, cost FROM entry WHERE counter=? ORDER BY at, id", (self.ids[key],))
        for at, cost in rows:
            yield Entry(at, _amount(cost))


def _value(amount: Amount) -> Value:
    return amount if type(amount) is int and amount <= _LAST_INSTANT else str(amount)


def _amount(value: object) -> Amount:
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        return Decimal(value)
    raise StoreError("a counter in the database holds something that is no amount; restore the file from a copy")
