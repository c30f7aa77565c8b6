"""One transaction per turn of the loop; private files; one clear line when something is wrong."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from pathlib import Path

import pytest

from ostiary.errors import ConfigurationError, StoreError
from ostiary.stores.database import Database
from ostiary.stores.directory import digest_key
from ostiary.stores.schema import STEPS


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def swept(path: Path) -> int:
    connection = sqlite3.connect(path)
    (at,) = connection.execute("SELECT at FROM swept").fetchone()
    connection.close()
    return int(at)


def test_everything_is_private(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "state"
    database = Database(directory)
    with database.transaction():
        database.write("UPDATE swept SET at=1")
    assert mode(directory) == 0o700
    assert {path.name: mode(path) for path in directory.iterdir()} == dict.fromkeys(
        ("ostiary.db", "ostiary.db-wal", "ostiary.db-shm"), 0o600
    )
    database.close()


def test_an_open_file_is_made_private(tmp_path: Path) -> None:
    (tmp_path / "ostiary.db").touch(0o644)
    Database(tmp_path).close()
    assert mode(tmp_path / "ostiary.db") == 0o600


async def test_what_one_turn_writes_is_one_transaction(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.write("UPDATE swept SET at=1")
    one = database.durable("one")
    database.write("UPDATE swept SET at=2")
    two = database.durable("two")
    assert swept(database.path) == 0
    assert (await one, await two) == ("one", "two")
    assert swept(database.path) == 2
    database.close()


async def test_one_failed_statement_fails_its_turn_and_no_other(tmp_path: Path) -> None:
    said: list[str] = []
    database = Database(tmp_path, report=said.append)
    database.write("UPDATE swept SET at=1")
    waiting = database.durable(None)
    with pytest.raises(StoreError, match="CHECK constraint failed"):
        database.write("INSERT INTO swept VALUES (2, 2)")
    with pytest.raises(StoreError, match="CHECK constraint failed"):
        database.write("UPDATE swept SET at=3")
    with pytest.raises(StoreError, match="CHECK constraint failed"):
        await waiting
    await asyncio.sleep(0)
    assert swept(database.path) == 0
    database.write("UPDATE swept SET at=4")
    await database.durable(None)
    assert swept(database.path) == 4
    assert len(said) == 2
    database.close()


async def test_a_file_locked_too_long_is_waited_for_once_a_turn(tmp_path: Path) -> None:
    said: list[str] = []
    database = Database(tmp_path, wait=0.05, report=said.append)
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        with pytest.raises(StoreError, match="database is locked"):
            database.write("UPDATE swept SET at=1")
    await asyncio.sleep(0)
    other.execute("ROLLBACK")
    database.write("UPDATE swept SET at=5")
    await database.durable(None)
    assert swept(database.path) == 5
    assert said == [
        f"{database.path}: cannot be written: database is locked; calls that need it are refused until it can be",
        f"{database.path}: can be written again",
    ]
    other.close()
    database.close()


def test_without_a_loop_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.transaction():
        database.write("UPDATE swept SET at=1")
    with pytest.raises(ConfigurationError), database.transaction():
        database.write("UPDATE swept SET at=2")
        raise ConfigurationError("no")
    assert swept(database.path) == 1
    database.close()
    database.close()


async def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    database = Database(tmp_path)
    largest = 0
    for number in range(30_000):
        database.write("INSERT INTO entry VALUES (1, ?, 'x', 1)", (number,))
        if number % 10 == 0:
            await database.durable(None)
            largest = max(largest, (tmp_path / "ostiary.db-wal").stat().st_size)
    database.close()
    assert largest < 40_000_000


def test_a_file_of_a_newer_ostiary_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.close()
    connection = sqlite3.connect(database.path)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    with pytest.raises(ConfigurationError, match="was written by a newer Ostiary"):
        Database(tmp_path)


def test_what_is_no_database_or_no_directory_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "ostiary.db").write_text("no database at all, but some text\n" * 9)
    with pytest.raises(ConfigurationError, match="cannot be used as state directory: file is not a database"):
        Database(tmp_path)
    (tmp_path / "file").touch()
    for call in (Database, digest_key):
        with pytest.raises(ConfigurationError, match="cannot be used as state directory"):
            call(tmp_path / "file")


def test_the_digest_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    key = digest_key(tmp_path / "state")
    assert len(key) == 32
    assert digest_key(tmp_path / "state") == key
    assert mode(tmp_path / "state" / "digest.key") == 0o600
    (tmp_path / "state" / "digest.key").write_bytes(b"short")
    with pytest.raises(ConfigurationError, match="is not 32 bytes long"):
        digest_key(tmp_path / "state")


def test_a_turn_that_a_closed_loop_left_unfinished_is_finished_by_the_next(tmp_path: Path) -> None:
    database = Database(tmp_path)

    async def write(at: int) -> None:
        database.write("UPDATE swept SET at=?", (at,))

    for at in (1, 2):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(write(at))
        loop.close()

    async def wait() -> None:
        database.write("UPDATE swept SET at=3")
        await database.durable(None)

    asyncio.run(wait())
    assert swept(database.path) == 3
    database.close()
