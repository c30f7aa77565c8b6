"""One oracle for any bytes on the wire, for Hypothesis in the tests and for atheris at night (`./dev fuzz`)."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ostiary.errors import UpstreamError, WireError
from ostiary.gateway.pipes import lines_in
from ostiary.gateway.seal import seal, unseal
from ostiary.model import Client
from ostiary.upstream.response import Limits, ResponseReader
from ostiary.wire import lists, rewrite
from ostiary.wire.headers import describe, verify
from ostiary.wire.json import Bounds
from ostiary.wire.message import Notification, Request, Response, peek, read
from ostiary.wire.sse import Decoder, encode
from tests.bypass.judge import ambiguity

HTTP_STARTS = (
    b"",
    b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\ncontent-type: application/json\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: text/event-stream\r\n\r\n",
)
SEEDS = Path(__file__).parents[1] / "corpus/wire/messages.json"
BOUNDS = Bounds(size=64 * 1024)


def check(data: bytes) -> None:
    """Anything but a `WireError` out of here, or a failed assertion, is a finding."""
    _as_agent(data)
    _as_server(data)
    _as_events(data)
    _as_lines(data)
    _as_response(data)
    _as_session(data)


def seeds() -> list[bytes]:
    """The messages of the corpus."""
    return [case["data"].encode() for case in json.loads(SEEDS.read_text())]


def _as_agent(data: bytes) -> None:
    try:
        message = read(data, BOUNDS)
    except WireError as error:
        assert str(error).isprintable(), "a refusal is one clean line"
        return
    assert message.raw is data
    assert (why := ambiguity(data)) is None, why
    for other in (json.loads(data), msgspec.json.decode(data)):
        match message:
            case Request():
                assert (other["id"], other["method"]) == (message.id, message.method)
                assert other.get("params", {}).keys() == message.params.keys()
            case Notification():
                assert "id" not in other
                assert other["method"] == message.method
            case Response():
                assert other.get("id") == message.id
                assert "method" not in other
    for _, value in describe(message, None):
        assert not set(value) & set(b"\r\n\0")
    try:
        verify(message, describe(message, None))
    except WireError as error:
        assert error.code in (-32020, -32600)


def _as_server(data: bytes) -> None:
    try:
        seen = peek(data)
    except WireError:
        return
    other = json.loads(data.decode("utf-8", "replace"))
    assert other.get("id") == seen.id
    assert other.get("method") == seen.method
    if seen.kind != "notification" and seen.id is not None:
        assert peek(rewrite.with_id(data, "x")).id == "x"
    try:
        shown, removed = lists.filter_tools(data, lambda _: False)
    except WireError:
        return
    assert lists.tools(shown) == []
    assert removed or shown is data


def _as_events(data: bytes) -> None:
    events = Decoder().feed(data)
    decoder = Decoder()
    assert [event for byte in data for event in decoder.feed(bytes([byte]))] == events
    for event in events:
        assert Decoder().feed(encode(event)) == [event]


def _as_lines(data: bytes) -> None:
    """What comes on standard input is cut into the same lines wherever it was cut before."""
    assert _lines([data]) == _lines([bytes([byte]) for byte in data])


def _lines(blocks: list[bytes]) -> list[bytes]:
    async def source() -> bytes:
        return blocks.pop(0) if blocks else b""

    async def read_all() -> list[bytes]:
        return [line async for line in lines_in(64 * 1024, source)]

    reading = read_all()
    try:
        reading.send(None)
    except StopIteration as done:
        lines: list[bytes] = done.value
        return lines
    raise AssertionError("nothing here has to wait")


def _as_response(data: bytes) -> None:
    """A server's HTTP is understood alike in one piece and in many."""
    for start in HTTP_STARTS:
        assert _responded([start + data]) == _responded([bytes([byte]) for byte in start + data])


def _responded(parts: list[bytes]) -> Any:
    reader = ResponseReader(Limits(head=4096, body=8192))
    try:
        for part in parts:
            reader.feed(part)
    except UpstreamError:
        return None
    return reader.status, reader.headers, reader.events if reader.is_stream else reader.body, reader.is_complete


def _as_session(data: bytes) -> None:
    """Nobody makes a session id without the key, nor one from another's."""
    text = data.decode("latin-1")
    assert unseal(b"key", "server", "principal", text) is None
    sealed = seal(b"key", "server", "principal", "id", Client(text))
    opened = unseal(b"key", "server", "principal", sealed)
    assert opened is not None
    assert opened.upstream == "id"
    assert unseal(b"key", "server", "other", sealed) is None


def main(arguments: Sequence[str]) -> None:
    """`arguments` are those of libFuzzer after the program's name; the first is the corpus, which gets the seeds."""
    for index, seed in enumerate(seeds()):
        (Path(arguments[1]) / f"seed{index}").write_bytes(seed)
    atheris = importlib.import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(list(arguments), check)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
