"""The stores that every contract is held against. A new store is one more entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ostiary.ports import CounterStore
from ostiary.stores.counters import SqliteCounters
from ostiary.stores.database import Database
from ostiary.stores.memory import MemoryCounters


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "state")
    yield database
    database.close()


@pytest.fixture(params=["memory", "sqlite", "sqlite-reopened"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], CounterStore]]:
    """The store under test. `sqlite-reopened` is another connection each time."""
    if request.param == "memory":
        counters = MemoryCounters()
        yield lambda: counters
        return
    opened = [Database(tmp_path / "state")]
    first = SqliteCounters(opened[0])

    def again() -> CounterStore:
        opened[-1].flush()
        opened.append(Database(tmp_path / "state"))
        return SqliteCounters(opened[-1])

    yield again if request.param == "sqlite-reopened" else lambda: first
    for database in opened:
        database.close()
