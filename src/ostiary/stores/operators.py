"""Operators in SQLite: people who answer approvals. Their tokens are `osto_<id>_<secret>`."""

from __future__ import annotations

from typing import Final

import msgspec

from ostiary.errors import ConfigurationError
from ostiary.model import Operator
from ostiary.stores.database import Database
from ostiary.stores.tokens import hash_of, is_secret, new_id, new_secret, parts_of

PREFIX: Final = "osto"
_COLUMNS: Final = "id, name, created, expires, revoked"


class IssuedOperator(msgspec.Struct, frozen=True):
    """An operator and the token, which is known at this moment only."""

    operator: Operator
    token: str


class SqliteOperators:
    """An `OperatorStore`, and how operators come and go. What changes needs a transaction around it and its record."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def authenticate(self, token: str, now: int) -> Operator | None:
        """See `ports.OperatorStore`. Raises `StoreError`."""
        prefix, id, secret = parts_of(token)
        query = f"SELECT {_COLUMNS}, secret_hash FROM operator WHERE id=?"  # noqa: S608
        row = self._database.read(query, (id.encode(errors="replace").decode(),)).fetchone()
        is_right = is_secret(secret, None if row is None else row[-1])
        if row is None or prefix != PREFIX or not is_right:
            return None
        operator = Operator(*row[:-1])
        return operator if operator.is_live(now) else None

    def is_live(self, name: str, now: int) -> bool:
        """See `ports.OperatorStore`."""
        return any(one.name == name and one.is_live(now) for one in self.all())

    def all(self) -> list[Operator]:
        """Every operator there ever was, oldest first."""
        rows = self._database.read(f"SELECT {_COLUMNS} FROM operator ORDER BY created, name, id").fetchall()  # noqa: S608
        return [Operator(*row) for row in rows]

    def create(self, name: str, expires: int | None, now: int) -> IssuedOperator:
        """Make an operator. Raises `ConfigurationError` if a live one has this name."""
        self._database.begin()
        if any(one.name == name and one.is_live(now) for one in self.all()):
            raise ConfigurationError(f"there is already an operator `{name}`; revoke it first, or take another name")
        operator, secret = Operator(new_id(), name, now, expires), new_secret()
        self._database.write(
            "INSERT INTO operator(id, name, created, expires, revoked, secret_hash) VALUES(?,?,?,?,NULL,?)",
            (operator.id, name, now, expires, hash_of(secret)),
        )
        return IssuedOperator(operator, f"{PREFIX}_{operator.id}_{secret}")

    def revoke(self, reference: str, now: int) -> Operator:
        """End a live operator, by id or name. Raises `ConfigurationError`."""
        found = [one for one in self.all() if one.is_live(now) and reference in (one.id, one.name)]
        if not found:
            raise ConfigurationError(f"no operator is called `{reference}`; `ostiary operator list` shows who there is")
        self._database.write("UPDATE operator SET revoked=? WHERE id=?", (now, found[0].id))
        return msgspec.structs.replace(found[0], revoked=now)
