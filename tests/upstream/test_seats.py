"""Legacy sessions of many agents over one child: each has what it may expect, and nothing of the others'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ostiary.errors import UpstreamError
from ostiary.ports import Origin, Reply
from ostiary.upstream.recording import Reader
from ostiary.upstream.sessions import StdioSessions
from ostiary.upstream.stdio import StdioLimits
from tests.upstream.asking import ask, body, command, messages, next_message, tell


class Agent:
    """One agent in a session of its own."""

    def __init__(self, upstream: StdioSessions, principal: str, session: str) -> None:
        self.upstream = upstream
        self.origin = Origin(principal, ((b"mcp-session-id", session.encode()),))

    async def ask(self, method: str, id: Any = 1, **params: Any) -> Reply:
        return await self.upstream.send(ask(method, id, params), self.origin)

    async def result(self, method: str, id: Any = 1, **params: Any) -> Any:
        answer = body(await self.ask(method, id, **params))
        assert answer["id"] == id
        return answer["result"]


@asynccontextmanager
async def sharing(*arguments: str, **rest: Any) -> AsyncIterator[StdioSessions]:
    limits = StdioLimits(grace=1.0)
    upstream = StdioSessions(command(*arguments), name="one", share=True, limits=limits, **rest)
    try:
        yield upstream
    finally:
        await upstream.close()


async def greet(upstream: StdioSessions, version: str = "2025-11-25") -> tuple[str, Any]:
    reply = await upstream.send(ask("initialize", "hi", {"protocolVersion": version}), Origin("grant:a"))
    assert (reply.status, body(reply)["id"]) == (200, "hi")
    return dict(reply.headers)[b"mcp-session-id"].decode(), body(reply)["result"]


async def enter(upstream: StdioSessions, principal: str = "grant:a") -> Agent:
    reply = await upstream.send(ask("initialize", 1, {"protocolVersion": "2025-11-25"}), Origin(principal))
    agent = Agent(upstream, principal, dict(reply.headers)[b"mcp-session-id"].decode())
    assert (await upstream.send(tell("notifications/initialized"), agent.origin)).status == 202
    return agent


async def unread(reply: Reply) -> int:
    """How much comes before a while of silence."""
    assert isinstance(reply.body, Reader)
    for _ in range(5):
        await asyncio.sleep(0)
    recording = reply.body._recording
    return recording._last - recording._read


async def test_every_session_has_the_same_child_which_was_greeted_once_and_without_capabilities() -> None:
    async with sharing() as upstream:
        agents = [await enter(upstream, f"grant:{n}") for n in range(3)]
        assert len({(await agent.result("echo"))["pid"] for agent in agents}) == 1
        seen = (await agents[0].result("show"))["seen"]
        greetings = [line for line in seen if '"initialize"' in line]
        assert len(greetings) == 1
        assert '"capabilities":{}' in greetings[0]
        assert len([line for line in seen if "notifications/initialized" in line]) == 1


@pytest.mark.parametrize(
    ("asked", "given"),
    [("2025-11-25", "2025-11-25"), ("2025-06-18", "2025-06-18"), ("2099-01-01", "2025-11-25"), ("x", "2025-11-25")],
)
async def test_a_session_has_the_version_it_asks_for_as_far_as_the_child_can(asked: str, given: str) -> None:
    async with sharing() as upstream:
        assert (await greet(upstream, asked))[1]["protocolVersion"] == given


async def test_answers_find_the_session_that_asked_under_ids_that_collide() -> None:
    async with sharing() as upstream:
        agents = [await enter(upstream) for _ in range(10)]
        waiting = [asyncio.create_task(agent.ask("hold", 1)) for agent in agents]
        await asyncio.sleep(0)
        await upstream.send(tell("release"), agents[0].origin)
        answers = [body(await task) for task in waiting]
        assert {answer["id"] for answer in answers} == {1}
        assert len({answer["result"]["held"] for answer in answers}) == 10


async def test_a_session_cancels_its_own_request_though_another_has_the_same_id() -> None:
    async with sharing() as upstream:
        first, second = await enter(upstream), await enter(upstream)
        waiting = [asyncio.create_task(agent.ask("hold", 7)) for agent in (first, second)]
        await asyncio.sleep(0)
        held = (await first.result("show", 8))["seen"][-2:]
        await upstream.send(tell("notifications/cancelled", {"requestId": 7}), second.origin)
        cancelled = (await first.result("show", 9))["seen"][-1]
        assert "notifications/cancelled" in cancelled
        assert held[1].split('"id":')[1].split("}")[0].split(",")[0] in cancelled
        await upstream.send(tell("release"), first.origin)
        assert body(await waiting[0])["id"] == 7
        waiting[1].cancel()


async def test_list_changes_reach_every_session() -> None:
    async with sharing() as upstream:
        first, second = await enter(upstream, "grant:a"), await enter(upstream, "grant:b")
        hearing = [await upstream.listen(agent.origin) for agent in (first, second)]
        await first.result("changed")
        for reply in hearing:
            assert (await next_message(reply))["method"] == "notifications/tools/list_changed"


async def test_updates_reach_those_who_subscribed_and_the_child_hears_of_one_subscription() -> None:
    async with sharing() as upstream:
        first, second, third = [await enter(upstream, f"grant:{n}") for n in range(3)]
        hearing = [await upstream.listen(agent.origin) for agent in (first, second, third)]
        for agent in (first, second):
            assert await agent.result("resources/subscribe", uri="file:///notes") == {}
        await third.result("updated", uri="file:///notes/today")
        await third.result("updated", uri="file:///notes-of-others")
        assert [await unread(reply) for reply in hearing] == [1, 1, 0]
        assert (await next_message(hearing[0]))["params"] == {"uri": "file:///notes/today"}
        await first.result("resources/unsubscribe", uri="file:///notes")
        await third.result("updated", uri="file:///notes")
        assert [await unread(reply) for reply in hearing] == [0, 2, 0]
        assert (await upstream.end(second.origin)).status == 204
        seen = [line for line in (await third.result("show"))["seen"] if "subscribe" in line]
        assert [line.split('"method":"')[1].split('"')[0] for line in seen] == [
            "resources/subscribe",
            "resources/unsubscribe",
        ]


async def test_what_the_child_asks_is_refused_but_for_a_ping() -> None:
    async with sharing() as upstream:
        agent = await enter(upstream)
        await agent.result("knock")
        refused, pong = (await agent.result("show"))["seen"][-2:]
        assert '"q1"' in refused
        assert "-32601" in refused
        assert pong.startswith('{"jsonrpc":"2.0","id":"q2","result":{}')


async def test_nobody_gets_log_messages() -> None:
    async with sharing() as upstream:
        agent = await enter(upstream)
        assert (body(await agent.ask("logging/setLevel", level="debug")))["error"]["code"] == -32601
        assert await agent.result("log") == {}


async def test_all_sessions_end_with_the_child_and_new_ones_have_a_new_one() -> None:
    async with sharing() as upstream:
        first, second = await enter(upstream), await enter(upstream)
        hearing = await upstream.listen(second.origin)
        with pytest.raises(UpstreamError, match="exited with status 3"):
            await first.ask("die")
        assert await messages(hearing) == []
        assert (await second.ask("echo")).status == 404
        assert (await (await enter(upstream)).result("echo"))["pid"]


async def test_a_session_of_another_principal_does_not_exist() -> None:
    async with sharing() as upstream:
        agent = await enter(upstream, "grant:a")
        thief = Origin("grant:b", agent.origin.headers)
        assert (await upstream.send(ask("echo"), thief)).status == 404


async def test_a_child_that_dies_before_it_is_greeted_is_reported() -> None:
    async with sharing("dies", stderr=lambda _: None) as upstream:
        with pytest.raises(UpstreamError, match="exited with status 1"):
            await greet(upstream)
        assert upstream._sessions() == []
