"""What holds for every message, whatever its bytes."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ostiary.errors import WireError
from ostiary.model import Decision, Effect
from ostiary.wire import answers, field, headers, lists, rewrite
from ostiary.wire.era import Era
from ostiary.wire.json import parse
from ostiary.wire.message import Message, Request, peek, read
from ostiary.wire.mirrors import mirrors
from ostiary.wire.sse import Decoder, Event, encode

TEXT = st.text()
IDS = st.text() | st.integers(-(2**63) + 1, 2**63 - 1)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=12)
STYLES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")])
EVENTS = st.builds(
    Event,
    st.binary(),
    st.none() | st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])),
    st.none() | st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])),
    st.none() | st.integers(0, 10**9 - 1),
)


def dump(value: Any, style: tuple[str, str] = (",", ":"), ascii: bool = False) -> bytes:
    return json.dumps(value, separators=style, ensure_ascii=ascii).encode()


def attempt(data: bytes) -> Message | WireError:
    try:
        return read(data)
    except WireError as error:
        return error


@given(st.binary())
def test_any_bytes_give_a_message_or_a_refusal(data: bytes) -> None:
    attempt(data)


@given(st.dictionaries(st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error", "Id"]), VALUES), STYLES)
def test_any_object_gives_a_message_or_a_refusal(value: dict[str, Any], style: tuple[str, str]) -> None:
    data = dump({"jsonrpc": "2.0", **value}, style)
    outcome = attempt(data)
    if isinstance(outcome, Request):
        assert (outcome.id, outcome.method, outcome.raw) == (value["id"], value["method"], data)


@given(VALUES, STYLES, st.booleans())
def test_what_is_accepted_reads_the_same_elsewhere(value: Any, style: tuple[str, str], ascii: bool) -> None:
    data = dump(value, style, ascii)
    try:
        accepted = parse(data)
    except WireError:
        return
    # `json` and msgspec read fractions as doubles; the nearest double of the exact value is the same.
    nearest = json.loads(json.dumps(accepted, default=float))
    assert nearest == json.loads(data) == msgspec.json.decode(data)


@given(st.lists(st.tuples(TEXT, st.integers()), min_size=2), st.integers(0, 5))
def test_no_accepted_object_has_a_key_twice(pairs: list[tuple[str, int]], depth: int) -> None:
    members = ",".join(f"{json.dumps(key)}:{value}" for key, value in pairs)
    data = ('{"x":[' * depth + "{" + members + "}" + "]}" * depth).encode()
    keys = [key for key, _ in pairs]
    try:
        parse(data)
    except WireError:
        return
    assert len(set(keys)) == len(keys)


@given(st.lists(EVENTS), st.lists(st.integers(0, 400)), st.sampled_from([b"\n", b"\r", b"\r\n"]))
def test_events_survive_any_split_and_line_ending(events: list[Event], cuts: list[int], ending: bytes) -> None:
    stream = b"".join(map(encode, events)).replace(b"\n", ending)
    decoder, decoded, start = Decoder(), list[Event](), 0
    for cut in [*sorted(cuts), len(stream)]:
        decoded += decoder.feed(stream[start:cut])
        start = max(start, cut)
    normal = [event.data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for event in events]
    assert [event.data for event in decoded] == normal
    assert [(event.id, event.name, event.retry) for event in decoded] == [
        (event.id, event.name, event.retry) for event in events
    ]


@given(st.binary(), st.lists(st.integers(0, 200)))
def test_any_stream_decodes_the_same_however_it_is_cut(stream: bytes, cuts: list[int]) -> None:
    whole = Decoder().feed(stream)
    decoder, decoded, start = Decoder(), list[Event](), 0
    for cut in [*sorted(cuts), len(stream)]:
        decoded += decoder.feed(stream[start:cut])
        start = max(start, cut)
    assert decoded == whole


@given(TEXT)
def test_header_values_are_safe_and_come_back(value: str) -> None:
    header = field.encode(value)
    assert all(0x20 <= byte < 0x7F for byte in header)
    assert header == header.strip()
    assert field.decode(header) == value


@given(st.binary())
def test_any_header_value_is_decoded_or_refused(value: bytes) -> None:
    field.decode(value)


@given(TEXT, st.dictionaries(st.sampled_from(["s", "n", "b", "other"]), LEAVES))
def test_what_is_described_is_verified(name: str, arguments: dict[str, Any]) -> None:
    schema = {
        "properties": {
            "s": {"type": "string", "x-mcp-header": "S"},
            "n": {"type": "integer", "x-mcp-header": "N"},
            "b": {"type": "boolean", "x-mcp-header": "B"},
        }
    }
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    params = {"name": name, "arguments": arguments, "_meta": meta}
    message = attempt(dump({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}))
    if not isinstance(message, Request):
        return
    lines = headers.describe(message, schema)
    assert headers.verify(message, lines) is Era.MODERN
    headers.verify_parameters(message, lines, mirrors(schema))


@given(st.lists(st.tuples(st.sampled_from([b"mcp-name", b"Mcp-Method", b"mcp-protocol-version", b"x"]), st.binary())))
def test_any_headers_agree_or_are_refused(lines: list[tuple[bytes, bytes]]) -> None:
    message = read(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}')
    try:
        assert headers.verify(message, lines) is Era.LEGACY
    except WireError as error:
        assert error.status == 400


@given(IDS, st.dictionaries(TEXT, VALUES, max_size=4), STYLES, IDS)
def test_another_id_changes_nothing_else(
    id: str | int, result: dict[str, Any], style: tuple[str, str], other: str | int
) -> None:
    data = dump({"jsonrpc": "2.0", "id": id, "result": result}, style)
    changed = rewrite.with_id(data, other)
    assert json.loads(changed) == {**json.loads(data), "id": other}
    assert rewrite.id_at(changed, rewrite.ID) == other
    start = data.index(b'"id"')
    assert changed[:start] == data[:start]
    assert changed.endswith(dump(result, style) + b"}")


@given(st.lists(st.dictionaries(TEXT, VALUES, max_size=3), max_size=4), st.sets(st.integers(0, 3)), STYLES)
def test_a_filtered_list_keeps_what_stays(tools: list[dict[str, Any]], gone: set[int], style: tuple[str, str]) -> None:
    named = [{**tool, "name": str(index)} for index, tool in enumerate(tools)]
    data = dump({"jsonrpc": "2.0", "id": 1, "result": {"tools": named, "nextCursor": "c"}}, style)
    readable = [str(tool["name"]) for tool in lists.tools(data)]
    shown, removed = lists.filter_tools(data, lambda tool: int(str(tool["name"])) not in gone)
    kept = [tool for tool in named if tool["name"] in readable and int(tool["name"]) not in gone]
    assert json.loads(shown)["result"] == {"tools": kept, "nextCursor": "c"}
    assert len(kept) + len(removed) == len(named)
    for tool in kept:
        assert dump(tool, style) in shown


@given(TEXT, IDS, st.booleans(), STYLES)
def test_a_mirrored_answer_is_what_the_server_would_have_said(
    name: str, id: str | int, ascii: bool, style: tuple[str, str]
) -> None:
    def answer(name: str, id: str | int) -> Any:
        return {"jsonrpc": "2.0", "id": id, "error": {"code": -32602, "message": f"Unknown tool: '{name}' …"}}

    probe = dump(answer("unknown_5f2c", "ostiary-1"), style, ascii)
    mirrored = answers.mirror(probe, "unknown_5f2c", name, id)
    assert json.loads(mirrored) == answer(name, id)


@given(TEXT, TEXT, st.none() | st.integers(0, 10**9), IDS)
def test_a_denial_is_one_clean_line(reason: str, rule: str, retry: int | None, id: str | int) -> None:
    data = answers.denial(id, Decision(Effect.DENY, rule, reason, retry_after_ms=retry))
    assert b"\n" not in data
    seen = peek(data)
    assert (seen.kind, seen.id, seen.is_error) == ("response", id, True)
    assert json.loads(data)["result"]["content"][0]["text"].startswith("Policy violation: ")


@given(st.binary() | st.builds(dump, VALUES))
def test_any_bytes_of_a_server_are_seen_or_refused(data: bytes) -> None:
    for look in (peek, lists.tools, lists.next_cursor, lambda data: rewrite.with_id(data, 1)):
        try:
            look(data)
        except WireError:
            continue
