"""A session's messages in the words of the stateless wire, and back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ostiary.errors import WireError
from ostiary.wire import sessionless
from ostiary.wire.message import Request, Response, read

DESCRIBED: Any = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "n"},
    "io.modelcontextprotocol/clientCapabilities": {"roots": {}},
}


def request(method: str, params: Any, id: Any = 7) -> Request:
    message = read(msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
    assert isinstance(message, Request)
    return message


def answered(method: str, result: bytes) -> Any:
    raw = b'{"jsonrpc":"2.0","id":"x","result":%b}' % result
    return msgspec.json.decode(sessionless.session_answer(raw, request(method, {})))["result"]


def test_an_agent_is_described_by_its_initialize_without_what_the_stateless_wire_has_its_own_of() -> None:
    able = {"roots": {"listChanged": True}, "tasks": {}, "elicitation": {}, "more": 1, "experimental": {"x": {}}}
    hello = request("initialize", {"clientInfo": {"name": "n"}, "capabilities": able, "protocolVersion": "2025-11-25"})
    told = sessionless.description(hello)
    kept = {"roots": {"listChanged": True}, "elicitation": {}, "experimental": {"x": {}}}
    assert told == {**DESCRIBED, "io.modelcontextprotocol/clientCapabilities": kept}
    assert "io.modelcontextprotocol/clientInfo" not in sessionless.description(request("initialize", {}))


def test_a_request_says_what_it_is_in_every_message_and_keeps_its_bytes() -> None:
    raw = (
        b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t","arguments":{"a":1.50,"b":"\\u00e4"},'
        b'"task":{"ttl":1},"requestState":"forged","_meta":{"progressToken":"p",'
        b'"io.modelcontextprotocol/clientInfo":{"name":"forged"},"own":1e2}}}'
    )
    message = read(raw)
    assert isinstance(message, Request)
    made = sessionless.stateless_request(message, "o-1", DESCRIBED, {"requestState": msgspec.Raw(b'"\\u0000"')})
    assert b'"arguments":{"a":1.50,"b":"\\u00e4"}' in made.raw
    assert b'"requestState":"\\u0000"' in made.raw
    assert b"forged" not in made.raw
    params = msgspec.json.decode(made.raw)["params"]
    assert params["_meta"] == {"progressToken": "p", "own": 100, **DESCRIBED}
    assert params.keys() == {"name", "arguments", "requestState", "_meta"}
    assert (made.id, made.params["_meta"]) == ("o-1", {"progressToken": "p", "own": 100, **DESCRIBED})


@pytest.mark.parametrize(
    ("method", "result", "expected"),
    [
        ("tools/call", b'{"resultType":"complete","content":[],"ttlMs":1}', {"content": [], "ttlMs": 1}),
        ("tools/list", b'{"resultType":"complete","tools":[],"ttlMs":1,"cacheScope":"public"}', {"tools": []}),
        ("prompts/get", b'{"messages":[],"_meta":{"io.modelcontextprotocol/serverInfo":{}}}', {"messages": []}),
        (
            "prompts/get",
            b'{"_meta":{"io.modelcontextprotocol/serverInfo":{},"x":1},"messages":[]}',
            {"messages": [], "_meta": {"x": 1}},
        ),
        ("tools/call", b'{"content":[],"structuredContent":{"a":1}}', {"content": [], "structuredContent": {"a": 1}}),
        ("tools/call", b'{"content":[],"structuredContent":[1]}', {"content": []}),
        ("prompts/get", b'{"messages":[],"structuredContent":[1]}', {"messages": [], "structuredContent": [1]}),
    ],
)
def test_results_lose_what_sessions_do_not_know_and_keep_the_rest(method: str, result: bytes, expected: Any) -> None:
    assert answered(method, result) == expected


def test_schemas_of_results_that_are_no_objects_are_left_out_of_the_list() -> None:
    tools = [
        {"name": "a", "outputSchema": {"type": "object"}},
        {"name": "b", "outputSchema": {"type": "array"}},
        {"name": "c", "outputSchema": True},
        {"name": "d"},
        7,
    ]
    kept = [tools[0], {"name": "b"}, {"name": "c"}, {"name": "d"}, 7]
    assert answered("tools/list", msgspec.json.encode({"tools": tools}))["tools"] == kept
    assert answered("tools/list", b'{"tools":{"outputSchema":1}}')["tools"] == {"outputSchema": 1}


def test_an_error_is_made_out_to_the_agents_request() -> None:
    raw = b'{"jsonrpc":"2.0","error":{"code":-32020,"message":"m","data":{"x":1.0}}}'
    made = sessionless.session_answer(raw, request("tools/call", {}, id="mine"))
    assert made == b'{"jsonrpc":"2.0","id":"mine","error":{"code":-32020,"message":"m","data":{"x":1.0}}}'


@pytest.mark.parametrize("result", [b"1", b"[]", b'{"a":1,"a":2}'])
def test_nonsense_is_not_passed_on(result: bytes) -> None:
    with pytest.raises(WireError):
        answered("tools/call", result)


def test_what_an_agent_answers_with_an_error_is_an_error() -> None:
    def said(more: bytes) -> Response:
        return Response(1, b'{"jsonrpc":"2.0","id":1,%b}' % more)

    assert sessionless.response(said(b'"result":{"a":1.0}')) == msgspec.Raw(b'{"a":1.0}')
    for more, code in ((b'"error":{"code":-1,"message":"no"}', -1), (b'"error":{"code":"x"}', -32602)):
        with pytest.raises(WireError) as caught:
            sessionless.response(said(more))
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("offer", "says"),
    [(b"{}", False), (b'{"listChanged":true}', True), (b'{ "listChanged" : false}', False), (b"true", False)],
)
def test_whether_a_capability_says_that_its_list_may_change(offer: bytes, says: bool) -> None:
    assert sessionless.announces_changes(msgspec.Raw(offer)) is says


def test_text_that_is_no_utf_8_says_nothing() -> None:
    assert sessionless.method_of({"method": msgspec.Raw(b'"\xff"')}) == ""
    error = b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"\xff"}}'
    with pytest.raises(WireError, match="the agent did not answer"):
        sessionless.response(Response(1, error))
