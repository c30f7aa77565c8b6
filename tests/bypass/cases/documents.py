"""2 and 3: what is one JSON document, and what is one message."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tests.bypass.ground import HTTP, STDIO, Ground, case, messages
from tests.bypass.message import ALLOWED, DENIED, Attempt, Era, call, describing, new_mark, request, text

_BOM: Final = b"\xef\xbb\xbf"


@case("2", "JSONTestSuite, as a whole body and as an argument: what passes is read alike by all")
async def json_test_suite(ground: Ground) -> None:
    corpus = _documents(ground.corpus("jsontestsuite.tar.gz"))
    await ground.put(_embedded(ground.era, corpus))
    await ground.put(
        Attempt(f"{name} alone", document, "", describing(ground.era, "tools/call", ALLOWED))
        for name, document in corpus.items()
        if ground.is_http or b"\n" not in document
    )


@cache
def _documents(archive: Path) -> dict[str, bytes]:
    """The cases, by name. Large ones are another case's business."""
    found: dict[str, bytes] = {}
    with tarfile.open(archive) as files:
        for member in files:
            source = files.extractfile(member) if member.isfile() and member.name.endswith(".json") else None
            if source is not None:
                found[Path(member.name).name] = source.read()
    return found


def _embedded(era: Era, corpus: dict[str, bytes]) -> Iterator[Attempt]:
    for name, document in corpus.items():
        mark = new_mark()
        hollow = text(call(era, ALLOWED, {"mark": mark, "value": "HERE"}, mark))
        body = hollow.replace(b'"HERE"', document.replace(b"\n", b" "))
        is_valid = name.startswith("y_") and "duplicated_key" not in name
        yield Attempt(name, body, mark, describing(era, "tools/call", ALLOWED), must_pass=is_valid)


@messages("2", "other encodings: byte order mark, UTF-16, UTF-32, overlong and broken UTF-8, NaN, halves of pairs")
def encodings(era: Era) -> Iterator[Attempt]:
    for tool in (ALLOWED, DENIED):
        lines = describing(era, "tools/call", tool)
        for coding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"):
            mark = new_mark()
            body = text(call(era, tool, {"mark": mark}, mark)).decode().encode(coding)
            yield Attempt(f"{tool} in {coding}", body, mark, lines, must_stop=coding != "utf-7")
        for label, value in (
            ("NaN", b"NaN"), ("Infinity", b"-Infinity"), ("1e400", b"1e400"), ("1e-400", b"1e-400"),
            ("half a pair", b'"\\ud800"'), ("other half", b'"\\udc00x"'), ("raw half", b'"\xed\xa0\x80"'),
            ("overlong", b'"\xc0\xae"'), ("latin-1", b'"\xff"'), ("NUL", b'"\0"'), ("tab", b'"\t"'),
            ("leading zero", b"01"), ("plus", b"+1"), ("hex", b"0x1"), ("comment", b"1/**/"), ("comma", b"[1,]"),
            ("single quotes", b"'x'"), ("bare word", b"undefined"),
        ):  # fmt: skip
            mark = new_mark()
            body = text(call(era, tool, {"mark": mark, "value": "HERE"}, mark)).replace(b'"HERE"', value)
            yield Attempt(f"{tool} with {label}", body, mark, lines, must_stop=label != "1e-400")


