"""Reading a ledger without a gateway: from a database file or an export, never changing either."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from ostiary.errors import ConfigurationError
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
        raise ConfigurationError(f"{path}: there is no ledger here; name the state directory with --state")
    last: sqlite3.Error | None = None
    # In a directory that may not be written, a file in WAL mode opens only as one that nobody changes.
    for how in ("mode=ro", "mode=ro&immutable=1"):
        try:
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, isolation_level=None)
            connection.execute(f"{_SELECT} LIMIT 1").fetchall()
        except sqlite3.Error as error:
            last = error
        else:
            return connection
    raise ConfigurationError(f"{path}: is no ledger of Ostiary: {last}")


def newest(
    connection: sqlite3.Connection, *, before: int = 2**63 - 1, after: int = 0, since: str = ""
) -> Iterator[Stored]:
    """Records from the newest to the oldest, between two places in their order, not older than a time."""
    rows = connection.execute(
        f"{_SELECT} WHERE id < ? AND id > ? AND time >= ? ORDER BY id DESC", (before, after, since)
    )
    for row in rows:
        stored = _stored(row)
        if isinstance(stored, Stored):
            yield stored


def _of_database(path: Path) -> Iterator[Link | Unreadable]:
    with closing(connect(path)) as connection:
        rows = connection.execute(f"{_SELECT} ORDER BY id")
        try:
            for row in rows:
                stored = _stored(row)
                yield stored.link if isinstance(stored, Stored) else stored
        except sqlite3.Error as error:
            yield Unreadable(str(path), f"the database is damaged: {error}")


def _stored(row: tuple[object, ...]) -> Stored | Unreadable:
    match row:
        case (
            int(id),
            int(seq),
            str(writer),
            str(time),
            str(kind),
            str(body),
            bytes(prev),
            bytes(hash),
        ):
            return Stored(id, Link(seq, writer, time, kind, body.encode(), prev.hex(), hash.hex()))
        case _:
            return Unreadable(f"row {row[0]}", "is no record")


def _of_export(path: Path) -> Iterator[Link | Unreadable]:
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            place = f"{path}:{number}"
            try:
                read = _decode(text)
            except msgspec.DecodeError as error:
                yield Unreadable(place, f"is no record: {error}")
                continue
            link = Link(read.seq, read.writer, read.time, read.kind, bytes(read.body), read.prev, read.hash)
            is_exact = line(link) == text and _HEX_HASH.fullmatch(link.hash) is not None
            yield link if is_exact else Unreadable(place, "is not as it was exported, byte for byte")
