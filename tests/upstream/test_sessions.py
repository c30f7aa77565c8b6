"""Whose child is whose, how many there may be, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ostiary.errors import UpstreamError, UpstreamNotReached
from ostiary.model import JSONObject
from ostiary.ports import Origin, Reply
from ostiary.upstream.child_stderr import ChildStderr
from ostiary.upstream.line import Line
from ostiary.upstream.process import Command
from ostiary.upstream.sessions import StdioSessions
from ostiary.upstream.stdio import StdioLimits
from tests.processes import all_gone, is_alive
from tests.upstream.asking import MODERN, ask, body, command, next_message, tell

STATELESS: JSONObject = {"_meta": MODERN}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def sessions(*arguments: str, grace: float = 1.0, **rest: Any) -> AsyncIterator[StdioSessions]:
    upstream = StdioSessions(command(*arguments), name="one", limits=StdioLimits(grace=grace), **rest)
    try:
        yield upstream
    finally:
        await upstream.close()


def origin(principal: str = "grant:a", session: str | None = None, version: str | None = None) -> Origin:
    named = () if session is None else ((b"mcp-session-id", session.encode()),)
    return Origin(principal, named if version is None else (*named, (b"mcp-protocol-version", version.encode())))


async def begin(upstream: StdioSessions, principal: str = "grant:a") -> tuple[str, int]:
    """A session's id and its child's process id."""
    reply = await upstream.send(ask("initialize"), origin(principal))
    assert reply.status == 200, reply
    return dict(reply.headers)[b"mcp-session-id"].decode(), body(reply)["result"]["pid"]


async def test_every_initialize_gets_a_child_and_an_id_of_its_own() -> None:
    async with sessions() as upstream:
        (first, first_pid), (second, second_pid) = await begin(upstream), await begin(upstream)
        assert first != second
        assert first_pid != second_pid
        assert len(first) >= 32
        echoed = await upstream.send(ask("echo"), origin(session=second))
        assert body(echoed)["result"]["pid"] == second_pid
        assert (await upstream.send(tell("notifications/initialized"), origin(session=first))).status == 202


async def test_a_session_of_another_principal_does_not_exist() -> None:
    async with sessions() as upstream:
        id, pid = await begin(upstream, "grant:a")
        thief = origin("grant:b", id)
        for reply in (
            await upstream.send(ask("echo", 7), thief),
            await upstream.listen(thief),
            await upstream.end(thief),
            await upstream.send(ask("echo", 7), origin("grant:a", "made-up")),
        ):
            assert reply.status == 404
            assert body(reply)["error"]["code"] == -31001
        assert is_alive(pid)


async def test_a_legacy_message_without_a_session_is_refused() -> None:
    async with sessions() as upstream:
        assert body(await upstream.send(ask("echo", 7), origin()))["id"] == 7
        for reply in (await upstream.send(ask("echo"), origin()), await upstream.listen(origin())):
            assert reply.status == 400


async def test_end_stops_the_child() -> None:
    async with sessions() as upstream:
        id, pid = await begin(upstream)
        assert await upstream.end(origin(session=id)) == Reply(204, (), b"")
        assert not is_alive(pid)
        assert (await upstream.send(ask("echo"), origin(session=id))).status == 404


async def test_close_stops_every_child() -> None:
    async with sessions() as upstream:
        pids = [(await begin(upstream))[1] for _ in range(3)]
        pids.append(body(await upstream.send(ask("echo", 1, STATELESS), origin()))["result"]["pid"])
        await upstream.close()
        assert not any(map(is_alive, pids))


async def test_stateless_messages_of_one_principal_share_a_child() -> None:
    async with sessions() as upstream:

        async def pid(principal: str, **rest: Any) -> int:
            reply = await upstream.send(ask("tools/call", 1, rest.pop("params", STATELESS)), origin(principal, **rest))
            found: int = body(reply)["result"]["pid"]
            return found

        mine = await asyncio.gather(*(pid("grant:a") for _ in range(20)))
        assert len(set(mine)) == 1
        assert await pid("grant:a", params={}, version="2026-07-28") == mine[0]
        assert await pid("grant:a", session="ignored on this wire") == mine[0]
        assert await pid("grant:b") != mine[0]
        assert (await upstream.listen(origin(version="2026-07-28"))).status == 405


async def test_the_stateless_wire_has_no_handshake() -> None:
    async with sessions() as upstream:
        reply = await upstream.send(ask("initialize", 3, STATELESS), origin())
        assert (reply.status, body(reply)["id"], body(reply)["error"]["code"]) == (404, 3, -32601)


async def test_all_principals_share_a_child_where_told_to() -> None:
    async with sessions(share=True) as upstream:
        replies = [await upstream.send(ask("echo", 1, STATELESS), origin(f"grant:{n}")) for n in range(3)]
        assert len({body(reply)["result"]["pid"] for reply in replies}) == 1


async def test_the_listener_of_a_session_hears_its_child_alone() -> None:
    async with sessions() as upstream:
        (first, _), (second, _) = await begin(upstream), await begin(upstream)
        hearing = await upstream.listen(origin(session=first))
        assert body(await upstream.send(ask("log", 1), origin(session=first)))["id"] == 1
        assert (await next_message(hearing))["method"] == "notifications/message"
        reply = await upstream.send(ask("log", 1), origin(session=second))
        assert (await next_message(reply))["method"] == "notifications/message"


@pytest.mark.parametrize(("most", "most_per_principal"), [(2, 16), (64, 2)])
async def test_there_are_no_more_children_than_allowed(most: int, most_per_principal: int) -> None:
    async with sessions(most=most, most_per_principal=most_per_principal) as upstream:
        first, _ = await begin(upstream)
        await begin(upstream)
        for message in (ask("initialize", 5), ask("echo", 5, STATELESS)):
            reply = await upstream.send(message, origin())
            assert (reply.status, body(reply)["id"]) == (503, 5)
            assert "`one` runs as many sessions as it may" in body(reply)["error"]["message"]
        await upstream.end(origin(session=first))
        await begin(upstream)


async def test_a_session_unused_for_a_minute_gives_way_to_a_new_one_of_its_principal() -> None:
    clock = Clock()
    async with sessions(most_per_principal=2, monotonic=clock) as upstream:
        oldest, pid = await begin(upstream)
        newer, _ = await begin(upstream)
        clock.now += 61
        await upstream.send(ask("echo"), origin(session=newer))
        await begin(upstream)
        assert (await upstream.send(ask("echo"), origin(session=oldest))).status == 404
        assert (await upstream.send(ask("echo"), origin(session=newer))).status == 200
        assert await all_gone(pid)


async def test_idle_sessions_end_and_busy_ones_do_not() -> None:
    clock = Clock()
    async with sessions(idle=100.0, monotonic=clock) as upstream:
        (idle, idle_pid), (busy, _) = await begin(upstream), await begin(upstream)
        await upstream.listen(origin(session=busy))
        clock.now += 101
        upstream.expire()
        assert (await upstream.send(ask("echo"), origin(session=idle))).status == 404
        assert (await upstream.send(ask("echo"), origin(session=busy))).status == 200
        assert await all_gone(idle_pid)


async def test_idle_sessions_end_by_themselves() -> None:
    async with sessions(idle=0.1) as upstream:
        _, pid = await begin(upstream)
        assert await all_gone(pid)


class Slow:
    """A command whose child has been started long before anybody hears of it."""

    label = "slow"

    def __init__(self) -> None:
        self.started, self.may_be_heard_of = asyncio.Event(), asyncio.Event()
        self.pids: list[int] = []

    async def open(
        self, stderr: ChildStderr, received: Callable[[bytes], None], ended: Callable[[], None], largest: int
    ) -> Line:
        child = await command().open(stderr, received, ended, largest)
        self.pids.append(child._group)
        self.started.set()
        await self.may_be_heard_of.wait()
        return child


async def test_what_is_closed_while_its_child_starts_leaves_no_child() -> None:
    slow = Slow()
    upstream = StdioSessions(slow, name="one", limits=StdioLimits(grace=1.0))
    beginning = asyncio.create_task(begin(upstream))
    await slow.started.wait()
    closing = asyncio.create_task(upstream.close())
    slow.may_be_heard_of.set()
    await asyncio.gather(closing, beginning, return_exceptions=True)
    assert slow.pids
    assert not any(map(is_alive, slow.pids))


async def test_a_session_whose_child_starts_is_not_idle() -> None:
    slow, clock = Slow(), Clock()
    upstream = StdioSessions(slow, name="one", idle=100.0, monotonic=clock)
    beginning = asyncio.create_task(begin(upstream))
    await slow.started.wait()
    clock.now += 101
    upstream.expire()
    slow.may_be_heard_of.set()
    id, pid = await beginning
    assert body(await upstream.send(ask("echo"), origin(session=id)))["result"]["pid"] == pid
    await upstream.close()


async def test_a_session_ends_with_its_child() -> None:
    async with sessions() as upstream:
        id, _ = await begin(upstream)
        with pytest.raises(UpstreamError, match="exited with status 3"):
            await upstream.send(ask("die", 2), origin(session=id))
        assert (await upstream.send(ask("echo"), origin(session=id))).status == 404
        await begin(upstream)


async def test_a_child_that_keeps_ending_is_left_alone_for_longer_and_longer() -> None:
    clock = Clock()
    async with sessions("dies", monotonic=clock, stderr=lambda _: None) as upstream:
        waits = []
        for _ in range(6):
            with pytest.raises(UpstreamNotReached, match="exited with status 1"):
                await upstream.send(ask("server/discover", 1, STATELESS), origin())
            waits.append(upstream._backoff.remaining(clock.now))
            if waits[-1]:
                with pytest.raises(UpstreamNotReached, match="`one` keeps ending; it is started again in"):
                    await upstream.send(ask("initialize"), origin())
            clock.now += waits[-1]
        assert waits == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0]


async def test_a_command_that_is_missing_is_backed_off_from_too() -> None:
    upstream = StdioSessions(Command(("no-such-command-anywhere",)), name="one", monotonic=Clock())
    for _ in range(2):
        with pytest.raises(UpstreamNotReached, match="not found on PATH"):
            await upstream.send(ask("initialize"), origin())
    with pytest.raises(UpstreamNotReached, match="keeps ending"):
        await upstream.send(ask("initialize"), origin())
    await upstream.close()


async def test_an_agent_that_leaves_during_initialize_leaves_no_child() -> None:
    async with sessions("stubborn", grace=0.1) as upstream:
        task = asyncio.create_task(upstream.send(ask("initialize", "never answered"), origin()))
        for _ in range(500):
            if any(session.upstream.is_busy for session in upstream._sessions()):
                break
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert upstream._sessions() == []
