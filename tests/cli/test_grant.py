"""`ostiary grant`, as typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ostiary.cli.grant import grant
from ostiary.errors import ConfigurationError
from ostiary.ledger.chain import Link
from ostiary.ledger.verify import verify
from ostiary.stores.database import Database
from ostiary.stores.grants import SqliteGrants
from ostiary.stores.reading import read_ledger

NOW = 1_795_176_000 * 10**9


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a configuration, where the commands are typed."""
    (tmp_path / "ostiary.yaml").write_text("servers:\n  desk: {command: [desk-server]}\n  other: {command: [x]}\n")
    (tmp_path / "own.yaml").write_text("version: 1\ndefault: allow\n")
    (tmp_path / "broken.yaml").write_text("version: 1\ndefault: maybe\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(*words: str) -> Result:
    return CliRunner().invoke(grant, words, catch_exceptions=True)


def answered(*words: str) -> Any:
    result = typed(*words, "--format", "json")
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


def refused(*words: str) -> str:
    result = typed(*words)
    assert isinstance(result.exception, ConfigurationError)
    return str(result.exception)


def test_the_life_of_a_grant(here: Path) -> None:
    made = answered("create", "--server", "desk", "--name", "ann", "--policy", "own.yaml", "--expires", "30d")
    assert set(made) == {"id", "name", "server", "token"}
    database = Database(here / "state")
    grants = SqliteGrants(database)
    kept = grants.all()[0]
    assert kept.policy == str(here / "own.yaml")
    assert kept.expires == kept.created + 30 * 86400 * 10**9
    assert grants.authenticate(made["token"], kept.created) == kept
    again = answered("rotate", "ann")
    assert grants.authenticate(made["token"], kept.created) is None
    assert grants.authenticate(again["token"], kept.created) == kept
    assert answered("revoke", made["id"])["name"] == "ann"
    assert grants.authenticate(again["token"], kept.created) is None
    assert [row["state"] for row in answered("list")] == ["revoked"]
    database.close()
    records = list(read_ledger(here / "state" / "ostiary.db"))
    assert verify(records).is_sound
    told = [record.kind for record in records if isinstance(record, Link) and not record.kind.startswith("ledger.")]
    assert told == ["grant.created", "grant.rotated", "grant.revoked"]
    assert b"ost_" not in b"".join(path.read_bytes() for path in (here / "state").iterdir())


def test_people_see_the_token_once_and_a_table() -> None:
    result = typed("create", "--server", "desk", "--name", "ann")
    assert "token    ost_" in result.stdout
    assert "shown this once" in result.stderr
    assert "\tann\tdesk\tthe server's\t" in typed("list").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--server", "nobody", "--name", "ann"), "there is no server `nobody`; there are: `desk`, `other`"),
        (("--server", "desk", "--name", "a b"), "`a b` is no name for a grant"),
        (("--server", "desk", "--name", "ann", "--policy", "none.yaml"), "none.yaml: cannot be read"),
        (("--server", "desk", "--name", "ann", "--policy", "broken.yaml"), "broken.yaml:2:"),
        (("--server", "desk", "--name", "ann", "--expires", "soon"), "--expires: `soon` is no time span"),
        (("--server", "desk", "--name", "ann", "-c", "none.yaml"), "none.yaml: cannot be read"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing_behind(here: Path, words: tuple[str, ...], said: str) -> None:
    assert said in refused("create", *words)
    assert not (here / "state").exists()


def test_a_refused_change_is_not_on_record(here: Path) -> None:
    answered("create", "--server", "desk", "--name", "ann")
    assert "already has a live grant named `ann`" in refused("create", "--server", "desk", "--name", "ann")
    assert "no live grant is called `bob`" in refused("revoke", "bob")
    assert len(list(read_ledger(here / "state" / "ostiary.db"))) == 2


def test_what_is_not_there_is_not_made_by_looking(here: Path) -> None:
    assert "there are no grants here" in refused("list")
    assert "there are no grants here" in refused("revoke", "ann", "--state", "elsewhere")
    assert not (here / "state").exists()
    assert not (here / "elsewhere").exists()


def test_without_a_configuration_the_state_directory_is_enough(here: Path) -> None:
    (here / "ostiary.yaml").unlink()
    assert "ostiary.yaml: cannot be read" in refused("create", "--server", "desk", "--name", "ann")
    assert answered("create", "--server", "desk", "--name", "ann", "--state", "elsewhere")["server"] == "desk"
