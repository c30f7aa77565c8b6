"""The state directory: private to its owner."""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ostiary.errors import ConfigurationError
from ostiary.stores.schema import migrate

DATABASE_FILE: Final = "ostiary.db"
DIGEST_KEY_FILE: Final = "digest.key"
_KEY_BYTES: Final = 32


def open_database(directory: Path, wait: float) -> sqlite3.Connection:
    """Create what is missing (directory 0700, file 0600), bring the schema up to date, and connect.

    `wait` is how many seconds another process may hold the file. Raises `ConfigurationError` if it cannot be used.
    """
    path = directory / DATABASE_FILE
    with _said_clearly(directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone_in(directory):
            _touch(path)
            connection = sqlite3.connect(path, timeout=wait, isolation_level=None, cached_statements=256)
            try:
                # A full checkpoint would sync to disk in the caller's thread: `Database` has one of its own for that.
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute("PRAGMA wal_autocheckpoint=0")
                migrate(connection, str(path))
            except BaseException:
                connection.close()
                raise
    return connection


def digest_key(directory: Path) -> bytes:
    """The secret under which arguments are digested, made on first use. It is a file of its own, so that a copy of
    the ledger can be handed out without it. Raises `ConfigurationError`."""
    path = directory / DIGEST_KEY_FILE
    with _said_clearly(directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone_in(directory):
            _touch(path)
            key = path.read_bytes()
            if not key:
                key = secrets.token_bytes(_KEY_BYTES)
                path.write_bytes(key)
    if len(key) != _KEY_BYTES:
        raise ConfigurationError(f"{path}: is not {_KEY_BYTES} bytes long; restore it, or delete it to make a new one")
    return key


@contextmanager
def _said_clearly(directory: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(
            f"{directory}: cannot be used as state directory: {what}; name one that you may write"
        ) from error


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Switching a new file to WAL does not wait for others, so processes that start together take turns here."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _touch(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
