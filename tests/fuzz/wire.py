"""One oracle for any bytes on the wire, for Hypothesis in the tests and for atheris by hand.

`pip install atheris && PYTHONPATH=src:. python -m tests.fuzz.wire CORPUS_DIRECTORY -max_total_time=600`
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ostiary.errors import WireError
from ostiary.wire import lists, rewrite
from ostiary.wire.headers import describe, verify
from ostiary.wire.json import Bounds
from ostiary.wire.message import Notification, Request, Response, peek, read
from ostiary.wire.sse import Decoder, encode

SEEDS = Path(__file__).parents[1] / "corpus/wire/messages.json"
BOUNDS = Bounds(size=64 * 1024)


def check(data: bytes) -> None:
    """Anything but a `WireError` out of here, or a failed assertion, is a finding."""
    _as_agent(data)
    _as_server(data)
    _as_events(data)


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


def main(arguments: Sequence[str]) -> None:
    atheris = importlib.import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(list(arguments), check)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
