"""What the ledger keeps of arguments never holds a secret."""

from __future__ import annotations

import pytest

from ostiary.ledger.redaction import MASK, Redactor, mask
from ostiary.model import JSON, JSONObject

ARGUMENTS: JSONObject = {
    "id": 7,
    "card": {"number": "4111", "pin": "12"},
    "password": "hunter2",
    "rows": [{"note": "hi"}],
}


def test_by_default_only_keys_and_a_digest_are_kept() -> None:
    told = Redactor(b"key").describe(ARGUMENTS)
    assert set(told) == {"keys", "digest"}
    assert told["keys"] == ["card", "id", "password", "rows"]


def test_the_digest_tells_equal_arguments_and_needs_the_key() -> None:
    one, other = Redactor(b"key"), Redactor(b"other")
    assert one.describe({"a": 1, "b": 2})["digest"] == one.describe({"b": 2, "a": 1})["digest"]
    assert one.describe({"a": 1})["digest"] != one.describe({"a": 2})["digest"]
    assert one.describe({"a": 1})["digest"] != other.describe({"a": 1})["digest"]


def test_values_are_kept_where_policy_says_so_but_no_secret() -> None:
    values = Redactor(b"key").describe(ARGUMENTS, True)["values"]
    assert values == {**ARGUMENTS, "password": MASK}


def test_values_are_kept_at_the_paths_policy_names() -> None:
    paths = ("args.card.pin", "args.rows[0].note", "args.rows[3].note", 'args["id"]', "args.password", "args.none")
    values = Redactor(b"key").describe(ARGUMENTS, paths)["values"]
    assert values == {"args.card.pin": "12", "args.rows[0].note": "hi", 'args["id"]': 7, "args.password": MASK}


def test_many_and_long_keys_do_not_swell_the_record() -> None:
    keys = Redactor(b"key").describe({f"{number:04}" + "x" * 1000: 1 for number in range(1000)})["keys"]
    assert isinstance(keys, list)
    assert len(keys) == 64
    assert max(len(str(key)) for key in keys) == 128


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a1B2" * 9,
        "AKIA" + "ABCDEFGH12345678",
        "Authorization: Bearer abcdefghijklmnop",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
        "postgresql://user:hunter2@db/app",
        "-----BEGIN RSA PRIVATE KEY-----\nMII",
        "ost_abcdefghijkl_" + "Z" * 43,
        "sk-" + "a" * 40,
        "xoxb-1234567890-abcdefghij",
    ],
)
def test_a_value_that_looks_like_a_secret_is_masked_wherever_it_stands(secret: str) -> None:
    assert mask({"note": ["see", {"deep": secret}]}) == {"note": ["see", {"deep": MASK}]}


@pytest.mark.parametrize(
    "name", ["password", "dbPassword", "API_KEY", "apiKey", "client_secret", "Authorization", "token"]
)
@pytest.mark.parametrize("value", ["x", 5])
def test_a_value_under_the_name_of_a_secret_is_masked(name: str, value: JSON) -> None:
    assert mask({name: value}) == {name: MASK}


def test_what_is_no_secret_stays() -> None:
    value: JSON = {"tokens": None, "author": "Ann", "url": "https://example.com/a:b", "keys": ["a"], "is_secret": True}
    assert mask(value) == value


def test_whatever_stands_under_the_name_of_a_secret_is_masked_as_a_whole() -> None:
    assert mask({"passwords": ["a", "b"]}) == {"passwords": MASK}
    assert mask({"credentials": {"user": "ann"}}) == {"credentials": MASK}
