"""Grants in SQLite: bearer tokens `ost_<id>_<secret>`, of whose secret only the SHA-256 is kept."""

from __future__ import annotations

from typing import Final

import msgspec

from ostiary.errors import ConfigurationError
from ostiary.model import Grant
from ostiary.stores.database import Database
from ostiary.stores.tokens import hash_of, is_secret, new_id, new_secret, parts_of

_ALL: Final = """SELECT id, name, server, policy, created, expires, revoked FROM access_grant
    ORDER BY created, server, name, id"""
_ONE: Final = """SELECT id, name, server, policy, created, expires, revoked, secret_hash FROM access_grant
    WHERE id=?"""
_INSERT: Final = """INSERT INTO access_grant(id, name, server, policy, created, expires, revoked, secret_hash)
    VALUES(?,?,?,?,?,?,?,?)"""


class Issued(msgspec.Struct, frozen=True):
    """A grant and its token, which is known at this moment only."""

    grant: Grant
    token: str


class _Known(msgspec.Struct, frozen=True):
    grant: Grant
    secret_hash: bytes


class SqliteGrants:
    """A `GrantStore`, and how grants come and go. What another process changes holds from the next call on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, _Known] = {}
        self._version = -1

    def authenticate(self, token: str, now: int) -> Grant | None:
        """See `ports.GrantStore`. Raises `StoreError`."""
        prefix, id, secret = parts_of(token)
        known = self._find(id)
        is_right = is_secret(secret, None if known is None else known.secret_hash)
        if known is None or prefix != "ost" or not is_right:
            return None
        return known.grant if is_live(known.grant, now) else None

    def any(self) -> bool:
        """Whether a grant was ever made, live or not: the end of the last one must not open the door to everybody."""
        return self._database.read("SELECT 1 FROM access_grant LIMIT 1").fetchone() is not None

    def all(self) -> list[Grant]:
        """Every grant ever made, oldest first."""
        return [Grant(*row) for row in self._database.read(_ALL).fetchall()]

    def create(self, server: str, name: str, policy: str | None, expires: int | None, now: int) -> Issued:
        """Make a grant. Raises `ConfigurationError` if the server has a live one of this name. Needs a transaction
        around it and whatever it is recorded with."""
        self._database.begin()
        if any(is_live(grant, now) and (grant.server, grant.name) == (server, name) for grant in self.all()):
            raise ConfigurationError(
                f"server `{server}` already has a live grant named `{name}`; rotate or revoke it, or take another name"
            )
        grant = Grant(new_id(), name, server, policy, now, expires)
        secret = new_secret()
        self._database.write(_INSERT, (grant.id, name, server, policy, now, expires, None, hash_of(secret)))
        self._known.clear()
        return Issued(grant, _token(grant.id, secret))

    def rotate(self, reference: str, now: int) -> Issued:
        """Give a live grant a new secret; the old token is dead at once. Raises `ConfigurationError`."""
        grant = self.find(reference, now)
        secret = new_secret()
        self._database.write("UPDATE access_grant SET secret_hash=? WHERE id=?", (hash_of(secret), grant.id))
        self._known.clear()
        return Issued(grant, _token(grant.id, secret))

    def revoke(self, reference: str, now: int) -> Grant:
        """End a live grant. Raises `ConfigurationError`."""
        grant = self.find(reference, now)
        self._database.write("UPDATE access_grant SET revoked=? WHERE id=?", (now, grant.id))
        self._known.clear()
        return msgspec.structs.replace(grant, revoked=now)

    def find(self, reference: str, now: int) -> Grant:
        """The live grant with this id, or this name if only one has it, or this `SERVER/NAME`. Raises
        `ConfigurationError`."""
        live = [grant for grant in self.all() if is_live(grant, now)]
        found = [grant for grant in live if reference in (grant.id, grant.name, f"{grant.server}/{grant.name}")]
        if not found:
            raise ConfigurationError(f"no live grant is called `{reference}`; `ostiary grant list` shows what there is")
        if len(found) > 1:
            names = ", ".join(f"`{grant.server}/{grant.name}`" for grant in found)
            raise ConfigurationError(f"several grants are called `{reference}`; say which: {names}")
        return found[0]

    def _find(self, id: str) -> _Known | None:
        (version,) = self._database.read("PRAGMA data_version").fetchone()
        if version != self._version:
            self._known.clear()
            self._version = version
        known = self._known.get(id)
        if known is None:
            row = self._database.read(_ONE, (id,)).fetchone()
            if row is not None:
                known = self._known[id] = _Known(Grant(*row[:-1]), row[-1])
        return known


def is_live(grant: Grant, now: int) -> bool:
    """Whether the grant is neither revoked nor expired; it expires at the instant it names."""
    return grant.revoked is None and (grant.expires is None or now < grant.expires)


def _token(id: str, secret: str) -> str:
    return f"ost_{id}_{secret}"
