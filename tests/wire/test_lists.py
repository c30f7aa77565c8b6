from __future__ import annotations

import json

import pytest

from ostiary.errors import WireError
from ostiary.model import JSONObject
from ostiary.wire import lists
from ostiary.wire.era import Era

LEGACY = (
    b'{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","x":[1.50, 2e1]}, {"name": "b"},\n{"name":"c"}],'
    b'"nextCursor":"p2","_meta":{"k":1.0}}}'
)
MODERN = (
    b'{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","tools":[{"name":"a"},{"name":"b"}],'
    b'"ttlMs":3600000,"cacheScope":"public"}}'
)


def all_of_them(_: JSONObject) -> bool:
    return True


def test_nothing_to_change_gives_the_same_bytes() -> None:
    shown, removed = lists.filter_tools(LEGACY, all_of_them)
    assert shown is LEGACY
    assert removed == []


def test_what_stays_is_byte_for_byte_as_it_came() -> None:
    shown, removed = lists.filter_tools(LEGACY, lambda tool: tool["name"] != "b")
    assert removed == ["b"]
    assert shown == LEGACY.replace(b', {"name": "b"},\n', b",")


def test_an_empty_page_keeps_its_cursor() -> None:
    shown, removed = lists.filter_tools(LEGACY, lambda _: False)
    assert removed == ["a", "b", "c"]
    assert json.loads(shown)["result"] == {"tools": [], "nextCursor": "p2", "_meta": {"k": 1.0}}
    assert lists.next_cursor(shown) == "p2"


def test_a_modern_list_is_the_agents_own_and_soon_stale() -> None:
    shown, removed = lists.filter_tools(MODERN, all_of_them, Era.MODERN, ttl_ms=5000)
    assert removed == []
    assert shown == MODERN.replace(b"3600000", b"5000").replace(b'"public"', b'"private"')
    again, _ = lists.filter_tools(shown, all_of_them, Era.MODERN, ttl_ms=5000)
    assert again is shown


@pytest.mark.parametrize(
    ("ttl", "expected"),
    [(b"0", b"0"), (b"5000", b"5000"), (b"5001", b"5000"), (b"1e9", b"5000"), (b'"x"', b"5000"), (b"null", b"5000")],
)
def test_clamping(ttl: bytes, expected: bytes) -> None:
    given = MODERN.replace(b"3600000", ttl)
    shown, _ = lists.filter_tools(given, all_of_them, Era.MODERN, ttl_ms=5000)
    assert b'"ttlMs":' + expected + b"," in shown


def test_a_modern_list_without_hints() -> None:
    bare = b'{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}'
    shown, _ = lists.filter_tools(bare, all_of_them, Era.MODERN)
    assert json.loads(shown)["result"] == {"tools": [], "cacheScope": "private"}


@pytest.mark.parametrize(
    "other",
    [
        b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}',
        b'{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","requestState":"s"}}',
        b'{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}',
    ],
)
def test_what_is_no_list_passes(other: bytes) -> None:
    shown, removed = lists.filter_tools(other, lambda _: False, Era.MODERN)
    assert shown is other
    assert removed == []
    assert lists.tools(other) == []
    assert lists.next_cursor(other) is None


def test_a_tool_with_two_readings_never_stays() -> None:
    data = (
        b'{"result":{"tools":[{"name":"good"},{"name":"good","name":"evil"},{"name":"n","inputSchema":{"a":1,"a":2}},'
        b'{"Name":"x"},{"name":5},"x",null]}}'
    )
    shown, removed = lists.filter_tools(data, all_of_them)
    assert json.loads(shown) == {"result": {"tools": [{"name": "good"}]}}
    assert len(removed) == 6
    assert lists.tools(data) == [{"name": "good"}]


@pytest.mark.parametrize(
    "data",
    [
        b'{"result":{"tools":{}}}',
        b'{"result":{"tools":null}}',
        b'{"result":{"tools":[],"tools":[{"name":"evil"}]}}',
        b'{"result":{"tools":[]},"result":{"tools":[{"name":"evil"}]}}',
        b'{"result":{"tools":[],"\\u0074ools":[{"name":"evil"}]}}',
        b"nonsense",
    ],
)
def test_a_list_with_two_readings_is_no_list(data: bytes) -> None:
    with pytest.raises(WireError):
        lists.filter_tools(data, all_of_them)


def test_a_cursor_is_a_string() -> None:
    assert lists.next_cursor(b'{"result":{"nextCursor":"\\u0061"}}') == "a"
    assert lists.next_cursor(b'{"result":{"nextCursor":null}}') is None
    with pytest.raises(WireError, match="no string"):
        lists.next_cursor(b'{"result":{"nextCursor":5}}')
