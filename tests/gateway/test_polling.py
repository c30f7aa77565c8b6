"""Answers that take longer than a connection may last (2025-11-25, SSE polling), with the official SDK's client."""

from __future__ import annotations

from mcp.client.client import Client
from mcp_types import TextContent

from tests.conformance.paths import FIXTURE
from tests.gateway.place import ALLOW, Place
from tests.real.places import ROOT


async def test_an_agent_comes_back_for_its_answer(place: Place) -> None:
    server = {"command": list(FIXTURE), "cwd": str(ROOT), "policy": str(place.policy(ALLOW))}
    with place.serving({"fixture": server}, limits={"poll_after": 1}) as gateway:
        async with Client(f"http://127.0.0.1:{gateway.port}/mcp/fixture", mode="legacy") as client:
            [said] = (await client.call_tool("test_reconnection", {})).content
    assert isinstance(said, TextContent)
    assert said.text == "the client came back"
    assert place.outcomes() == ["returned"]
