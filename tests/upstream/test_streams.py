"""Agents that lose their connection to a session with a stdio server, and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from ostiary.errors import UpstreamOver
from ostiary.ports import Origin, Reply
from ostiary.upstream import recording
from ostiary.upstream.sessions import StdioSessions
from ostiary.upstream.stdio import StdioLimits
from ostiary.wire.sse import Event
from tests.upstream.asking import ask, body, command, tell

TOKEN = {"_meta": {"progressToken": "t"}}


@asynccontextmanager
async def opened(version: str = "2025-11-25", **more: Any) -> AsyncIterator[tuple[StdioSessions, Origin]]:
    upstream = StdioSessions(command(), name="one", limits=StdioLimits(grace=1.0), **more)
    try:
        reply = await upstream.send(ask("initialize", 0), Origin("grant:a"))
        session = dict(reply.headers)[b"mcp-session-id"]
        yield upstream, Origin("grant:a", ((b"mcp-session-id", session), (b"mcp-protocol-version", version.encode())))
    finally:
        await upstream.close()


async def take_up(upstream: StdioSessions, origin: Origin, last: str | None = None) -> Reply:
    line = () if last is None else ((b"last-event-id", last.encode()),)
    return await upstream.listen(Origin(origin.principal, (*origin.headers, *line)))


async def events(reply: Reply, most: int = 100) -> list[Event]:
    assert not isinstance(reply.body, bytes), reply
    found = []
    async for event in reply.body:
        found.append(event)
        if len(found) == most:
            break
    return found


def said(event: Event) -> Any:
    message = msgspec.json.decode(event.data)
    return message.get("id", message.get("params", {}).get("progress"))


async def test_a_stream_begins_with_an_id_and_every_event_has_one() -> None:
    async with opened() as (upstream, origin):
        first, *rest = await events(await upstream.send(ask("progress", 7, TOKEN), origin))
        assert (first.data, first.id, first.retry) == (b"", "1-0", recording.RETRY)
        assert [event.id for event in rest] == ["1-1", "1-2", "1-3"]
        assert [said(event) for event in rest] == [1, 2, 7]


async def test_versions_before_that_are_not_given_an_empty_event() -> None:
    async with opened("2025-06-18") as (upstream, origin):
        assert [event.id for event in await events(await upstream.send(ask("progress", 7, TOKEN), origin))] == [
            "1-1",
            "1-2",
            "1-3",
        ]


@pytest.mark.parametrize(("last", "missed"), [("1-0", [1, 2, 7]), ("1-1", [2, 7]), ("1-3", [])])
async def test_an_agent_that_comes_back_gets_what_it_missed_and_no_more(last: str, missed: list[int]) -> None:
    async with opened() as (upstream, origin):
        reply = await upstream.send(ask("progress", 7, TOKEN), origin)
        assert not isinstance(reply.body, bytes)
        await reply.body.aclose()
        assert [said(event) for event in await events(await take_up(upstream, origin, last))] == missed


async def test_the_answer_comes_though_nobody_waited_for_it() -> None:
    async with opened() as (upstream, origin):
        reply = await upstream.send(ask("ask", "q"), origin)
        assert [event.id for event in await events(reply, 2)] == ["1-0", "1-1"]
        assert not isinstance(reply.body, bytes)
        await reply.body.aclose()
        back = await take_up(upstream, origin, "1-1")
        await upstream.send(tell("release"), origin)
        assert [said(event) for event in await events(back)] == ["q"]


async def test_what_takes_long_becomes_a_stream() -> None:
    async with opened() as (upstream, origin):
        reply = await upstream.send(ask("hold", 5), origin)
        assert [event.id for event in await events(reply, 1)] == ["1-0"]
        back = await take_up(upstream, origin, "1-0")
        await upstream.send(tell("release"), origin)
        assert [said(event) for event in await events(back)] == [5]


async def test_the_newest_reader_has_the_stream() -> None:
    async with opened() as (upstream, origin):
        reply = await upstream.send(ask("ask", "q"), origin)
        await events(reply, 2)
        back = await take_up(upstream, origin, "1-1")
        assert await events(reply) == []
        assert not isinstance(back.body, bytes)


async def test_the_standing_stream_goes_on_where_it_was() -> None:
    async with opened() as (upstream, origin):
        first = await upstream.listen(origin)
        await upstream.send(ask("log", 1), origin)
        await upstream.send(ask("log", 2), origin)
        (heard,) = await events(first, 1)
        assert not isinstance(first.body, bytes)
        await first.body.aclose()
        await asyncio.sleep(0)
        again = await take_up(upstream, origin, heard.id)
        await upstream.send(ask("log", 3), origin)
        assert [event.id for event in await events(again, 2)] == ["s-2", "s-3"]


@pytest.mark.parametrize("last", ["9-1", "nonsense", "1-x"])
async def test_a_stream_that_is_not_there_cannot_be_taken_up(last: str) -> None:
    async with opened() as (upstream, origin):
        reply = await take_up(upstream, origin, last)
        assert (reply.status, body(reply)["error"]["code"]) == (400, -32600)


async def test_another_sessions_stream_is_not_there() -> None:
    async with opened() as (upstream, origin):
        await events(await upstream.send(ask("progress", 7, TOKEN), origin))
        reply = await upstream.send(ask("initialize", 0), Origin("grant:a"))
        other = Origin("grant:a", ((b"mcp-session-id", dict(reply.headers)[b"mcp-session-id"]),))
        assert (await take_up(upstream, other, "1-1")).status == 400


async def test_nothing_is_kept_without_bound_and_nothing_unread_is_lost() -> None:
    async with opened() as (upstream, origin):
        reply = await upstream.send(ask("flood", 1, {"count": 5000, "size": 1000}), origin)
        assert not isinstance(reply.body, bytes)
        kept = reply.body._recording  # type: ignore[attr-defined]
        for _ in range(12_000):
            await asyncio.sleep(0.01)
            if kept._size > recording.CAPACITY:
                break
        assert recording.CAPACITY < kept._size < recording.CAPACITY + 10_000
        assert len(await events(reply, 10_000)) == 5002


async def test_streams_that_nobody_takes_up_give_way_to_newer_ones() -> None:
    async with opened() as (upstream, origin):
        first = await upstream.send(ask("hold", "first"), preferring_events(origin))
        assert not isinstance(first.body, bytes)
        await first.body.aclose()
        read = await upstream.send(ask("hold", "read"), preferring_events(origin))
        for number in range(31):
            reply = await upstream.send(ask("hold", number), preferring_events(origin))
            assert not isinstance(reply.body, bytes)
            await reply.body.aclose()
        assert (await take_up(upstream, origin, "1-0")).status == 400
        assert (await take_up(upstream, origin, "3-0")).status == 200
        assert [event.id for event in await events(read, 1)] == ["2-0"]
        await upstream.send(tell("release"), origin)
        assert [said(event) for event in await events(read)] == ["read"]


async def test_a_stream_ends_with_its_server() -> None:
    async with opened() as (upstream, origin):
        reply = await upstream.send(ask("ask", "q"), origin)
        await events(reply, 2)
        await upstream.send(tell("die"), origin)
        with pytest.raises(UpstreamOver):
            await events(reply)


def preferring_events(origin: Origin) -> Origin:
    return Origin(origin.principal, (*origin.headers, (b"accept", b"text/event-stream, application/json")))


async def test_an_agent_that_prefers_events_gets_them_from_the_start_and_loses_no_answer() -> None:
    async with opened() as (upstream, origin):
        assert body(await upstream.send(ask("show", 1), origin))["id"] == 1
        reply = await upstream.send(ask("show", 2), preferring_events(origin))
        first, answer = await events(reply)
        assert (first.data, first.id, first.retry) == (b"", "1-0", recording.RETRY)
        assert said(answer) == 2
        assert [said(event) for event in await events(await take_up(upstream, origin, "1-0"))] == [2]


async def test_an_answer_that_takes_long_is_polled_for_where_that_is_wanted() -> None:
    async with opened(poll_after=0.01) as (upstream, origin):
        reply = await upstream.send(ask("hold", 5), preferring_events(origin))
        assert [(event.data, event.id) for event in await events(reply)] == [(b"", "1-0")]
        again = await take_up(upstream, origin, "1-0")
        assert [(event.data, event.id) for event in await events(again)] == [(b"", "1-0")]
        await upstream.send(tell("release"), origin)
        last = "1-0"
        while True:
            heard = await events(await take_up(upstream, origin, last))
            if heard[-1].data:
                break
        assert said(heard[-1]) == 5


async def test_versions_that_know_nothing_of_polling_are_not_asked_to() -> None:
    async with opened("2025-06-18", poll_after=0.01) as (upstream, origin):
        reply = await upstream.send(ask("hold", 5), preferring_events(origin))
        waiting = asyncio.create_task(events(reply))
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert not waiting.done()
        await upstream.send(tell("release"), origin)
        assert [said(event) for event in await waiting] == [5]
