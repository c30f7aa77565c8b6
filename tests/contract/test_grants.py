"""What every grant store promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.errors import ConfigurationError
from ostiary.stores.database import Database
from ostiary.stores.grants import Issued, SqliteGrants

NOW = 1_795_176_000 * 10**9
DAY = 86400 * 10**9


class Desk:
    """A store of grants, and another process on the same state."""

    def __init__(self, directory: Path) -> None:
        self.databases = [Database(directory), Database(directory)]
        self.here, self.elsewhere = (SqliteGrants(database) for database in self.databases)

    def create(self, server: str = "desk", name: str = "ann", expires: int | None = None) -> Issued:
        with self.databases[1].transaction():
            return self.elsewhere.create(server, name, None, expires, NOW)

    def close(self) -> None:
        for database in self.databases:
            database.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "state")
    yield desk
    desk.close()


def test_a_token_opens_what_its_grant_says_until_it_is_revoked(desk: Desk) -> None:
    assert not desk.here.any()
    issued = desk.create()
    assert desk.here.any()
    assert desk.here.authenticate(issued.token, NOW) == issued.grant
    with desk.databases[1].transaction():
        desk.elsewhere.revoke("ann", NOW)
    assert desk.here.authenticate(issued.token, NOW) is None
    assert desk.here.any(), "the end of the last grant must not open the door to everybody"


def test_a_grant_expires_at_its_instant(desk: Desk) -> None:
    issued = desk.create(expires=NOW + DAY)
    assert desk.here.authenticate(issued.token, NOW + DAY - 1) is not None
    assert desk.here.authenticate(issued.token, NOW + DAY) is None


def test_rotating_ends_the_old_token_at_once(desk: Desk) -> None:
    issued = desk.create()
    assert desk.here.authenticate(issued.token, NOW) is not None
    with desk.databases[1].transaction():
        again = desk.elsewhere.rotate("desk/ann", NOW)
    assert again.grant == issued.grant
    assert desk.here.authenticate(issued.token, NOW) is None
    assert desk.here.authenticate(again.token, NOW) == issued.grant


def test_nothing_else_opens_anything(desk: Desk) -> None:
    token = desk.create().token
    prefix, id, secret = token.split("_")
    other = desk.create(name="bob").token.split("_")[1]
    for wrong in (
        "",
        "ost",
        "ost__",
        token[:-1],
        f"{token}x",
        f"{token} ",
        token.upper(),
        f"OST_{id}_{secret}",
        f"ost_{id}_",
        f"ost_{other}_{secret}",
        f"ost_nobody_{secret}",
        f"{prefix}_{id}_é\ud800",
        "ost_\0_\0",
    ):
        assert desk.here.authenticate(wrong, NOW) is None, wrong


def test_the_secret_is_long_and_is_not_kept(desk: Desk, tmp_path: Path) -> None:
    secret = desk.create().token.split("_")[2]
    assert len(secret) == 43
    assert len({desk.create(name=str(number)).token for number in range(20)}) == 20
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert secret.encode() not in kept


def test_a_server_has_one_live_grant_of_a_name(desk: Desk) -> None:
    desk.create()
    desk.create(server="other")
    with pytest.raises(ConfigurationError, match="already has a live grant named `ann`"):
        desk.create()
    with desk.databases[1].transaction():
        desk.elsewhere.revoke("desk/ann", NOW)
    desk.create()
    assert [grant.name for grant in desk.here.all()] == ["ann"] * 3


def test_which_grant_is_meant_must_be_clear(desk: Desk) -> None:
    one = desk.create()
    desk.create(server="other")
    with pytest.raises(ConfigurationError, match="several grants are called `ann`; say which: `desk/ann`, `other/ann`"):
        desk.here.find("ann", NOW)
    assert desk.here.find(one.grant.id, NOW) == one.grant
    with pytest.raises(ConfigurationError, match="no live grant is called `bob`"):
        desk.here.find("bob", NOW)
