"""A stream that the server closes is taken up again where it stood."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import pytest

from ostiary.errors import UpstreamError
from ostiary.ports import Origin, Reply
from ostiary.resume import MOST_BARREN, resumed
from ostiary.upstream.bridge import Bridge
from ostiary.wire.message import Message
from ostiary.wire.sse import Event

PRIMING = Event(b"", "1", retry=0)
NEWS = Event(b"news", "2")
ANSWER = Event(b"answer", "3")


class Server:
    """Gives one stream after the other; `asked` are the ids that it was asked to go on after."""

    def __init__(self, *streams: Sequence[Event | UpstreamError], refusal: Reply | None = None) -> None:
        self._streams = list(streams)
        self._refusal = refusal
        self.asked: list[str] = []
        self.closed = 0

    async def open(self) -> AsyncGenerator[Event, None]:
        try:
            for event in self._streams.pop(0):
                if isinstance(event, UpstreamError):
                    raise event
                yield event
        finally:
            self.closed += 1

    async def reopen(self, last_id: str) -> Reply:
        self.asked.append(last_id)
        return self._refusal or Reply(200, (), self.open())

    async def heard(self) -> list[Event]:
        return [event async for event in resumed(self.open(), self.reopen, lambda data: data == ANSWER.data)]


async def test_a_stream_that_brings_the_answer_is_left_alone() -> None:
    server = Server([PRIMING, NEWS, ANSWER])
    assert await server.heard() == [PRIMING, NEWS, ANSWER]
    assert (server.asked, server.closed) == ([], 1)


async def test_a_closed_stream_goes_on_after_its_last_event() -> None:
    server = Server([PRIMING], [NEWS], [], [ANSWER, NEWS])
    assert await server.heard() == [PRIMING, NEWS, ANSWER]
    assert (server.asked, server.closed) == (["1", "2", "2"], 4)


async def test_a_lost_stream_goes_on_too() -> None:
    server = Server([PRIMING, UpstreamError("reset")], [ANSWER])
    assert await server.heard() == [PRIMING, ANSWER]


async def test_a_stream_without_ids_ends_as_it_ended() -> None:
    unnamed = Event(b"news")
    assert await Server([unnamed]).heard() == [unnamed]
    with pytest.raises(UpstreamError, match="reset"):
        await Server([unnamed, UpstreamError("reset")]).heard()


async def test_a_server_that_will_not_go_on_is_believed() -> None:
    server = Server([PRIMING], refusal=Reply(405, (), b""))
    assert await server.heard() == [PRIMING]
    assert server.asked == ["1"]


async def test_what_brings_nothing_is_given_up() -> None:
    server = Server([PRIMING], *([] for _ in range(20)))
    assert await server.heard() == [PRIMING]
    assert len(server.asked) == MOST_BARREN + 1


async def test_a_reader_that_leaves_closes_the_stream() -> None:
    server = Server([PRIMING], [NEWS, ANSWER])
    stream = resumed(server.open(), server.reopen, lambda data: data == ANSWER.data)
    assert [await anext(stream), await anext(stream)] == [PRIMING, NEWS]
    await stream.aclose()
    assert server.closed == 2


class Listened:
    """An upstream of which only the standing stream matters."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def listen(self, origin: Origin) -> Reply:
        last = dict(origin.headers).get(b"last-event-id")
        return Reply(200, (), self._server.open()) if last is None else await self._server.reopen(last.decode())

    async def send(self, message: Message, origin: Origin) -> Reply:
        raise NotImplementedError

    async def end(self, origin: Origin) -> Reply:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is held."""


async def test_a_bridge_takes_its_standing_stream_up_too() -> None:
    server = Server([PRIMING], [NEWS], *([] for _ in range(20)))
    reply = await Bridge(Listened(server)).listen(Origin("p"))
    assert not isinstance(reply.body, bytes)
    assert [await anext(reply.body), await anext(reply.body)] == [PRIMING, NEWS]
    await reply.body.aclose()
    assert server.asked == ["1"]
