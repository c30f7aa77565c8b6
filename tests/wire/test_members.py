from __future__ import annotations

import pytest

from ostiary.errors import WireError
from ostiary.wire.members import add, members, replace, strings_at, value_at

LOOSE = b' {\n "a" : {"b": [1, 2 ] , "c":null} ,\t"d" : "x"}\r\n'


def test_members_are_raw_and_in_order() -> None:
    assert [(key, bytes(raw)) for key, raw in members(LOOSE).items()] == [
        ("a", b'{"b": [1, 2 ] , "c":null}'),
        ("d", b'"x"'),
    ]
    assert members(b"{}") == members(b" { } ") == {}


def test_values_by_path() -> None:
    assert value_at(LOOSE, ("a", "b")) == b"[1, 2 ]"
    assert value_at(LOOSE, ()) == LOOSE
    for path in (("x",), ("a", "x"), ("d", "x"), ("a", "b", "x")):
        assert value_at(LOOSE, path) is None


def test_strings_by_path() -> None:
    assert strings_at(b'{"a":{"b":["x","y"]}}', ("a", "b")) == ["x", "y"]
    for odd in (b"null", b'"x"', b"[1]", b'["\xff"]', b'["x",null]'):
        assert strings_at(b'{"a":' + odd + b"}", ("a",)) == []
    assert strings_at(b"{}", ("a",)) == []


def test_replacing_leaves_every_other_byte() -> None:
    assert replace(LOOSE, ("a", "b"), b"7") == LOOSE.replace(b"[1, 2 ]", b"7")
    assert replace(LOOSE, ("a", "x"), b"7") is LOOSE


def test_adding() -> None:
    assert add(LOOSE, ("a", "n"), b"7") == LOOSE.replace(b'{"b"', b'{"n":7,"b"')
    assert add(b"{ }", ("n",), b"7") == b'{"n":7 }'
    assert add(LOOSE, ("d",), b"7") == LOOSE.replace(b'"x"', b"7")
    with pytest.raises(WireError, match="there is no object at x"):
        add(LOOSE, ("x", "n"), b"7")


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a": 1, "a": 2}',
        b'{"a":1,"\\u0061":1}',
        b'{"\\u0061":1}',
        b'{"a":1, "b":2, "a":1 }',
        b'{"a\\"b":1}',
        b"[]",
        b"",
        b'{"a":1}x',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_ambiguous_or_no_object(data: bytes) -> None:
    with pytest.raises(WireError):
        members(data)


def test_ambiguity_on_the_way_is_found() -> None:
    with pytest.raises(WireError):
        value_at(b'{"a":{"b":1,"b":2}}', ("a", "b"))
    with pytest.raises(WireError):
        replace(b'{"a":{"b":1},"a":{"b":2}}', ("a", "b"), b"3")