@messages("3", "a batch, a second document, something before or after the message")
def second_documents(era: Era) -> Iterator[Attempt]:
    for label, before, between, after in (
        ("batch", b"[", b",", b"]"),
        ("two documents", b"", b"", b""),
        ("two lines", b"", b"\n", b""),
        ("carriage return", b"", b"\r", b""),
        ("record separators", b"\x1e", b"\n\x1e", b"\n"),
        ("comma", b"", b",", b""),
        ("NUL", b"", b"\0", b""),
        ("semicolon", b"", b";", b""),
    ):
        for first, second in ((ALLOWED, DENIED), (DENIED, ALLOWED), (ALLOWED, ALLOWED)):
            mark = new_mark()
            one, two = (text(call(era, tool, {"mark": mark}, f"{mark}{tool}")) for tool in (first, second))
            body = before + one + between + two + after
            yield Attempt(f"{label}, {first} and {second}", body, mark, describing(era, "tools/call", first))
    for label, before, after in (
        ("batch of one", b"[", b"]"), ("batch in a batch", b"[[", b"]]"), ("byte order mark", _BOM, b""),
        ("NUL after", b"", b"\0"), ("brace after", b"", b"}"), ("text after", b"", b"x"), ("SSE", b"data: ", b"\n\n"),
        ("length before", b"Content-Length: 9\r\n\r\n", b""), ("form feed", b"\x0c", b""), ("prefix", b")]}',", b""),
    ):  # fmt: skip
        mark = new_mark()
        body = before + text(call(era, ALLOWED, {"mark": mark}, mark)) + after
        yield Attempt(label, body, mark, describing(era, "tools/call", ALLOWED), must_stop=True)


@messages("3", "no call: wrong ids, versions and shapes, a call as a notification or a response")
def shapes(era: Era) -> Iterator[Attempt]:
    honest = call(era, DENIED)
    lines = describing(era, "tools/call", DENIED)
    for label, change in (
        ("no id", {"id": ...}), ("id null", {"id": None}), ("id object", {"id": {}}), ("id list", {"id": [1]}),
        ("id true", {"id": True}), ("id 1.5", {"id": 1.5}), ("jsonrpc 1.0", {"jsonrpc": "1.0"}),
        ("no jsonrpc", {"jsonrpc": ...}), ("jsonrpc 2", {"jsonrpc": 2}), ("beside result", {"result": {}}),
        ("beside error", {"error": {"code": 1, "message": "x"}}), ("params list", {"params": [DENIED, {}]}),
        ("params null", {"params": None}), ("params string", {"params": json.dumps(honest["params"])}),
        ("method list", {"method": ["tools/call"]}), ("method padded", {"method": "tools/call "}),
        ("method case", {"method": "Tools/Call"}), ("method NUL", {"method": "tools/call\0"}),
        ("method slash", {"method": "tools//call"}), ("method tab", {"method": "\ttools/call"}),
        ("method full width", {"method": "tools／call"}),
    ):  # fmt: skip
        mark = new_mark()
        message = {**honest, "id": mark, **change}
        message = {key: value for key, value in message.items() if value is not ...}
        if isinstance(message.get("params"), dict):
            message["params"] = {**message["params"], "arguments": {"mark": mark}}
        # what servers make of `tools//call` is theirs; what passes for `tools/call` is judged by whatever arrives
        yield Attempt(label, text(message), mark, lines)


@case("3", "a response that a client sends does not pass for the server's", transports=(STDIO,))
async def responses(ground: Ground) -> None:
    honest = call(ground.era, ALLOWED, {"act": "silence"})
    forged = {"jsonrpc": "2.0", "id": honest["id"], "result": {"content": [], "note": "forged by the agent"}}
    await ground.agent.put(Attempt("call", text(honest), ""))
    ground.expect(await ground.agent.ask({**forged, "id": honest["id"]}, patience=0.5) is None, "it was echoed back")
    ground.expect(await ground.agent.settle(), "the gateway answers no more")


@case("3", "a response that a client sends does not pass for the server's", transports=(HTTP,))
async def http_responses(ground: Ground) -> None:
    place = ground.stand.recorder.place
    for id in ("1", 1, None):
        forged = {"jsonrpc": "2.0", "id": id, "result": {"content": [{"type": "text", "text": "forged"}]}}
        answer = await ground.http.post(text(forged), describing(ground.era, "tools/call", ALLOWED))
        ground.expect(b"forged" not in answer.body, f"the forged response came back: {answer.body[:100]!r}")
        ground.expect(ground.era is Era.LEGACY or answer.status == 400, f"it was taken with HTTP {answer.status}")
    ground.look(place)
    ground.expect(await ground.agent.ask(request(ground.era, "tools/list")) is not None, "the gateway answers no more")
