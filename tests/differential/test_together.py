"""Several agents at once, with the same ids and tokens: each hears its own, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from tests.differential.agents import LEGACY, MODERN, HttpAgent, Message
from tests.differential.ways import Places

pytestmark = pytest.mark.asyncio(loop_scope="session")

AGENTS = 10
STEPS = 5


@pytest.mark.parametrize("server", ["http", "stdio", "shared"])
@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_progress_reaches_the_agent_whose_it_is(everywhere: Places, server: str, version: str) -> None:
    agents = [HttpAgent(version, everywhere.urls[f"gate-{server}"]) for _ in range(AGENTS)]
    await asyncio.gather(*(agent.open() for agent in agents))
    try:
        heard = await asyncio.gather(*(_count(agent, f"word {place}") for place, agent in enumerate(agents)))
    finally:
        await asyncio.gather(*(agent.close() for agent in agents))
    for place, messages in enumerate(heard):
        *reports, answer = messages
        expected = {"progressToken": "same", "total": STEPS, "message": f"word {place}"}
        assert [report["params"] for report in reports] == [{**expected, "progress": step} for step in range(STEPS)]
        assert answer["id"] == "same"
        assert answer["result"]["content"][0]["text"] == f"word {place}"


@pytest.mark.parametrize("server", ["http", "stdio", "shared"])
async def test_each_listener_hears_of_changes_under_its_own_id(everywhere: Places, server: str) -> None:
    agents = [HttpAgent(MODERN, everywhere.urls[f"gate-{server}"]) for _ in range(3)]
    try:
        wanted = {"notifications": {"toolsListChanged": True}}
        streams = [await agent.begin("subscriptions/listen", wanted, id="same") for agent in agents]
        assert {(await stream.next())["method"] for stream in streams} == {"notifications/subscriptions/acknowledged"}
        await agents[0].call("test_trigger_tool_change")
        for stream in streams:
            message = await stream.next()
            assert message["method"] == "notifications/tools/list_changed"
            assert message["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == "same"
    finally:
        await asyncio.gather(*(agent.close() for agent in agents))


async def _count(agent: HttpAgent, word: str) -> list[Message]:
    return await agent.call("count", {"steps": STEPS, "word": word}, id="same", token="same")
