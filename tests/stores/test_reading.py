"""A ledger is read from a file that others may have touched, and nothing they did to it ends in a traceback."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from ostiary.errors import ConfigurationError
from ostiary.ledger.chain import Link, line
from ostiary.ledger.verify import verify
from ostiary.stores.database import Database
from ostiary.stores.ledger import SqliteLedger
from ostiary.stores.reading import connect, newest, read_ledger


class FixedClock:
    def now(self) -> int:
        return 1_795_176_000_000_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The database file of a ledger of two runs, closed."""
    for writer in ("w1", "w2"):
        database = Database(tmp_path / "state")
        with database.transaction():
            ledger = SqliteLedger(database, FixedClock(), writer)
            for number in range(3):
                ledger.write("call.intent", {"n": number})
        database.close()
    return tmp_path / "state" / "ostiary.db"


def touch(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    connection.execute(statement)
    connection.commit()
    connection.close()


def kinds(file: Path) -> set[str]:
    return {finding.kind for finding in verify(read_ledger(file)).findings}


def test_file_and_export_say_the_same(file: Path, tmp_path: Path) -> None:
    records = [record for record in read_ledger(file) if isinstance(record, Link)]
    export = tmp_path / "export.jsonl"
    export.write_bytes(b"".join(map(line, records)))
    assert list(read_ledger(export)) == records
    assert verify(records).is_sound
    assert len(records) == 8


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE record SET body='{\"n\":7}' WHERE id=2", "edited"),
        ("UPDATE record SET body=body||' ' WHERE id=2", "edited"),
        ("UPDATE record SET body=x'ff' WHERE id=5", "edited"),
        ("UPDATE record SET kind=CAST(x'ff' AS TEXT) WHERE id=3", "edited"),
        ("UPDATE record SET time='2026-11-20T12:00:00.000001Z' WHERE id=3", "edited"),
        ("UPDATE record SET writer='w9' WHERE id=3", "edited"),
        ("UPDATE record SET hash=zeroblob(32) WHERE id=3", "edited"),
        ("UPDATE record SET prev=7 WHERE id=3", "unreadable"),
        ("DELETE FROM record WHERE id=2", "missing"),
        ("DELETE FROM record WHERE id=4", "missing"),
        ("DELETE FROM record WHERE writer='w1'", "missing"),
        ("UPDATE record SET id=99 WHERE id=2", "reordered"),
    ],
)
def test_what_was_done_to_the_file_is_found(file: Path, statement: str, finding: str) -> None:
    touch(file, statement)
    assert finding in kinds(file)


def test_the_newest_come_first_and_what_is_no_record_is_left_out(file: Path) -> None:
    touch(file, "UPDATE record SET seq='x' WHERE id=8")
    connection = connect(file)
    assert [stored.id for stored in newest(connection)] == [7, 6, 5, 4, 3, 2, 1]
    assert [stored.id for stored in newest(connection, before=5, after=2)] == [4, 3]
    assert list(newest(connection, since="2027")) == []
    connection.close()


def test_a_damaged_file_is_a_finding(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    file.write_bytes(content)
    try:
        found = kinds(file)
    except ConfigurationError as error:
        assert "cannot be read as a ledger" in str(error)
    else:
        assert "unreadable" in found


def test_a_copy_that_may_only_be_read_is_enough(file: Path, tmp_path: Path) -> None:
    directory = tmp_path / "evidence"
    directory.mkdir()
    shutil.copy(file, directory)
    directory.chmod(0o500)
    assert verify(read_ledger(directory / file.name)).is_sound
    directory.chmod(0o700)


def test_what_is_no_ledger_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing: cannot be read"):
        read_ledger(tmp_path / "nothing")
    with pytest.raises(ConfigurationError, match="there is no ledger here"):
        connect(tmp_path / "nothing")
    touch(tmp_path / "other.db", "CREATE TABLE x (y)")
    with pytest.raises(ConfigurationError, match="cannot be read as a ledger of Ostiary: no such table"):
        list(read_ledger(tmp_path / "other.db"))
    (tmp_path / "words.txt").write_bytes(b"some words\n\xff\xfe\n[[[[\n")
    assert {finding.kind for finding in verify(read_ledger(tmp_path / "words.txt")).findings} == {"unreadable"}
