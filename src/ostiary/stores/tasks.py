"""Whose task is whose, in SQLite: every gateway over the same state knows it, and so does the next one."""

from __future__ import annotations

from typing import Final

from ostiary.ports import KeptTask
from ostiary.stores.database import Database

MOST: Final = 4096
"""Tasks of one principal that are kept, the newest of them: nobody's flood drives out another's."""

_OLD: Final = """DELETE FROM task WHERE number IN (
    SELECT number FROM task WHERE principal=? ORDER BY number DESC LIMIT -1 OFFSET ?)"""


class SqliteTasks:
    """A `TaskStore`."""

    def __init__(self, database: Database, most: int = MOST) -> None:
        self._database = database
        self._most = most

    def keep(self, server: str, id: str, task: KeptTask, now: int, until: int) -> bool:
        """See `ports.TaskStore`."""
        self._database.begin()
        known = self.find(server, id, now)
        if known is not None and known.principal != task.principal:
            return False
        self._database.write("DELETE FROM task WHERE until<=?", (now,))
        self._database.write(
            "INSERT OR REPLACE INTO task(server, id, principal, call, until, is_ended) VALUES(?,?,?,?,?,0)",
            (server, id, task.principal, task.call, until),
        )
        self._database.write(_OLD, (task.principal, self._most))
        return True

    def find(self, server: str, id: str, now: int) -> KeptTask | None:
        """See `ports.TaskStore`."""
        query = "SELECT principal, call FROM task WHERE server=? AND id=? AND until>?"
        row = self._database.read(query, (server, _plain(id), now)).fetchone()
        return None if row is None else KeptTask(*row)

    def end(self, server: str, id: str) -> bool:
        """See `ports.TaskStore`."""
        query = "UPDATE task SET is_ended=1 WHERE server=? AND id=? AND is_ended=0"
        return self._database.write(query, (server, _plain(id))).rowcount == 1


def _plain(id: str) -> str:
    """What an agent names may hold half of a surrogate pair, which no task's id does."""
    return id.encode(errors="replace").decode()
