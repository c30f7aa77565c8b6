"""The ledger in SQLite: one chain for this run of the process, appended in the order of calling."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable

from ostiary.errors import LedgerError, StoreError
from ostiary.ledger.canonical import encode, timestamp
from ostiary.ledger.chain import OPENED, Head, link, opening
from ostiary.model import JSONObject, Record
from ostiary.notices import say
from ostiary.ports import Clock
from ostiary.stores.database import Database, fail
from ostiary.stores.heads import REACH, set_mark, take_unvouched

_INSERT = "INSERT INTO record(writer, seq, time, kind, body, prev, hash) VALUES(?,?,?,?,?,?,?)"


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

    def write(self, kind: str, body: JSONObject) -> Record:
        """Chain a record within the database's present transaction. Raises `LedgerError`."""
        text = encode(body)
        try:
            self._database.begin()
            if self._head.seq == 0:
                self._open()
            return self._insert(kind, body, text)
        except StoreError as error:
            raise LedgerError(str(error)) from error

    def _insert(self, kind: str, body: JSONObject, text: bytes) -> Record:
        new = link(self._head, self._writer, timestamp(self._clock.now()), kind, text)
        place = self._database.write(
            _INSERT,
            (new.writer, new.seq, new.time, kind, text.decode(), bytes.fromhex(new.prev), bytes.fromhex(new.hash)),
        ).lastrowid
        if place is not None and (self._mark == 0 or place > self._mark + REACH):
            set_mark(self._database, self._writer, place)
            self._mark = place
        self._head = Head(new.seq, new.hash)
        return Record(new.seq, new.writer, new.time, kind, body, new.prev, new.hash)

    def _open(self) -> None:
        """Vouch for every chain whose newest record nobody vouches for yet."""
        body = opening(take_unvouched(self._database))
        self._insert(OPENED, body, encode(body))

    def _settle(self, is_kept: bool) -> None:
        """Go on from what is durable."""
        if is_kept:
            self._durable = (self._head, self._mark)
        else:
            self._head, self._mark = self._durable
