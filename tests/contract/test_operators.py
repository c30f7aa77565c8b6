"""What every store of operators promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.errors import ConfigurationError
from ostiary.stores.database import Database
from ostiary.stores.operators import SqliteOperators

NOW = 1_795_176_000 * 10**9


def test_a_token_shows_who_it_is_until_it_ends(database: Database, tmp_path: Path) -> None:
    operators = SqliteOperators(database)
    with database.transaction():
        issued = operators.create("ann", NOW + 100, NOW)
    other = Database(tmp_path / "state")
    elsewhere = SqliteOperators(other)
    found = elsewhere.authenticate(issued.token, NOW + 99)
    assert found == issued.operator
    assert found.principal == "operator:ann"
    assert elsewhere.authenticate(issued.token, NOW + 100) is None
    with other.transaction():
        elsewhere.revoke("ann", NOW + 1)
    assert operators.authenticate(issued.token, NOW + 2) is None
    other.close()
    secret = issued.token.split("_")[2]
    assert secret.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())


def test_nothing_else_opens_anything(database: Database) -> None:
    operators = SqliteOperators(database)
    with database.transaction():
        token = operators.create("ann", None, NOW).token
    _, id, secret = token.split("_")
    for wrong in (
        "",
        "osto",
        "osto__",
        token[:-1],
        f"{token}x",
        f"ost_{id}_{secret}",
        f"osto_x_{secret}",
        "osto_\ud800_",
    ):
        assert operators.authenticate(wrong, NOW) is None, wrong


def test_a_name_is_one_persons(database: Database) -> None:
    operators = SqliteOperators(database)
    with database.transaction():
        operators.create("ann", None, NOW)
    with pytest.raises(ConfigurationError, match="already an operator `ann`"), database.transaction():
        operators.create("ann", None, NOW)
    with database.transaction():
        operators.revoke("ann", NOW)
    with database.transaction():
        operators.create("ann", None, NOW)
    with pytest.raises(ConfigurationError, match="no operator is called `bob`"):
        operators.revoke("bob", NOW)
