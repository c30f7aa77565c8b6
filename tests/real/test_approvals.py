"""Held calls with the official SDKs as clients: in both eras, with one that gives up, with one that asks a person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.context import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ElicitResult

from tests.gateway.approving import POLICY, Person, approving, asked, kinds
from tests.gateway.place import Gateway, Place, complaints
from tests.real.agent import Agent, Call, Http, visit

DELETE = Call("delete_note", {"n": 1})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    assert complaints(made.said) == [], made.said


def door(place: Place, gateway: Gateway) -> Http:
    return Http(f"http://127.0.0.1:{gateway.port}/mcp/desk", place.token())


@pytest.mark.parametrize("agent", Agent)
async def test_a_call_waits_for_its_yes_and_another_one_is_told_to_come_back(place: Place, agent: Agent) -> None:
    with approving(place, hold="30s") as gateway:
        ann, own = Person(place), door(place, gateway)
        calling = asyncio.create_task(asyncio.to_thread(asyncio.run, visit(agent, own, [DELETE], place.path / "log")))
        id = await asyncio.to_thread(asked, place)
        await asyncio.to_thread(ann.approves, id)
        (answer,) = (await calling).answers
        assert (answer.is_error, answer.text) == (False, 'delete_note {"n": 1}')
    with approving(place, hold="1s") as gateway:
        own = Http(f"http://127.0.0.1:{gateway.port}/mcp/desk", own.token)
        (waits,) = (await asyncio.to_thread(asyncio.run, visit(agent, own, [DELETE], place.path / "log"))).answers
        assert waits.is_error
        second = asked(place, 2)
        assert waits.meta["dev.ostiary/decision"]["approvalId"] == second
        ann.approves(second)
        (passes,) = (await asyncio.to_thread(asyncio.run, visit(agent, own, [DELETE], place.path / "log"))).answers
        assert passes.text == 'delete_note {"n": 1}'
    assert len(place.calls("delete_note")) == 2


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_that_gives_up_has_its_leave_when_it_calls_again(place: Place, mode: str) -> None:
    """Clients give up after 60 seconds; this one does as soon as its call is known to wait.

    Where the gate is not told, the call that was given up may still be let through: then the next one is too late, or
    another question.
    """
    with approving(place, hold="30s") as gateway:
        ann, own = Person(place), door(place, gateway)
        headers = {"Authorization": f"Bearer {own.token}"}
        async with httpx2.AsyncClient(headers=headers, timeout=120) as http:
            transport = streamable_http_client(own.url, http_client=http)
            async with Client(transport, mode=mode) as client:
                for patience in (1, 4, 16):
                    with pytest.raises(MCPError, match=r"(?i)timed? ?out"):
                        await client.call_tool("delete_note", {"n": 1}, read_timeout_seconds=patience)
                    if kinds(place):
                        break
                id = await asyncio.to_thread(asked, place)
                await asyncio.to_thread(ann.approves, id)
                result = await client.call_tool("delete_note", {"n": 1})
                assert isinstance(result, CallToolResult)
                text = "".join(block.text for block in result.content if block.type == "text")
        assert text == 'delete_note {"n": 1}' or "it is used up" in text or id not in text
    assert len(place.calls("delete_note")) == 1
    assert kinds(place).count("redeemed") == 1


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("yes", [True, False])
async def test_the_person_at_the_client_is_asked_where_policy_accepts_that(place: Place, mode: str, yes: bool) -> None:
    seen: list[str] = []

    async def ask(context: ClientRequestContext, params: Any) -> ElicitResult:  # noqa: ARG001 - the SDK names it
        seen.append(params.message)
        return ElicitResult(action="accept", content={"approve": yes})

    policy = POLICY.replace("{timeout: 5m}", "{timeout: 5m, assurance: client}")
    with approving(place, policy, hold="20s") as gateway:
        own = door(place, gateway)
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {own.token}"}, timeout=120) as http:
            transport = streamable_http_client(own.url, http_client=http)
            async with Client(transport, mode=mode, elicitation_callback=ask) as client:
                result = await client.call_tool("delete_note", {"n": 1})
                assert isinstance(result, CallToolResult)
    assert len(seen) == 1
    assert '"n": 1' in seen[0]
    assert result.is_error is not yes
    assert len(place.calls("delete_note")) == int(yes)
