"""The ledger in SQLite: one chain for this run of the process, appended in the order of calling."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable
from typing import Final, TypeAlias

from ostiary.errors import LedgerError, StoreError
from ostiary.ledger.canonical import encode, timestamp
from ostiary.ledger.chain import OPENED, Head, Link, link, opening
from ostiary.model import JSONObject, Record
from ostiary.notices import say
from ostiary.ports import Clock
from ostiary.stores.database import Database, fail
from ostiary.stores.heads import REACH, set_mark, take_unvouched

_NOTES_WAIT: Final = 0.01
"""Seconds that notes wait for something to be written together with."""
_NOTES_RETRY: Final = 1.0
_MOST_NOTES: Final = 100_000

_INSERT = "INSERT INTO record(writer, seq, time, kind, body, prev, hash) VALUES(?,?,?,?,?,?,?)"

_Note: TypeAlias = "tuple[str, bytes, str]"
"""Kind, canonical body, time."""


def new_writer() -> str:
    """A writer's name for this run of the process."""
    return secrets.token_hex(8)


class SqliteLedger:
    """A `Ledger`. The chain begins with the first record; a run that appends nothing leaves no trace.

    If a transaction fails, all records of it fail, and the next one continues from the newest that is durable.
    """

    def __init__(self, database: Database, clock: Clock, writer: str) -> None:
        self._database = database
        self._clock = clock
        self._writer = writer
        self._head = Head()
        self._mark = 0
        self._durable = (self._head, self._mark)
        self._notes: list[_Note] = []
        self._taken: list[_Note] = []
        self._timer: asyncio.TimerHandle | None = None
        database.on_settled(self._settle)

    def append(self, kind: str, body: JSONObject) -> Awaitable[Record]:
        """Chain a record; see `ports.Ledger`. Needs a running event loop."""
        try:
            record = self.write(kind, body)
        except LedgerError as error:
            say(f"no record of kind `{kind}` was written: {error}")
            refused: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
            fail(refused, error)
            return refused
        return self._database.durable(record, LedgerError)

    def note(self, kind: str, body: JSONObject) -> None:
        """Chain a record soon; see `ports.Ledger`. Needs a running event loop."""
        if len(self._notes) >= _MOST_NOTES:
            say(f"no record of kind `{kind}` was kept: too many wait to be written")
            return
        self._notes.append((kind, encode(body), timestamp(self._clock.now())))
        if self._timer is None:
            self._wait(_NOTES_WAIT)

    def close(self) -> None:
        """Write what was noted; the database commits it when it is closed."""
        if self._timer is not None:
            self._timer.cancel()
            self._write_notes()

    def write(self, kind: str, body: JSONObject) -> Record:
        """Chain a record, and before it what was noted, within the database's present transaction. Raises
        `LedgerError`."""
        text = encode(body)
        try:
            self._database.begin()
            self._take_notes()
            new = self._insert(kind, text, timestamp(self._clock.now()))
        except StoreError as error:
            raise LedgerError(str(error)) from error
        return Record(new.seq, new.writer, new.time, kind, body, new.prev, new.hash)

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._write_notes)

    def _write_notes(self) -> None:
        self._timer = None
        try:
            self._database.begin()
            self._take_notes()
        except StoreError:  # the database has said so itself; the notes are back and wait for the next try
            pass

    def _take_notes(self) -> None:
        notes, self._notes = self._notes, []
        self._taken += notes
        for kind, text, time in notes:
            self._insert(kind, text, time)

    def _insert(self, kind: str, text: bytes, time: str) -> Link:
        if self._head.seq == 0 and kind != OPENED:
            self._open()
        new = link(self._head, self._writer, time, kind, text)
        place = self._database.write(
            _INSERT,
            (new.writer, new.seq, new.time, kind, text.decode(), bytes.fromhex(new.prev), bytes.fromhex(new.hash)),
        ).lastrowid
        if place is not None and (self._mark == 0 or place > self._mark + REACH):
            set_mark(self._database, self._writer, place)
            self._mark = place
        self._head = Head(new.seq, new.hash)
        return new

    def _open(self) -> None:
        """Vouch for every chain whose newest record nobody vouches for yet."""
        self._insert(OPENED, encode(opening(take_unvouched(self._database))), timestamp(self._clock.now()))

    def _settle(self, is_kept: bool) -> None:
        """Go on from what is durable."""
        if is_kept:
            self._durable = (self._head, self._mark)
            self._taken.clear()
            return
        self._head, self._mark = self._durable
        self._notes[:0], self._taken = self._taken, []
        if self._notes and self._timer is None:
            self._wait(_NOTES_RETRY)
