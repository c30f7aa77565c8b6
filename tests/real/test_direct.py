"""Every real server answers every agent without Ostiary: what the tests of the gate compare with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.agent import Agent, Call, Stdio, visit
from tests.real.scenario import UNKNOWN_TOOL
from tests.real.servers import Server


@pytest.mark.parametrize("agent", Agent)
async def test_server_lists_its_tools_and_refuses_an_unknown_one(agent: Agent, server: Server, tmp_path: Path) -> None:
    door = Stdio(server.command, str(tmp_path), server.env)
    seen = await visit(agent, door, [Call(UNKNOWN_TOOL)], tmp_path / "stderr")
    assert server.tools <= set(seen.tools)
    assert seen.answers[0].is_error
