"""Messages that still have to go out, in SQLite: kept with the question they are about, tried until they arrive."""

from __future__ import annotations

from typing import Final

from ostiary.ports import Errand
from ostiary.stores.database import Database
from ostiary.stores.tokens import new_id

_HEARD_FOR: Final = 3600 * 10**9


class SqliteErrands:
    """An `ErrandStore`: what several gateways on one store send between them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, approval: str, target: str, now: int) -> None:
        """Keep a message, in this turn's transaction."""
        self._database.write("INSERT INTO errand VALUES(?,?,?,0,?)", (f"msg_{new_id()}", approval, target, now))

    def claim(self, now: int, until: int, most: int) -> list[Errand]:
        """Those that are due, oldest first; nobody else gets them before `until`."""
        query = "SELECT id, approval, target, tries, due FROM errand WHERE due<=? ORDER BY due LIMIT ?"
        if self._database.read(query, (now, 1)).fetchone() is None:
            return []
        self._database.begin()
        found = [Errand(*row) for row in self._database.read(query, (now, most)).fetchall()]
        for errand in found:
            self._database.write("UPDATE errand SET due=?, tries=tries+1 WHERE id=?", (until, errand.id))
        return found

    def retry(self, id: str, due: int) -> None:
        """Try it again then."""
        self._database.write("UPDATE errand SET due=? WHERE id=?", (due, id))

    def drop(self, id: str) -> None:
        """It arrived, or is of no use any longer."""
        self._database.write("DELETE FROM errand WHERE id=?", (id,))

    def hear(self, id: str, now: int) -> bool:
        """Whether a signed message is heard for the first time; it is not, ever again."""
        self._database.write("DELETE FROM heard WHERE at<?", (now - _HEARD_FOR,))
        return self._database.write("INSERT OR IGNORE INTO heard VALUES(?,?)", (id, now)).rowcount == 1
