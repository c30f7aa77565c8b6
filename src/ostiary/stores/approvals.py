"""Approvals in SQLite: each change reads, judges and writes within one transaction, so that of many processes that
redeem one use, one does. A change shares the transaction, and so the fate, of its records in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from ostiary.approvals import Approval, Case, Happened, Question, State, advance
from ostiary.errors import StoreError
from ostiary.model import Reservation
from ostiary.stores.database import Database, Row, Value

_COLUMNS: Final = "life, question, reservation"
_OPEN: Final = ", ".join(f"'{state}'" for state in State if state.is_open)
_ENDED: Final = ", ".join(f"'{state}'" for state in State if state.is_final)
_NEXT: Final = "(SELECT coalesce(max(change), 0) + 1 FROM approval)"
_INSERT: Final = f"""INSERT INTO approval(id, key, family, principal, asked, state, until, change, life, question,
    reservation) VALUES(?,?,?,?,?,?,?,{_NEXT},?,?,?)"""
_UPDATE: Final = f"UPDATE approval SET state=?, until=?, life=?, change={_NEXT} WHERE id=?"  # noqa: S608

_encode = msgspec.json.encode
_LIFE: Final = msgspec.json.Decoder(Approval)
_QUESTION: Final = msgspec.json.Decoder(Question)
_RESERVATION: Final = msgspec.json.Decoder(Reservation)


class SqliteApprovals:
    """An `ApprovalStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, case: Case) -> Case:
        """See `ports.ApprovalStore`."""
        bound, life = case.approval.bound, case.approval
        self._database.begin()
        newest = await self.newest(bound.key)
        if newest is not None and newest.approval.state.is_open:
            return newest
        reservation = None if case.reservation is None else _encode(case.reservation).decode()
        row: tuple[Value, ...] = (
            *(life.id, bound.key, bound.family, bound.principal, life.asked, life.state.value, life.until),
            *(_encode(life).decode(), _encode(case.question).decode(), reservation),
        )
        self._database.write(_INSERT, row)
        return case

    async def get(self, id: str) -> Case | None:
        """See `ports.ApprovalStore`."""
        found = self._find("WHERE id=?", id)
        return found[0] if found else None

    async def newest(self, key: str) -> Case | None:
        """See `ports.ApprovalStore`."""
        found = self._find("WHERE key=? ORDER BY asked DESC, rowid DESC LIMIT 1", key)
        return found[0] if found else None

    async def granted(self, family: str) -> Sequence[Case]:
        """See `ports.ApprovalStore`."""
        return self._find("WHERE family=? AND state='granted' ORDER BY asked, rowid", family)

    async def change(
        self, id: str, conduct: Callable[[Approval], Sequence[Happened]]
    ) -> tuple[Case, Sequence[Happened]]:
        """See `ports.ApprovalStore`."""
        self._database.begin()
        case = await self.get(id)
        if case is None:
            raise KeyError(id)
        life = case.approval
        events = conduct(life)
        for event in events:
            life = advance(life, event)
        if events:
            self._database.write(_UPDATE, (life.state.value, life.until, _encode(life).decode(), id))
        return msgspec.structs.replace(case, approval=life), events

    async def take_reservation(self, id: str) -> Reservation | None:
        """See `ports.ApprovalStore`."""
        self._database.begin()
        case = await self.get(id)
        if case is None or case.reservation is None:
            return None
        self._database.write("UPDATE approval SET reservation=NULL WHERE id=?", (id,))
        return case.reservation

    async def due(self, now: int) -> Sequence[str]:
        """See `ports.ApprovalStore`."""
        query = f"SELECT id FROM approval WHERE until<=? AND state NOT IN ({_ENDED}) ORDER BY until"  # noqa: S608
        return self._ids(query, now)

    async def cases(self, *, since: int = 0, only_open: bool = False) -> Sequence[Case]:
        """See `ports.ApprovalStore`."""
        only = f"AND state IN ({_OPEN})" if only_open else ""
        return self._find(f"WHERE asked>=? {only} ORDER BY asked, rowid", since)

    async def count(self, principal: str, since: int) -> int:
        """See `ports.ApprovalStore`."""
        query = "SELECT count(*) FROM approval WHERE principal=? AND asked>=?"
        (count,) = self._database.read(query, (principal, since)).fetchone()
        return int(count)

    async def changes(self, after: int) -> tuple[int, Sequence[str]]:
        """See `ports.ApprovalStore`."""
        (newest,) = self._database.read("SELECT coalesce(max(change), 0) FROM approval").fetchone()
        if after < 0 or newest == after:
            return newest, ()
        return newest, self._ids("SELECT id FROM approval WHERE change>?", after)

    async def forget(self, before: int) -> None:
        """See `ports.ApprovalStore`. The newest change stays, so that cursors keep their meaning."""
        query = f"""DELETE FROM approval WHERE asked<? AND state IN ({_ENDED})
            AND change < (SELECT max(change) FROM approval)"""  # noqa: S608
        self._database.write(query, (before,))

    def _find(self, where: str, value: Value) -> list[Case]:
        rows = self._database.read(f"SELECT {_COLUMNS} FROM approval {where}", (value,)).fetchall()  # noqa: S608
        return [_case(row) for row in rows]

    def _ids(self, query: str, value: Value) -> list[str]:
        return [row[0] for row in self._database.read(query, (value,)).fetchall()]


def _case(row: Row) -> Case:
    life, question, reservation = row
    try:
        return Case(
            _LIFE.decode(str(life)),
            _QUESTION.decode(str(question)),
            None if reservation is None else _RESERVATION.decode(str(reservation)),
        )
    except msgspec.DecodeError as error:
        raise StoreError(f"an approval in the database cannot be read: {error}; restore the file from a copy") from None
