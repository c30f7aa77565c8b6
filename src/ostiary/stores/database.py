"""One SQLite file for everything: whatever one turn of the event loop writes is one transaction.

The first write of a turn takes the file's write lock, a callback at the end of the turn commits, and whoever waits for
durability is woken then. There is no thread in between (a commit takes 20 µs, a hop between threads more), and every
process sees and holds what the others wrote: limits are shared without any state in memory.

Durable means that it survives the end of the process, however sudden; after a power failure the newest commits may be
missing, the file is sound.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from ostiary.errors import StoreError
from ostiary.notices import say
from ostiary.stores.directory import DATABASE_FILE, open_database

T = TypeVar("T")
Value: TypeAlias = "None | int | str | bytes"
Row: TypeAlias = "tuple[Value, ...]"

_CHECKPOINT_EVERY: Final = 4096
"""Rows written between two checkpoints."""
_RESTART_ABOVE: Final = 64 * 1024 * 1024
"""Bytes of log at which a checkpoint also starts it anew."""


def fail(future: asyncio.Future[T], error: StoreError) -> None:
    """Give a future an error that was already said aloud: asyncio need not say it again if nobody awaits it."""
    future.set_exception(error)
    future.exception()


class Database:
    """The database of a state directory. Belongs to one thread; used with an event loop running or without one.

    `wait` is how many seconds another process may hold the write lock before what is asked fails. `report` takes one
    line when writing begins to fail and when it works again.
    """

    def __init__(self, directory: Path, *, wait: float = 3.0, report: Callable[[str], None] = say) -> None:
        self.path = directory / DATABASE_FILE
        self._connection = open_database(directory, wait)
        self._report = report
        self._waiting: list[Callable[[StoreError | None], None]] = []
        self._settled: list[Callable[[bool], None]] = []
        self._is_open = False
        self._turn: asyncio.AbstractEventLoop | None = None
        self._failure: str | None = None
        self._trouble: str | None = None
        self._checkpointed = 0
        self._checkpoint: threading.Thread | None = None

    def begin(self) -> None:
        """Take the write lock for the rest of this turn, if it is not held already. Raises `StoreError`, at once if it
        already failed in this turn."""
        if self._is_open:
            return
        if self._failure is not None:
            raise StoreError(self._failure)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._schedule()
            raise self._fail(error) from error
        self._is_open = True
        self._schedule()

    def write(self, statement: str, parameters: Sequence[Value] = ()) -> sqlite3.Cursor:
        """Execute in this turn's transaction. Raises `StoreError`; then nothing of this turn is kept."""
        self.begin()
        return self.read(statement, parameters)

    def read(self, statement: str, parameters: Sequence[Value] = ()) -> sqlite3.Cursor:
        """Execute a query. Within a transaction it sees what was written so far. Raises `StoreError`."""
        try:
            return self._connection.execute(statement, parameters)
        except sqlite3.Error as error:
            raise self._fail(error) from error

    def durable(self, answer: T, failure: type[StoreError] = StoreError) -> asyncio.Future[T]:
        """A future of `answer` once this turn's transaction is committed, of a `failure` if it is not."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def settle(error: StoreError | None) -> None:
            if future.done():
                return
            if error is None:
                future.set_result(answer)
            else:
                fail(future, failure(str(error)))

        self._waiting.append(settle)
        return future

    def on_settled(self, callback: Callable[[bool], None]) -> None:
        """Have `callback` told after each transaction whether it was kept; if not, nothing in it has happened."""
        self._settled.append(callback)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block writes at its end, all or nothing. Raises `StoreError`."""
        self.begin()
        try:
            yield
        except BaseException as error:
            self._abandon(StoreError(f"{self.path}: taken back together with what failed: {error!r}"))
            raise
        failure = self.flush()
        if failure is not None:
            raise failure

    def flush(self) -> StoreError | None:
        """Commit now what is open; the failure, if it is not kept. Does nothing where nothing is open."""
        if not self._is_open:
            return None
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            return self._fail(error)
        self._is_open = False
        if self._trouble is not None:
            self._trouble = None
            self._report(f"{self.path}: can be written again")
        self._settle(None)
        if self._connection.total_changes - self._checkpointed >= _CHECKPOINT_EVERY:
            self._bound_log()
        return None

    def close(self) -> None:
        """Commit what is open and let go of the file. May be called twice."""
        self.flush()
        if self._checkpoint is not None:
            self._checkpoint.join()
        self._connection.close()

    def _schedule(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if loop is not self._turn:  # the loop of an unfinished turn may have been closed since
            self._turn = loop
            loop.call_soon(self._end_turn)

    def _end_turn(self) -> None:
        self._turn = None
        self.flush()
        self._failure = None

    def _fail(self, error: sqlite3.Error) -> StoreError:
        """Give up this turn's transaction: all that was or will be written in it has failed."""
        failure = StoreError(f"{self.path}: cannot be used: {error}")
        if self._trouble != str(error):
            self._trouble = str(error)
            self._report(f"{self.path}: cannot be written: {error}; calls that need it are refused until it can be")
        if self._turn is not None:
            self._failure = str(failure)
        self._abandon(failure)
        return failure

    def _abandon(self, failure: StoreError) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._is_open = False
        self._settle(failure)

    def _settle(self, failure: StoreError | None) -> None:
        for callback in self._settled:
            callback(failure is None)
        waiting, self._waiting = self._waiting, []
        for settle in waiting:
            settle(failure)

    def _bound_log(self) -> None:
        """Have the write-ahead log copied into the file, away from this thread: that waits for the disk."""
        if self._checkpoint is not None and self._checkpoint.is_alive():
            return
        self._checkpointed = self._connection.total_changes
        self._checkpoint = threading.Thread(target=_checkpoint, args=(self.path,), name="checkpoint")
        self._checkpoint.start()


def _checkpoint(path: Path) -> None:
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            if path.with_name(f"{DATABASE_FILE}-wal").stat().st_size > _RESTART_ABOVE:
                # Under constant load no writer ever finds the log wholly copied and starts it anew: this makes one
                # wait, for the little that was written since the line above.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        say(f"{path}: the log could not be checkpointed: {error}")
