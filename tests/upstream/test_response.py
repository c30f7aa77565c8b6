"""Responses mean the same however their bytes are split, and nonsense is nothing worse than an error."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ostiary.errors import UpstreamError
from ostiary.upstream.response import Limits, ResponseReader
from ostiary.wire.sse import Event

WHOLE = (
    b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nMcp-Session-Id: s\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'5\r\n{"a":\r\n2;x=y\r\n1}\r\n0\r\ntrailer: z\r\n\r\n'
)
EVENTS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nContent-Length: 28\r\n\r\n"
    b"id: 7\r\ndata: {}\r\n\r\ndata: 1\n\n"
)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted({cut % len(data) for cut in cuts}), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if start < end]


@given(st.lists(st.integers(0, 1000), max_size=20))
def test_a_body_is_the_same_however_it_is_split(cuts: list[int]) -> None:
    reader = ResponseReader(Limits())
    for _ in range(2):
        reader.begin()
        for piece in pieces(WHOLE, cuts):
            assert not reader.is_complete
            reader.feed(piece)
        assert (reader.status, reader.body, reader.is_complete, reader.is_reusable) == (200, b'{"a":1}', True, True)
        assert reader.headers == [(b"content-type", b"application/json"), (b"mcp-session-id", b"s")]


@given(st.lists(st.integers(0, 1000), max_size=20))
def test_events_are_the_same_however_they_are_split(cuts: list[int]) -> None:
    reader = ResponseReader(Limits())
    for piece in pieces(EVENTS, cuts):
        reader.feed(piece)
    assert reader.events == [Event(b"{}", id="7"), Event(b"1")]
    assert reader.is_complete


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=10), st.booleans())
def test_any_bytes_give_an_answer_or_an_error(data: list[bytes], after_a_head: bool) -> None:
    reader = ResponseReader(Limits(head=500, body=500))
    try:
        if after_a_head:
            reader.feed(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: text/event-stream\r\n\r\n")
        for piece in data:
            reader.feed(piece)
    except UpstreamError as error:
        assert "\n" not in str(error)
    assert len(reader.body) <= 700
