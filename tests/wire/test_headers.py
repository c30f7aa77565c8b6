from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ostiary.errors import WireError
from ostiary.model import JSONObject
from ostiary.wire.era import Era
from ostiary.wire.headers import describe, prefers_events, verify, verify_parameters
from ostiary.wire.message import Message, Request, read
from ostiary.wire.mirrors import mirrors

VERSION, METHOD, NAME = b"mcp-protocol-version", b"mcp-method", b"mcp-name"
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
SCHEMA: JSONObject = {
    "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "n": {"type": "integer", "x-mcp-header": "N"},
        "flag": {"type": "boolean", "x-mcp-header": "Flag"},
        "deep": {"type": "object", "properties": {"er": {"type": "string", "x-mcp-header": "Deeper"}}},
    }
}
Lines = list[tuple[bytes, bytes]]


def message(method: str, params: dict[str, Any] | None = None, *, modern: bool = True, **more: Any) -> Message:
    params = {**(params or {}), **({"_meta": META} if modern else {})}
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params, **more}
    return read(msgspec.json.encode({key: value for key, value in body.items() if value is not None}))


def call(arguments: Any = None, name: str = "echo", *, modern: bool = True) -> Request:
    asked = message("tools/call", {"name": name, "arguments": arguments or {}}, modern=modern)
    assert isinstance(asked, Request)
    return asked


def lines(*more: tuple[bytes, bytes], method: bytes = b"tools/call", name: bytes | None = b"echo") -> Lines:
    named = [] if name is None else [(NAME, name)]
    return [(b"host", b"x"), (VERSION, b"2026-07-28"), (METHOD, method), *named, *more]


def refusal(asked: Message, given: Lines) -> WireError:
    with pytest.raises(WireError) as caught:
        verify(asked, given)
    assert caught.value.status == 400
    assert caught.value.id == (asked.id if isinstance(asked, Request) else None)
    assert str(caught.value).isprintable()
    return caught.value


@pytest.mark.parametrize(
    ("method", "params", "name"),
    [
        ("tools/call", {"name": "echo"}, b"echo"),
        ("tools/call", {"name": "Hello, 世界"}, b"=?base64?SGVsbG8sIOS4lueVjA==?="),
        ("tools/call", {"name": "echo"}, b"=?base64?ZWNobw==?="),
        ("tools/call", {"name": "echo"}, b" \techo\t "),
        ("prompts/get", {"name": "p"}, b"p"),
        ("resources/read", {"uri": "file:///a"}, b"file:///a"),
        ("tasks/get", {"taskId": "t"}, b"t"),
        ("tasks/update", {"taskId": "t"}, b"t"),
        ("tasks/cancel", {"taskId": "t"}, b"t"),
        ("tools/list", {}, None),
        ("server/discover", {}, None),
        ("acme/custom", {"name": "x"}, None),
        ("acme/custom", {"name": "x"}, b"y"),
        ("tools/call", {}, None),
    ],
)
def test_agreement(method: str, params: dict[str, Any], name: bytes | None) -> None:
    assert verify(message(method, params), lines(method=method.encode(), name=name)) is Era.MODERN


def test_names_of_headers_have_no_case() -> None:
    given = [(b"MCP-Protocol-Version", b"2026-07-28"), (b"MCP-METHOD", b"tools/call"), (b"Mcp-Name", b"echo")]
    assert verify(call(), given) is Era.MODERN


@pytest.mark.parametrize(
    "given",
    [
        lines(name=b"allowed"),
        lines(name=b"Echo"),
        lines(name=b"echo "[:4] + b"\xc2\xa0"),
        lines(name=None),
        lines(name=b""),
        lines(name=b"=?base64?ZXZpbA==?="),
        lines(name=b"=?base64?ZWNobw=?="),
        lines(name=b"=?base64?ZWNobx==?="),
        lines((NAME, b"echo")),
        lines((b"MCP-NAME", b"allowed")),
        lines(method=b"tools/list"),
        lines(method=b"TOOLS/CALL"),
        lines(method=b""),
        lines((METHOD, b"tools/call")),
        lines((VERSION, b"2026-07-28")),
        lines(name=b"echo\r\nX: y"),
        lines(name=b"echo\0"),
        lines((b"mcp-param-unknown", b"a\nb")),
        [(VERSION, b"2026-07-28"), (NAME, b"echo")],
        [(METHOD, b"tools/call"), (NAME, b"echo")],
        [(VERSION, b"2025-11-25"), (METHOD, b"tools/call"), (NAME, b"echo")],
        [(VERSION, b"2026-07-29"), (METHOD, b"tools/call"), (NAME, b"echo")],
        [],
    ],
)
def test_disagreement(given: Lines) -> None:
    assert refusal(call(), given).code == -32020


