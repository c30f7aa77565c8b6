from __future__ import annotations

import pytest

from ostiary.wire.field import decode, encode

SPECIFIED = [
    ("us-west1", b"us-west1"),
    ("Hello, 世界", b"=?base64?SGVsbG8sIOS4lueVjA==?="),
    (" padded ", b"=?base64?IHBhZGRlZCA=?="),
    ("line1\nline2", b"=?base64?bGluZTEKbGluZTI=?="),
    ("=?base64?literal?=", b"=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
]


@pytest.mark.parametrize(("value", "header"), [*SPECIFIED, ("", b""), ("a b", b"a b"), ("=?base64?=", b"=?base64?=")])
def test_both_ways(value: str, header: bytes) -> None:
    assert encode(value) == header
    assert decode(header) == value


@pytest.mark.parametrize(
    "header",
    [
        b"=?base64?SGVsbG8?=",
        b"=?base64?SGVs!!!bG8=?=",
        b"=?base64?SGVsbG9=?=",
        b"=?base64?/w==?=",
        b"=?base64?SGVs bG8=?=",
        b"caf\xe9",
        b"caf\xc3\xa9",
        b"a\rb",
        b"a\nb",
        b"a\0b",
        b"\x7f",
    ],
)
def test_what_is_not_valid(header: bytes) -> None:
    assert decode(header) is None


@pytest.mark.parametrize("header", [b"SGVsbG8=", b"=?base64?SGVsbG8=", b"SGVsbG8=?=", b"=?BASE64?SGVsbG8=?=", b"a\tb"])
def test_what_is_no_sentinel_is_literal(header: bytes) -> None:
    assert decode(header) == header.decode()
