"""A list that policy hides tools from: honest pages, and nothing behind them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.agents import LEGACY, MODERN, Agent, HttpAgent
from tests.differential.ways import Places

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("server", ["hiding-http", "hiding-stdio"])
@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_pages_keep_their_cursors_and_their_order(everywhere: Places, server: str, version: str) -> None:
    direct = await _pages(everywhere.urls["direct-paged"], version)
    filtered = await _pages(everywhere.urls[f"gate-{server}"], version)
    assert len(direct) > 10
    assert [page.get("nextCursor") for page in filtered] == [page.get("nextCursor") for page in direct]
    for whole, shown in zip(direct, filtered, strict=True):
        assert shown["tools"] == [tool for tool in whole["tools"] if not _is_hidden(tool["name"])]
        if version == MODERN:
            assert shown["cacheScope"] == "private"
            assert shown["ttlMs"] <= whole["ttlMs"]


@pytest.mark.parametrize("server", ["hiding-http", "hiding-stdio"])
@pytest.mark.parametrize("version", [LEGACY, MODERN])
async def test_a_hidden_tool_is_answered_like_an_unknown_one(everywhere: Places, server: str, version: str) -> None:
    agent = HttpAgent(version, everywhere.urls[f"gate-{server}"])
    await agent.open()
    hidden, unknown = [await agent.call(tool, {}, id="same") for tool in ("test_simple_text", "no_such_text_tool")]
    await agent.close()
    assert _renamed(hidden, "test_simple_text") == _renamed(unknown, "no_such_text_tool")


def _is_hidden(name: str) -> bool:
    return name in ("wait", "test_simple_text") or (name.startswith("filler_") and name.endswith("7"))


def _renamed(answer: Any, name: str) -> str:
    return repr(answer).replace(name, "NAME")


async def _pages(url: str, version: str) -> list[Any]:
    agent = HttpAgent(version, url)
    await agent.open()
    pages = [await _page(agent, {})]
    while "nextCursor" in pages[-1] and len(pages) < 100:
        pages.append(await _page(agent, {"cursor": pages[-1]["nextCursor"]}))
    await agent.close()
    return pages


async def _page(agent: Agent, params: dict[str, str]) -> Any:
    return (await agent.ask("tools/list", params))[-1]["result"]
