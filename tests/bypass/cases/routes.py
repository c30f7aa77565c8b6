"""4, 5 and 6: headers that tell another story than the body, every way to a tool, and names that only look right."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

from tests.bypass.agents import is_result
from tests.bypass.ground import HTTP, Ground, case, messages
from tests.bypass.message import (
    ALLOWED,
    DENIED,
    HIDDEN,
    VERSION,
    Attempt,
    Era,
    attempt,
    call,
    described,
    new_mark,
    request,
    text,
)
from tests.bypass.message import Lines as HeaderLines
from tests.bypass.plain_http import render

_UPPER: Final = str.maketrans("aeopcx", "аеорсх")
_WIDE: Final = {ord(char): ord(char) + 0xFEE0 for char in "abcdefghijklmnopqrstuvwxyz"}


@messages(
    "4", "Mcp-Method and Mcp-Name against the body: other, missing, repeated, sentinel, padded", (HTTP,), (Era.MODERN,)
)
def headers(era: Era) -> Iterator[Attempt]:
    for header, body in ((ALLOWED, DENIED), (DENIED, ALLOWED), (HIDDEN, ALLOWED)):
        yield from _with(era, body, f"name {header}, body {body}", (("Mcp-Name", header),))
        for label, value in _sentinels(header):
            yield from _with(era, body, f"{label} of {header}, body {body}", (("Mcp-Name", value),))
    for label, lines in (
        ("no name", (("Mcp-Name", ""),)),
        ("name twice", (("Mcp-Name", ALLOWED), ("Mcp-Name", DENIED))),
        ("name twice, reversed", (("Mcp-Name", DENIED), ("Mcp-Name", ALLOWED))),
        ("name in a list", (("Mcp-Name", f"{ALLOWED}, {DENIED}"),)),
        ("name in other case", (("Mcp-Name", ALLOWED.upper()),)),
        ("no method", (("Mcp-Method", ""),)),
        ("other method", (("Mcp-Method", "ping"),)),
        ("method in other case", (("Mcp-Method", "Tools/Call"),)),
        ("method twice", (("Mcp-Method", "ping"), ("Mcp-Method", "tools/call"))),
        ("no version", (("MCP-Protocol-Version", ""),)),
        ("legacy version", (("MCP-Protocol-Version", "2025-11-25"),)),
        ("unknown version", (("MCP-Protocol-Version", "2099-01-01"),)),
        ("version twice", (("MCP-Protocol-Version", VERSION), ("MCP-Protocol-Version", "2025-11-25"))),
    ):
        yield from _with(era, ALLOWED, label, lines)


@messages("4", "headers of the stateless wire on the legacy one, with another story", (HTTP,), (Era.LEGACY,))
def legacy_headers(era: Era) -> Iterator[Attempt]:
    for header, body in ((ALLOWED, DENIED), (DENIED, ALLOWED)):
        for version in ("2025-11-25", "2025-03-26", VERSION, "", "garbage"):
            lines = (("MCP-Protocol-Version", version), ("Mcp-Method", "tools/call"), ("Mcp-Name", header))
            yield from _with(era, body, f"{version}: name {header}, body {body}", lines)


@messages("4", "white space around a true header, and its sentinel form, change nothing", (HTTP,), (Era.MODERN,))
def true_headers(era: Era) -> Iterator[Attempt]:
    sentinel = dict(_sentinels(ALLOWED))["sentinel"]
    for value in (f"  {ALLOWED}", f"{ALLOWED} \t", f"\t{ALLOWED}", sentinel):
        mark = new_mark()
        message = call(era, ALLOWED, {"mark": mark}, mark)
        lines = _replaced(described(era, message), (("Mcp-Name", value),))
        yield Attempt(f"header {value!r}", text(message), mark, lines, must_pass=True)


@messages("5", "a denied or hidden tool by every method that could reach it")
def methods(era: Era) -> Iterator[Attempt]:
    for tool in (DENIED, HIDDEN):
        named: dict[str, Any] = {"name": tool, "arguments": {}}
        for label, message in _ways(era, tool, named):
            yield attempt(f"{tool}: {label}", message, described(era, message), must_stop=True)
        mark = new_mark()
        notice = {key: value for key, value in call(era, tool, {"mark": mark}).items() if key != "id"}
        yield Attempt(f"{tool}: as a notification", text(notice), mark, described(era, notice), must_stop=True)


def _ways(era: Era, tool: str, named: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "tools/call", call(era, tool)
    yield "as a task", request(era, "tools/call", {**named, "task": {"ttl": 60000}})
    yield "for a client of the tasks extension", request(era, "tools/call", {**named, "_meta": _tasks()})
    yield "the retry of a round", request(era, "tools/call", {**named, "inputResponses": {}, "requestState": "AAAA"})
    yield "a retry with a state of nobody", request(era, "tools/call", {**named, "requestState": f"{ALLOWED}:{tool}"})
    yield "with progress", request(era, "tools/call", {**named, "_meta": {"progressToken": 1}})
    yield "without arguments", request(era, "tools/call", {"name": tool})
    yield "with arguments null", request(era, "tools/call", {"name": tool, "arguments": None})
    yield "with a cursor", request(era, "tools/call", {**named, "cursor": "0"})
    yield "with an uri", request(era, "tools/call", {**named, "uri": "tool:allowed"})
    yield "related to a task", request(era, "tools/call", {**named, "_meta": _related()})


@messages("5", "methods that only mention a denied or hidden tool become no call of it")
def mentions(era: Era) -> Iterator[Attempt]:
    for tool in (DENIED, HIDDEN):
        argument = {"name": "x", "value": tool}
        for method, params in (
            ("completion/complete", {"ref": {"type": "ref/tool", "name": tool}, "argument": argument}),
            ("prompts/get", {"name": tool, "arguments": {}}),
            ("resources/read", {"uri": f"tool:{tool}"}),
            ("tasks/get", {"taskId": tool}),
            ("tasks/result", {"taskId": tool, "name": tool}),
            ("tasks/update", {"taskId": tool, "inputResponses": {}, "name": tool, "arguments": {}}),
            ("tasks/cancel", {"taskId": tool}),
            ("tools/list", {"cursor": tool, "name": tool, "arguments": {}}),
            ("logging/setLevel", {"level": tool}),
            ("ping", {"method": "tools/call", "params": {"name": tool}}),
        ):
            message = request(era, method, params)
            yield attempt(f"{method} of {tool}", message, described(era, message))


@messages("5", "calls whose name or arguments are no name and no arguments")
def malformed(era: Era) -> Iterator[Attempt]:
    for label, params in (
        ("no name", {"arguments": {}}), ("name null", {"name": None}), ("name list", {"name": [DENIED]}),
        ("name object", {"name": {"name": DENIED}}), ("name number", {"name": 1}),
        ("arguments list", {"name": ALLOWED, "arguments": [DENIED]}),
        ("arguments string", {"name": ALLOWED, "arguments": '{"name":"denied"}'}),
        ("arguments number", {"name": ALLOWED, "arguments": 1}),
        ("params within", {"params": {"name": DENIED}, "name": None}),
    ):  # fmt: skip
        yield attempt(label, message := request(era, "tools/call", params), described(era, message), must_stop=True)


@case("5", "a hidden tool is not in any list, and is answered like a missing one")
async def hidden(ground: Ground) -> None:
    for cursor in ({}, {"cursor": "0"}, {"cursor": ""}):
        listed = await ground.agent.ask(request(ground.era, "tools/list", cursor))
        ground.expect(f'"{HIDDEN}"' not in str(listed).replace("'", '"'), "it is in tools/list")
    missing, found = "missing", HIDDEN
    answers = [await ground.agent.ask(call(ground.era, name, {}, f"same-{name}")) for name in (missing, found)]
    ground.expect(not is_result(answers[1]), "it was called")
    told = await ground.agent.ask(call(ground.era, f"{DENIED}x"))
    ground.expect(told is None or not is_result(told), "a tool of no policy was called")


@messages("6", "names that pass for another: case, homoglyphs, NFKC, zero width, padding, prefixes, 129 characters")
def names(era: Era) -> Iterator[Attempt]:
    for tool in (DENIED, HIDDEN, ALLOWED):
        for label, name in _imitations(tool):
            mark = new_mark()
            message = call(era, name, {"mark": mark}, mark)
            lines = described(era, {**message, "params": {**message["params"], "name": _sentinel(name)}})
            yield Attempt(f"{tool} as {label}", text(message), mark, lines, must_stop=True)


def _imitations(tool: str) -> Iterator[tuple[str, str]]:
    yield from {
        "upper case": tool.upper(), "title case": tool.title(), "homoglyphs": tool.translate(_UPPER),
        "full width": tool.translate(_WIDE), "zero width": f"{tool[:3]}\u200b{tool[3:]}",
        "soft hyphen": f"{tool}\u00ad", "trailing space": f"{tool} ", "leading space": f" {tool}",
        "trailing dot": f"{tool}.", "tab": f"{tool}\t", "line feed": f"{tool}\n", "NUL": f"{tool}\0",
        "NUL and more": f"{tool}\0x", "byte order mark": f"\ufeff{tool}", "right to left": f"\u202e{tool[::-1]}",
        "combining": f"{tool}\u0301", "no-break space": f"{tool}\u00a0", "percent": f"%{ord(tool[0]):02x}{tool[1:]}",
        "quoted": f'"{tool}"', "slash": f"upstream/{tool}", "dot dot": f"x/../{tool}", "backslash": f"x\\{tool}",
        "colon": f"upstream:{tool}", "double": f"upstream__{tool}", "hash": f"x#{tool}",
        "fragment": f"{ALLOWED}/{tool}", "query": f"{tool}?x=1", "129 characters": tool + "x" * 129,
        "glob": f"{tool[:-1]}*", "empty": "", "star": "*", "array": f"{ALLOWED},{tool}",
    }.items()  # fmt: skip


@case("6", "other paths to the same gateway: dots, case, encodings, other servers", transports=(HTTP,))
async def paths(ground: Ground) -> None:
    agent, place = ground.http, ground.stand.recorder.place
    path = agent.address.path
    head, _, tail = path.rpartition("/")
    message = call(ground.era, DENIED)
    for target in (
        f"{path}/../{tail}", f"{head}/x/../{tail}", f"{path}%2f", f"{head}/%2e%2e/{tail}", f"{path}%00", f"//{path}",
        path.upper(), f"{path};x", f"{path}//", f"{head}/other", f"{head}/..%2f..%2fetc", f"{path}?server=other",
        f"http://evil.test{path}", f"{head}/{tail}%0d%0aX: y", "*", "/", f"{path}.json", f"{head}//{tail}",
    ):  # fmt: skip
        answer = await ground.http.connection.exchange(
            _posted(agent.lines(described(ground.era, message)), target, message)
        )
        ground.expect(answer.status != 500, f"HTTP 500 for {target}")
    ground.look(place)


def _posted(lines: HeaderLines, target: str, message: dict[str, Any]) -> bytes:
    return render("POST", target, lines, text(message))


def _with(era: Era, tool: str, label: str, lines: HeaderLines) -> Iterator[Attempt]:
    mark = new_mark()
    message = call(era, tool, {"mark": mark}, mark)
    yield Attempt(label, text(message), mark, _replaced(described(era, message), lines), must_stop=era is Era.MODERN)


def _replaced(lines: HeaderLines, by: HeaderLines) -> HeaderLines:
    names = {name for name, _ in by}
    return (*(line for line in lines if line[0] not in names), *by)


def _sentinel(name: str) -> str:
    return f"=?base64?{base64.b64encode(name.encode()).decode()}?="


def _sentinels(name: str) -> Iterator[tuple[str, str]]:
    plain = base64.b64encode(name.encode()).decode()
    yield "sentinel", f"=?base64?{plain}?="
    yield "sentinel in capitals", f"=?BASE64?{plain}?="
    yield "sentinel in quoted printable", f"=?utf-8?q?{name}?="
    yield "sentinel in a sentinel", _sentinel(_sentinel(name))
    yield "sentinel without end", f"=?base64?{plain}"
    yield "sentinel of nothing", "=?base64??="
    yield "sentinel of no base64", "=?base64?@@@@?="
    yield "sentinel with a line break", _sentinel(f"{name}\r\nX-Evil: 1")


def _tasks() -> dict[str, Any]:
    return {"io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}}}


def _related() -> dict[str, Any]:
    return {"io.modelcontextprotocol/related-task": {"taskId": "1"}}