@pytest.mark.parametrize(
    ("method", "key"), [("prompts/get", "name"), ("resources/read", "uri"), ("tasks/get", "taskId")]
)
def test_every_named_method_needs_its_name(method: str, key: str) -> None:
    assert refusal(message(method, {key: "x"}), lines(method=method.encode(), name=None)).code == -32020
    assert refusal(message(method, {key: "x"}), lines(method=method.encode(), name=b"y")).code == -32020


def test_a_name_that_the_body_does_not_have() -> None:
    assert refusal(message("tools/call", {}), lines()).code == -32020
    assert refusal(message("tools/call", {"name": ["echo"]}), lines()).code == -32020


def test_an_unknown_version_is_the_servers_to_refuse() -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "1900-01-01"}
    asked = message("tools/list", {"_meta": meta}, modern=False)
    assert verify(asked, [(VERSION, b"1900-01-01"), (METHOD, b"tools/list")]) is Era.MODERN


def test_a_modern_request_without_a_version_in_its_body() -> None:
    assert refusal(call(modern=False), lines()).code == -32602


def test_a_version_that_is_no_string() -> None:
    asked = message("tools/list", {"_meta": {"io.modelcontextprotocol/protocolVersion": 5}}, modern=False)
    assert refusal(asked, [(VERSION, b"5"), (METHOD, b"tools/list")]).code == -32020


def test_no_responses_in_the_modern_era() -> None:
    answer = read(b'{"jsonrpc":"2.0","id":1,"result":{}}')
    assert refusal(answer, [(VERSION, b"2026-07-28")]).code == -32600
    assert verify(answer, [(VERSION, b"2025-11-25")]) is Era.LEGACY
    assert verify(answer, []) is Era.LEGACY


def test_notifications_need_no_headers_but_must_not_contradict_them() -> None:
    told = message("notifications/cancelled", {"requestId": 1}, id=None)
    assert verify(told, []) is Era.MODERN
    assert verify(told, [(VERSION, b"2026-07-28")]) is Era.MODERN
    assert refusal(told, [(VERSION, b"2025-11-25")]).code == -32020
    assert refusal(told, [(VERSION, b"2026-07-28"), (METHOD, b"tools/call")]).code == -32020
    old = message("notifications/cancelled", {"requestId": 1}, modern=False, id=None)
    assert verify(old, [(VERSION, b"2026-07-28")]) is Era.MODERN
    assert verify(old, []) is Era.LEGACY


@pytest.mark.parametrize("version", [None, b"2024-11-05", b"2025-03-26", b"2025-06-18", b"2025-11-25"])
def test_the_legacy_era(version: bytes | None) -> None:
    given = [] if version is None else [(VERSION, version)]
    assert verify(call(modern=False), given) is Era.LEGACY
    assert verify(call(modern=False), [*given, (METHOD, b"tools/call"), (NAME, b"echo")]) is Era.LEGACY
    assert refusal(call(modern=False), [*given, (METHOD, b"tools/list")]).code == -32020
    assert refusal(call(modern=False), [*given, (NAME, b"allowed")]).code == -32020


@pytest.mark.parametrize("version", [b"", b"1", b"2025-11-26", b"1900-01-01", b"latest", b"2026-07-28x", b"\xff", b"9"])
def test_a_version_that_nobody_has(version: bytes) -> None:
    assert refusal(call(modern=False), [(VERSION, version)]).code == -32600


def parameters(arguments: Any, *given: tuple[bytes, bytes]) -> int | None:
    try:
        verify_parameters(call(arguments), lines(*given), mirrors(SCHEMA))
    except WireError as error:
        assert error.status == 400
        return error.code
    return None


