"""The steps that lead from an empty database file to the present schema. A step that was released never changes."""

from __future__ import annotations

import sqlite3
from typing import Final

from ostiary.errors import ConfigurationError

STEPS: Final = (
    (
        # `id` keeps the order of all writers' records; hashes are raw bytes, `body` is canonical text.
        """CREATE TABLE record (
            id INTEGER PRIMARY KEY, writer TEXT NOT NULL, seq INTEGER NOT NULL, time TEXT NOT NULL,
            kind TEXT NOT NULL, body TEXT NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL)""",
        # Where to look for the newest record of a chain: see stores/heads.py.
        """CREATE TABLE chain (
            writer TEXT PRIMARY KEY, mark INTEGER NOT NULL, vouched INTEGER NOT NULL, is_settled INTEGER NOT NULL
            ) WITHOUT ROWID""",
        # Amounts are integers where they fit, else decimal text: hence no declared type.
        """CREATE TABLE counter (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, used NOT NULL, at INTEGER NOT NULL,
            idle_from INTEGER NOT NULL)""",
        """CREATE TABLE entry (
            counter INTEGER NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, cost NOT NULL,
            PRIMARY KEY (counter, at, id)) WITHOUT ROWID""",
        # The latest instant at which idle counters were forgotten: time never goes back before it.
        "CREATE TABLE swept (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL)",
        "INSERT INTO swept VALUES (1, 0)",
        """CREATE TABLE access_grant (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, server TEXT NOT NULL, policy TEXT, created INTEGER NOT NULL,
            expires INTEGER, revoked INTEGER, secret_hash BLOB NOT NULL) WITHOUT ROWID""",
    ),
    (
        # `change` grows with every change of any approval: what is above a number has changed since it was the newest.
        """CREATE TABLE approval (
            id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, family TEXT NOT NULL, principal TEXT NOT NULL,
            asked INTEGER NOT NULL, state TEXT NOT NULL, until INTEGER NOT NULL, change INTEGER NOT NULL,
            life TEXT NOT NULL, question TEXT NOT NULL, reservation TEXT)""",
        "CREATE INDEX approval_by_key ON approval(key, asked)",
        "CREATE INDEX approval_by_principal ON approval(principal, asked)",
        "CREATE INDEX approval_by_change ON approval(change)",
        "CREATE INDEX approval_granted ON approval(family) WHERE state = 'granted'",
        """CREATE INDEX approval_alive ON approval(until)
            WHERE state NOT IN ('refused', 'expired', 'used_up', 'revoked')""",
        """CREATE TABLE operator (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, revoked INTEGER,
            secret_hash BLOB NOT NULL) WITHOUT ROWID""",
        # Messages to people that still have to go out; `id` names one across all tries and gateways.
        """CREATE TABLE errand (
            id TEXT PRIMARY KEY, approval TEXT NOT NULL, target TEXT NOT NULL, tries INTEGER NOT NULL,
            due INTEGER NOT NULL) WITHOUT ROWID""",
        # Ids of signed messages that were taken once, until they are too old to be taken at all.
        "CREATE TABLE heard (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    ),
    (
        # Tasks that servers have answered calls with; `number` grows with every new one.
        """CREATE TABLE task (
            number INTEGER PRIMARY KEY, server TEXT NOT NULL, id TEXT NOT NULL, principal TEXT NOT NULL,
            call TEXT NOT NULL, until INTEGER NOT NULL, is_ended INTEGER NOT NULL, UNIQUE (server, id))""",
        "CREATE INDEX task_by_principal ON task(principal, number)",
        "CREATE INDEX task_by_until ON task(until)",
    ),
)


def migrate(connection: sqlite3.Connection, file: str) -> None:
    """Bring the file to the present schema, all steps or none. Raises `ConfigurationError` if it is from the future."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(STEPS):
            raise ConfigurationError(
                f"{file}: was written by a newer Ostiary (schema {version}, this one knows {len(STEPS)}); "
                "upgrade Ostiary, or name another state directory"
            )
        for step in STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
