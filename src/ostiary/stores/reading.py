"""Reading a ledger without a gateway: from a database file or an export, never changing either."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from ostiary.errors import ConfigurationError, StoreError
from ostiary.ledger.chain import Link, line
from ostiary.ledger.verify import Unreadable

_MAGIC: Final = b"SQLite format 3\0"
_SELECT: Final = "SELECT id, seq, writer, time, kind, body, prev, hash FROM record"
_HEX_HASH = re.compile(r"[0-9a-f]{64}")


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seq: int
    writer: str
    time: str
    kind: str
    body: msgspec.Raw
    prev: str
    hash: str


_decode = msgspec.json.Decoder(_Line).decode


class Stored(msgspec.Struct, frozen=True):
    """A record and its place in the order of all writers' records."""

    id: int
    link: Link


def read_ledger(path: Path) -> Iterator[Link | Unreadable]:
    """All records of a database file or an exported `.jsonl`, in order. Raises `ConfigurationError`."""
    try:
        with path.open("rb") as file:
            is_database = file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}; give a ledger or an export") from None
    return _of_database(path) if is_database else _of_export(path)


def connect(path: Path) -> sqlite3.Connection:
    """Open a database file for reading only. Raises `ConfigurationError` if there is none or it has no ledger."""
    if not path.is_file():
        raise ConfigurationError(f"{path}: there is no ledger here; name the state directory with --state or -c")
    log = path.with_name(f"{path.name}-wal")
    # Where the directory may not be written, a file opens only as one that nobody changes; that skips the log.
    is_complete = not log.exists() or log.stat().st_size == 0
    last: sqlite3.Error | None = None
    for how in ("mode=ro", "mode=ro&immutable=1") if is_complete else ("mode=ro",):
        try:
            return _opened(f"{path.resolve().as_uri()}?{how}")
        except sqlite3.Error as error:
            last = error
    raise ConfigurationError(f"{path}: cannot be read as a ledger of Ostiary: {last}")


def _opened(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        connection.text_factory = bytes
        connection.execute(f"{_SELECT} LIMIT 1").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def newest(
    connection: sqlite3.Connection, *, before: int = 2**63 - 1, after: int = 0, since: str = ""
) -> Iterator[Stored]:
    """Records from the newest to the oldest, between two places in their order, not older than a time. What is no
    record is left out. Raises `StoreError` if the file is damaged."""
    for row in _rows(
        connection, f"{_SELECT} WHERE id < ? AND id > ? AND time >= ? ORDER BY id DESC", (before, after, since)
    ):
        if isinstance(row, Stored):
            yield row


def _of_database(path: Path) -> Iterator[Link | Unreadable]:
    with closing(connect(path)) as connection:
        try:
            for row in _rows(connection, f"{_SELECT} ORDER BY id"):
                yield row.link if isinstance(row, Stored) else row
        except StoreError as error:
            yield Unreadable(str(path), str(error))


def _rows(
    connection: sqlite3.Connection, query: str, parameters: tuple[int | str, ...] = ()
) -> Iterator[Stored | Unreadable]:
    try:
        for row in connection.execute(query, parameters):
            yield _stored(row)
    except sqlite3.Error as error:
        raise StoreError(f"the ledger's file is damaged: {error}") from None


def _stored(row: tuple[object, ...]) -> Stored | Unreadable:
    match row:
        case (int(id), int(seq), bytes(writer), bytes(time), bytes(kind), bytes(body), bytes(prev), bytes(hash)):
            link = Link(seq, _text(writer), _text(time), _text(kind), body, prev.hex(), hash.hex())
            return Stored(id, link)
        case _:
            return Unreadable(f"row {row[0]}", "is no record")


def _text(text: bytes) -> str:
    # What is no UTF-8 was not written here: with the replacement in it, its hash cannot be right.
    return text.decode(errors="replace")


def _of_export(path: Path) -> Iterator[Link | Unreadable]:
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            place = f"{path}:{number}"
            try:
                read = _decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield Unreadable(place, f"is no record: {error}")
                continue
            link = Link(read.seq, read.writer, read.time, read.kind, bytes(read.body), read.prev, read.hash)
            is_exact = line(link) == text and _HEX_HASH.fullmatch(link.hash) is not None
            yield link if is_exact else Unreadable(place, "is not as it was exported, byte for byte")