REGION, N, FLAG = b"Mcp-Param-Region", b"mcp-param-n", b"MCP-PARAM-FLAG"


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ({}, []),
        ({"region": None}, []),
        ({"region": "eu"}, [(REGION, b"eu")]),
        ({"region": ""}, [(REGION, b"")]),
        ({"region": "é"}, [(REGION, b"=?base64?w6k=?=")]),
        ({"region": "SGVsbG8="}, [(REGION, b"SGVsbG8=")]),
        ({"n": 42}, [(N, b"42")]),
        ({"n": 42}, [(N, b"42.0")]),
        ({"n": 42.0}, [(N, b"42")]),
        ({"n": -7}, [(N, b"-7")]),
        ({"n": 9007199254740993}, [(N, b"9007199254740993")]),
        ({"flag": True}, [(FLAG, b"true")]),
        ({"flag": False}, [(FLAG, b"false")]),
        ({"deep": {"er": "x"}}, [(b"mcp-param-deeper", b"x")]),
        ({"deep": 5}, []),
        ({"region": ["eu"]}, []),
        ({}, [(b"mcp-param-other", b"x"), (b"mcp-param-other2", b"=?base64?!?=")]),
    ],
)
def test_parameters_agree(arguments: Any, given: Lines) -> None:
    assert parameters(arguments, *given) is None


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ({"region": "eu"}, []),
        ({"region": "eu"}, [(REGION, b"us")]),
        ({"region": "eu"}, [(REGION, b"EU")]),
        ({"region": "eu"}, [(REGION, b"eu"), (REGION.lower(), b"eu")]),
        ({"region": "Hello"}, [(REGION, b"=?base64?SGVsbG8?=")]),
        ({}, [(REGION, b"eu")]),
        ({"region": None}, [(REGION, b"null")]),
        ({"region": ["eu"]}, [(REGION, b"eu")]),
        ({"n": 42}, [(N, b"43")]),
        ({"n": 42}, [(N, b"4_2")]),
        ({"n": 42}, [(N, "４２".encode())]),
        ({"n": 9007199254740993}, [(N, b"9007199254740992")]),
        ({"n": 1}, [(N, b"1" * 2000)]),
        ({"n": "42"}, [(N, b"42.0")]),
        ({"n": True}, [(N, b"1")]),
        ({"flag": True}, [(FLAG, b"True")]),
        ({"deep": {"er": "x"}}, []),
    ],
)
def test_parameters_disagree(arguments: Any, given: Lines) -> None:
    assert parameters(arguments, *given) == -32020


def test_headers_of_an_outgoing_message() -> None:
    assert describe(call({"region": "Hello, 世界", "n": 5, "flag": False, "deep": {"er": "x"}}), SCHEMA) == (
        (VERSION, b"2026-07-28"),
        (METHOD, b"tools/call"),
        (NAME, b"echo"),
        (b"mcp-param-region", b"=?base64?SGVsbG8sIOS4lueVjA==?="),
        (b"mcp-param-n", b"5"),
        (b"mcp-param-flag", b"false"),
        (b"mcp-param-deeper", b"x"),
    )
    assert describe(message("tools/list"), None) == ((VERSION, b"2026-07-28"), (METHOD, b"tools/list"))
    assert describe(call({"region": None}), SCHEMA)[3:] == ()
    assert describe(call(modern=False), SCHEMA) == ()
    assert describe(read(b'{"jsonrpc":"2.0","id":1,"result":{}}'), None) == ()


def test_numbers_in_headers_are_plain() -> None:
    asked = read(call({"n": 1}).raw.replace(b'"n":1', b'"n":1.0e2'))
    assert describe(asked, SCHEMA)[-1] == (b"mcp-param-n", b"100")


def test_a_tool_without_mirrored_parameters_has_nothing_to_verify() -> None:
    verify_parameters(call({"region": "eu"}), lines((REGION, b"us")), mirrors(None))


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ((), False),
        ((b"application/json, text/event-stream",), False),
        ((b"text/event-stream, application/json",), True),
        ((b"text/event-stream",), True),
        ((b"Text/Event-Stream;q=0.9, application/json; q=0.8",), True),
        ((b"text/event-stream;q=0.5, application/json",), False),
        ((b"application/json;q=0.5;x=y, text/event-stream",), True),
        ((b"text/event-stream;q=0",), False),
        ((b"*/*",), False),
        ((b"text/event-stream", b"application/json"), True),
        ((b"q=;,;;,text/event-stream;q=nonsense",), True),
    ],
)
def test_what_an_agent_would_rather_have(accept: tuple[bytes, ...], expected: bool) -> None:
    lines = [(b"mcp-method", b"x"), *((b"accept", value) for value in accept)]
    assert prefers_events(lines) is expected
