"""What every store of tasks promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ostiary.ports import KeptTask, TaskStore
from ostiary.stores.database import Database
from ostiary.stores.memory_tasks import MemoryTasks
from ostiary.stores.tasks import SqliteTasks

NOW = 1_795_176_000 * 10**9
LATER = NOW + 100
MOST = 3
ANN, BOB = KeptTask("grant:ann", "c_1"), KeptTask("grant:bob", "c_2")

Opened = Callable[[], TaskStore]


@pytest.fixture(params=["memory", "sqlite", "sqlite-twice"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens the store under test. `sqlite-twice` is another connection each time, as another gateway has it."""
    if request.param == "memory":
        memory = MemoryTasks(MOST)
        yield lambda: memory
        return
    databases = [Database(tmp_path / "state")]
    first = SqliteTasks(databases[0], MOST)

    def again() -> TaskStore:
        for database in databases:
            database.flush()
        databases.append(Database(tmp_path / "state"))
        return SqliteTasks(databases[-1], MOST)

    yield again if request.param == "sqlite-twice" else lambda: first
    for database in databases:
        database.close()


def test_a_task_is_known_by_server_and_id_until_its_time_is_over(opened: Opened) -> None:
    assert opened().keep("desk", "t1", ANN, NOW, LATER)
    assert opened().find("desk", "t1", LATER - 1) == ANN
    assert opened().find("desk", "t1", LATER) is None
    assert opened().find("desk", "t2", NOW) is None
    assert opened().find("other", "t1", NOW) is None
    assert opened().find("desk", "\ud800", NOW) is None


def test_a_task_is_nobody_elses_while_it_is_known(opened: Opened) -> None:
    assert opened().keep("desk", "t1", ANN, NOW, LATER)
    assert not opened().keep("desk", "t1", BOB, LATER - 1, LATER + 50)
    assert opened().find("desk", "t1", NOW) == ANN
    assert opened().keep("other", "t1", BOB, NOW, LATER)
    assert opened().keep("desk", "t1", BOB, LATER, LATER + 50)
    assert opened().find("desk", "t1", LATER) == BOB


def test_the_same_principal_may_be_given_the_same_id_again(opened: Opened) -> None:
    opened().keep("desk", "t1", ANN, NOW, LATER)
    assert opened().end("desk", "t1")
    assert opened().keep("desk", "t1", KeptTask(ANN.principal, "c_9"), NOW, LATER + 1)
    assert opened().find("desk", "t1", LATER) == KeptTask(ANN.principal, "c_9")
    assert opened().end("desk", "t1")


def test_it_ends_once(opened: Opened) -> None:
    opened().keep("desk", "t1", ANN, NOW, LATER)
    assert [opened().end("desk", "t1") for _ in range(2)] == [True, False]
    assert not opened().end("desk", "t2")
    assert opened().find("desk", "t1", NOW) == ANN


def test_a_principals_oldest_is_forgotten_and_no_other(opened: Opened) -> None:
    opened().keep("desk", "bobs", BOB, NOW, LATER)
    for number in range(MOST + 2):
        opened().keep("desk", f"t{number}", ANN, NOW, LATER)
    known = [opened().find("desk", f"t{number}", NOW) is not None for number in range(MOST + 2)]
    assert known == [False, False, True, True, True]
    assert opened().find("desk", "bobs", NOW) == BOB


def test_what_is_over_leaves_nothing_behind(tmp_path: Path) -> None:
    database = Database(tmp_path / "state")
    tasks = SqliteTasks(database)
    for number in range(100):
        tasks.keep("desk", f"t{number}", ANN, NOW + number * 100, NOW + number * 100 + 50)
    assert database.read("SELECT count(*) FROM task").fetchone() == (1,)
    database.close()
