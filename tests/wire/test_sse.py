from __future__ import annotations

import pytest

from ostiary.errors import WireError
from ostiary.wire.sse import Decoder, Event, encode

STREAMS = [
    (b"data: x\n\n", [Event(b"x")]),
    (b"data:x\r\n\r\ndata:  y\r\rdata\n\n", [Event(b"x"), Event(b" y"), Event(b"")]),
    (b"\xef\xbb\xbfdata: x\n\n", [Event(b"x")]),
    (b"\xef\xbb\xbf\n\ndata: x\n\n", [Event(b"x")]),
    (b": keep-alive\n\n:\r\n\r\ndata: x\n: comment\ndata: y\n\n", [Event(b"x\ny")]),
    (b"event: message\nid: 7\nretry: 100\ndata: {}\n\n", [Event(b"{}", "7", "message", 100)]),
    (b"id: 1\ndata:\n\nretry: 5\n\n", [Event(b"", "1"), Event(b"", retry=5)]),
    (b"id: 1\0\nevent: ping\n\nretry: 5x\n\nunknown: 1\n\n", []),
    (b"id: \xc3\xa9\ndata: \xc3\xa9\n\n", [Event(b"\xc3\xa9", "é")]),
    (b"data: \r\ndata: \r\n\r\n", [Event(b"\n")]),
    (b"data: a\n\n\n\n\ndata: b\n\ndata: never finished\n", [Event(b"a"), Event(b"b")]),
    (b"data: a: b\n\n", [Event(b"a: b")]),
    (b" data: no field\n\n", []),
]


@pytest.mark.parametrize(("stream", "events"), STREAMS)
def test_split_at_every_byte(stream: bytes, events: list[Event]) -> None:
    assert Decoder().feed(stream) == events
    for at in range(len(stream) + 1):
        decoder = Decoder()
        assert decoder.feed(stream[:at]) + decoder.feed(stream[at:]) == events
    decoder = Decoder()
    assert [event for byte in stream for event in decoder.feed(bytes([byte]))] == events


def test_an_event_ends_with_its_blank_line() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: x\r\n") == []
    assert decoder.feed(b"\r") == [Event(b"x")]
    assert decoder.feed(b"") == []
    assert decoder.feed(b"\ndata: y\n\n") == [Event(b"y")]


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_an_event_without_end(step: int) -> None:
    decoder = Decoder(largest=500)
    with pytest.raises(WireError, match="larger than 500 bytes"):
        for _ in range(1000):
            decoder.feed(b"x" * step)


def test_a_large_event_that_does_end() -> None:
    with pytest.raises(WireError):
        Decoder(largest=100).feed(b"data: small\n\ndata: " + b"x" * 200 + b"\n\n")
    assert Decoder(largest=100).feed(b"data: small\n\n" * 100) == [Event(b"small")] * 100


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1}\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}',
        b'{"a":1}\r\rdata: {"b":2}',
        b'{"a":1}\r\n\r\nevent: endpoint\r\ndata: /evil',
        b"\n\n\n",
        b"id: 9\nretry: 1",
        "\u2028\u2029\u0085\x0b\x0c".encode(),
        b"",
    ],
)
def test_data_never_makes_another_event(data: bytes) -> None:
    normal = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert Decoder().feed(encode(Event(data))) == [Event(normal)]
    assert Decoder().feed(encode(Event(data, "1", "message", 3))) == [Event(normal, "1", "message", 3)]


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b"])
def test_ids_and_names_hold_no_line_break(text: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        encode(Event(b"{}", id=text))
    with pytest.raises(ValueError, match="line break"):
        encode(Event(b"{}", name=text))


def test_a_plain_event_is_one_line() -> None:
    assert encode(Event(b"{}")) == b"data: {}\n\n"
    assert encode(Event(b"", "0/1", retry=500)) == b"id: 0/1\nretry: 500\ndata: \n\n"
