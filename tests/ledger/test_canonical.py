"""One value, one sequence of bytes, on one line."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ostiary.errors import LedgerError
from ostiary.ledger.canonical import encode, timestamp
from ostiary.model import JSON


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": {"d": None, "c": True}}, '{"a":{"c":true,"d":null},"b":1}'),
        ([Decimal("1.10"), 10**30, "é", -0.5], "[1.10," + "1" + "0" * 30 + ',"é",-0.5]'),
        ({"x": float("nan")}, '{"x":null}'),
        ("a\r\nb\x1b[2J\x7f", '"a\\r\\nb\\u001b[2J\\u007f"'),
        ("\u2028\u2029\x85\x9b\u202e\u2066\ufeff", '"\\u2028\\u2029\\u0085\\u009b\\u202e\\u2066\\ufeff"'),
    ],
)
def test_canonical_bytes(value: JSON, text: str) -> None:
    assert encode(value) == text.encode()


def test_the_order_of_keys_does_not_matter() -> None:
    assert encode({"a": 1, "b": 2}) == encode({"b": 2, "a": 1})


def test_escaped_text_reads_back_as_it_was() -> None:
    text = "".join(chr(point) for point in range(0x3000))
    assert json.loads(encode(text)) == text
    assert encode(text).decode().splitlines() == [encode(text).decode()]


def test_what_json_cannot_say_is_refused() -> None:
    deep: JSON = []
    for _ in range(100_000):
        deep = [deep]
    for value in ("\ud800", deep):
        with pytest.raises(LedgerError, match="cannot be written as JSON"):
            encode(value)


def test_timestamps() -> None:
    assert timestamp(0) == "1970-01-01T00:00:00.000000Z"
    assert timestamp(1_795_176_000_123_456_789) == "2026-11-20T12:00:00.123456Z"
