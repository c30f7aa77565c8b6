from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ostiary.errors import WireError
from ostiary.wire.json import Bounds
from ostiary.wire.message import Message, Notification, Request, Response, read

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "corpus/wire/messages.json").read_text())
KINDS: dict[type[Message], str] = {Request: "request", Notification: "notification", Response: "response"}
PROTOCOL_KEYS = ["jsonrpc", "id", "method", "params"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_corpus(case: dict[str, Any]) -> None:
    data = case["data"].encode()
    if isinstance(case["expect"], str):
        message = read(data)
        assert KINDS[type(message)] == case["expect"]
        assert message.raw is data
        return
    with pytest.raises(WireError) as caught:
        read(data)
    assert caught.value.code == case["expect"], caught.value
    assert caught.value.status == 400
    assert caught.value.id == case.get("id")


def test_a_request() -> None:
    data = b'{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"t","arguments":{"x":1}}}'
    assert read(data) == Request("a", "tools/call", {"name": "t", "arguments": {"x": 1}}, data)


def test_params_default_to_nothing() -> None:
    assert read(b'{"jsonrpc":"2.0","method":"x"}') == Notification("x", {}, b'{"jsonrpc":"2.0","method":"x"}')


@pytest.mark.parametrize("key", PROTOCOL_KEYS)
@pytest.mark.parametrize(
    "twist", [str.upper, str.title, lambda key: key + "\\u0000", lambda key: f"\\u{ord(key[0]):04x}{key[1:]}", str]
)
def test_a_second_spelling_of_a_protocol_key(key: str, twist: Any) -> None:
    first = '"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe"}'
    with pytest.raises(WireError) as caught:
        read(f'{{{first},"{twist(key)}":"evil"}}'.encode())
    assert caught.value.code == -32600


@pytest.mark.parametrize("key", ["name", "arguments", "_meta", "uri", "task", "taskId", "requestState"])
@pytest.mark.parametrize("place", ["first", "last", "alone"])
def test_a_second_spelling_of_a_parameter(key: str, place: str) -> None:
    own, other = f'"{key}":{{}}', f'"{key.upper()}":{{}}'
    params = {"first": f"{other},{own}", "last": f"{own},{other}", "alone": other}[place]
    with pytest.raises(WireError, match="passes for one of the protocol's"):
        read(f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{{params}}}}}'.encode())


def test_too_large_a_message_has_no_id() -> None:
    with pytest.raises(WireError) as caught:
        read(b'{"jsonrpc":"2.0","id":1,"method":"x"}', Bounds(size=10))
    assert (caught.value.status, caught.value.id) == (413, None)


def test_a_refusal_never_holds_a_line_break_or_raw_control_character() -> None:
    with pytest.raises(WireError) as caught:
        read(b'{"a\\n\\u001b[31m":1,"a\\n\\u001b[31m":2}')
    assert str(caught.value).isprintable()
