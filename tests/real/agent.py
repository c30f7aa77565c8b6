"""Agents that speak to a server through the official SDKs: a list of calls goes in, what the agent saw comes out.

The same data drives SDK 2 in this process and SDK 1 in its own environment (`sdk1_agent.py`).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, assert_never

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from tests.real.places import installed

_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Stdio:
    """A server to start and speak to over its pipes."""

    command: tuple[str, ...]
    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Http:
    """A server to speak to over Streamable HTTP, with a bearer token."""

    url: str
    token: str


Door = Stdio | Http


@dataclass(frozen=True, slots=True)
class Call:
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agent got for one call: a result, or with `code` a JSON-RPC error."""

    text: str
    is_error: bool
    meta: Mapping[str, Any]
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One agent's whole stay: the protocol version it got, the tools it saw, and an answer for each call."""

    version: str
    tools: tuple[str, ...]
    answers: tuple[Answer, ...]


class Agent(StrEnum):
    MODERN = "modern"
    LEGACY = "legacy"
    SDK1 = "sdk1"


async def visit(agent: Agent, door: Door, calls: Sequence[Call], log: Path) -> Visit:
    """List the tools, then make the calls one after the other. What the server says on stderr goes to `log`."""
    match agent:
        case Agent.MODERN:
            return await _visit_with_sdk2("auto", door, calls, log)
        case Agent.LEGACY:
            return await _visit_with_sdk2("legacy", door, calls, log)
        case Agent.SDK1:
            return _visit_with_sdk1(door, calls, log)
        case _:
            assert_never(agent)


async def _visit_with_sdk2(mode: str, door: Door, calls: Sequence[Call], log: Path) -> Visit:
    async with _connect(mode, door, log) as client:
        tools: list[str] = []
        cursor: str | None = None
        while True:
            page = await client.list_tools(cursor=cursor)
            tools += [tool.name for tool in page.tools]
            if (cursor := page.next_cursor) is None:
                break
        answers = [await _call(client, call) for call in calls]
        return Visit(client.protocol_version, tuple(tools), tuple(answers))


@asynccontextmanager
async def _connect(mode: str, door: Door, log: Path) -> AsyncIterator[Client]:
    match door:
        case Stdio(command, cwd, env):
            parameters = StdioServerParameters(command=command[0], args=list(command[1:]), env=dict(env), cwd=cwd)
            with log.open("a") as stderr:
                async with Client(
                    stdio_client(parameters, stderr), mode=mode, read_timeout_seconds=_PATIENCE
                ) as client:
                    yield client
        case Http(url, token):
            headers = {"Authorization": f"Bearer {token}"}
            async with (
                httpx2.AsyncClient(headers=headers, timeout=_PATIENCE) as http,
                Client(streamable_http_client(url, http_client=http), mode=mode) as client,
            ):
                yield client
        case _:
            assert_never(door)


async def _call(client: Client, call: Call) -> Answer:
    try:
        result = await client.call_tool(call.tool, dict(call.arguments))
    except MCPError as error:
        return Answer(error.message, is_error=True, meta={}, code=error.code)
    assert isinstance(result, CallToolResult)
    text = "\n".join(block.text for block in result.content if block.type == "text")
    return Answer(text, result.is_error or False, dict(result.meta or {}))


def _visit_with_sdk1(door: Door, calls: Sequence[Call], log: Path) -> Visit:
    script = Path(__file__).with_name("sdk1_agent.py")
    task = {"door": asdict(door), "calls": [asdict(call) for call in calls], "log": str(log)}
    done = subprocess.run(
        [installed("sdk1", "python"), str(script)],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        timeout=2 * _PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Visit(told["version"], tuple(told["tools"]), tuple(Answer(**answer) for answer in told["answers"]))
