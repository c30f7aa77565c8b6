"""What every ledger promises."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from ostiary.errors import LedgerError
from ostiary.ledger.chain import OPENED
from ostiary.ledger.verify import verify
from ostiary.stores.database import Database
from ostiary.stores.ledger import SqliteLedger
from ostiary.stores.reading import connect, newest, read_ledger


class FixedClock:
    def now(self) -> int:
        return 1_795_176_000_123_456_789


def ledger_on(database: Database, writer: str = "w1") -> SqliteLedger:
    return SqliteLedger(database, FixedClock(), writer)


def kinds(path: Path) -> list[str]:
    connection = connect(path)
    found = [stored.link.kind for stored in newest(connection)][::-1]
    connection.close()
    return found


async def test_an_awaited_record_is_there_and_chained(database: Database) -> None:
    ledger = ledger_on(database)
    record = await ledger.append("call.intent", {"tool": "echo"})
    assert (record.seq, record.writer, record.time) == (2, "w1", "2026-11-20T12:00:00.123456Z")
    again = await ledger.append("call.outcome", {"outcome": "returned"})
    assert (again.seq, again.prev) == (3, record.hash)
    assert kinds(database.path) == [OPENED, "call.intent", "call.outcome"]
    assert verify(read_ledger(database.path)).is_sound


async def test_records_are_kept_in_the_order_of_calling(database: Database) -> None:
    ledger = ledger_on(database)
    waiting = [ledger.append("call.intent", {"n": number}) for number in range(50)]
    records = await asyncio.gather(*reversed(waiting))
    assert [record.body["n"] for record in records] == list(range(49, -1, -1))
    bodies = [link.body for link in read_ledger(database.path) if hasattr(link, "body")][1:]
    assert [msgspec.json.decode(body)["n"] for body in bodies] == list(range(50))


async def test_an_unawaited_record_is_not_lost(database: Database) -> None:
    ledger_on(database).append("call.outcome", {})
    await asyncio.sleep(0)
    assert kinds(database.path) == [OPENED, "call.outcome"]


async def test_one_who_stops_waiting_takes_nothing_from_the_others(database: Database) -> None:
    ledger = ledger_on(database)

    async def record(number: int) -> int:
        return (await ledger.append("call.intent", {"n": number})).seq

    tasks = [asyncio.ensure_future(record(number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes[0] == 2
    assert isinstance(outcomes[1], asyncio.CancelledError)
    assert outcomes[2] == 4
    assert len(kinds(database.path)) == 4


async def test_what_cannot_be_written_is_said_and_breaks_nothing(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = ledger_on(database)
    await ledger.append("call.intent", {})
    lost = ledger.append("call.intent", {"text": "\ud800"})
    with pytest.raises(LedgerError, match="cannot be written as JSON"):
        await lost
    assert "no record of kind `call.intent` was written" in capsys.readouterr().err
    await ledger.append("call.outcome", {})
    assert verify(read_ledger(database.path)).is_sound


async def test_each_writer_vouches_for_those_before(database: Database) -> None:
    for number in range(3):
        await ledger_on(database, f"w{number}").append("gateway.started", {})
    verdict = verify(read_ledger(database.path))
    assert verdict.is_sound
    assert list(verdict.heads) == ["w2"]
    remaining = [link for link in read_ledger(database.path) if getattr(link, "writer", "") != "w1"]
    assert [(finding.kind, finding.writer) for finding in verify(remaining).findings] == [("missing", "w1")]


async def test_two_writers_at_once(database: Database, tmp_path: Path) -> None:
    other = Database(tmp_path / "state")
    one, two = ledger_on(database), ledger_on(other, "w2")
    for number in range(20):
        await one.append("call.intent", {"n": number})
        await two.append("call.intent", {"n": number})
    other.close()
    verdict = verify(read_ledger(database.path))
    assert verdict.is_sound
    assert verdict.records == 42
    assert set(verdict.heads) == {"w1", "w2"}


async def test_chains_of_any_length_and_order_are_vouched_for(database: Database) -> None:
    ledgers = [ledger_on(database, f"w{number}") for number in range(3)]
    for number, count in enumerate((5, 2500, 1500, 7, 999, 1001)):
        for _ in range(count):
            ledgers[number % 3].append("call.intent", {})
        await asyncio.sleep(0)
    for number in range(3):
        await ledger_on(database, f"later{number}").append("grant.created", {})
    verdict = verify(read_ledger(database.path))
    assert verdict.findings == ()
    assert list(verdict.heads) == ["later2"]


async def test_a_note_is_chained_in_order_and_written_with_what_comes_next(database: Database) -> None:
    ledger = ledger_on(database)
    await ledger.append("call.intent", {"n": 1})
    ledger.note("call.outcome", {"n": 1})
    assert kinds(database.path) == [OPENED, "call.intent"]
    await ledger.append("call.intent", {"n": 2})
    assert kinds(database.path) == [OPENED, "call.intent", "call.outcome", "call.intent"]
    assert verify(read_ledger(database.path)).is_sound


async def test_a_note_does_not_wait_for_another_record(database: Database) -> None:
    written = asyncio.Event()
    database.on_settled(lambda is_kept: written.set() if is_kept else None)
    ledger_on(database).note("call.outcome", {})
    async with asyncio.timeout(120):
        await written.wait()
    assert kinds(database.path) == [OPENED, "call.outcome"]


async def test_a_note_is_written_before_the_database_is_closed(tmp_path: Path) -> None:
    database = Database(tmp_path / "state")
    ledger = ledger_on(database)
    ledger.note("call.outcome", {})
    ledger.close()
    database.close()
    assert kinds(database.path) == [OPENED, "call.outcome"]


async def test_a_note_outlives_a_transaction_that_fails(database: Database) -> None:
    ledger = ledger_on(database)
    ledger.note("call.outcome", {"n": 1})
    with pytest.raises(ZeroDivisionError), database.transaction():
        ledger.write("call.intent", {"n": 2})
        raise ZeroDivisionError
    assert kinds(database.path) == []
    await ledger.append("call.intent", {"n": 3})
    assert kinds(database.path) == [OPENED, "call.outcome", "call.intent"]
    assert verify(read_ledger(database.path)).is_sound
