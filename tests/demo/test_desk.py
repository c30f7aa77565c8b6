"""The desk's file: what is in it at first, and that no statement escapes the journal."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ostiary.demo.desk import create, journalled, look


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    path = tmp_path / "desk.db"
    create(path)
    return path


def test_looking_leaves_no_trace(desk: Path) -> None:
    assert look(desk) == look(desk)
    assert look(desk).statements == 0


def test_every_statement_is_journalled_with_its_values(desk: Path) -> None:
    with journalled(desk, "issue_refund") as database:
        database.execute("DELETE FROM refunds WHERE id = ?", (1,))
    assert look(desk).statements == 1
    assert look(desk).refunded == 0
    with sqlite3.connect(desk) as database:
        assert list(database.execute("SELECT tool, statement FROM journal")) == [
            ("issue_refund", "DELETE FROM refunds WHERE id = 1")
        ]
    database.close()


def test_a_statement_before_an_error_is_journalled_too(desk: Path) -> None:
    def fail_after_reading() -> None:
        with journalled(desk, "run_report") as database:
            database.execute("SELECT 1")
            database.execute("SELECT nonsense")

    with pytest.raises(sqlite3.OperationalError):
        fail_after_reading()
    assert look(desk).statements == 1


def test_a_changed_address_is_counted(desk: Path) -> None:
    with journalled(desk, "update_customer_email") as database:
        database.execute("UPDATE customers SET email = 'eve@evil.test' WHERE id = 3")
        database.execute("DELETE FROM customers WHERE id = 7")
    assert look(desk).reached_at("eve@evil.test") == 1
    assert look(desk).reached_at("chiara.lindqvist@example.com") == 0
    assert len(look(desk).customers) == 7
