"""The same legacy conversation with a server on the official SDK, over every kind of upstream."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ostiary.model import JSONObject
from ostiary.ports import Headers, Origin, Reply, Upstream
from ostiary.upstream.http import HttpUpstream
from ostiary.upstream.process import Command
from ostiary.upstream.sessions import StdioSessions
from ostiary.upstream.stdio import StdioUpstream
from tests.processes import listening
from tests.upstream.asking import ask, tell

SERVER = Path(__file__).with_name("sdk_server.py")
COMMAND = Command((sys.executable, str(SERVER), "stdio"))
INITIALIZE: JSONObject = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "tests", "version": "1"},
}
MODERN: JSONObject = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
}
ACCEPT = (b"accept", b"application/json, text/event-stream")


@asynccontextmanager
async def over_http(port: int, *how: str) -> AsyncIterator[Upstream]:
    with subprocess.Popen([sys.executable, str(SERVER), "http", str(port), *how]) as server:
        try:
            await listening(port)
            upstream = HttpUpstream(f"http://127.0.0.1:{port}/mcp")
            yield upstream
            await upstream.close()
        finally:
            server.terminate()


@asynccontextmanager
async def of_kind(kind: str, port: int) -> AsyncIterator[Upstream]:
    match kind:
        case "http, json":
            async with over_http(port, "json") as upstream:
                yield upstream
        case "http, events":
            async with over_http(port) as upstream:
                yield upstream
        case "stdio":
            child = StdioUpstream(COMMAND)
            await child.start()
            yield child
            await child.close()
        case _:
            sessions = StdioSessions(COMMAND, name="sdk")
            yield sessions
            await sessions.close()


async def answers(reply: Reply) -> list[Any]:
    assert reply.status == 200, reply
    if isinstance(reply.body, bytes):
        return [msgspec.json.decode(reply.body)]
    return [msgspec.json.decode(event.data) async for event in reply.body if event.data]


@pytest.mark.parametrize("kind", ["http, json", "http, events", "stdio", "sessions"])
async def test_a_legacy_conversation(kind: str, free_port: int) -> None:
    async with of_kind(kind, free_port) as upstream:
        opened = await upstream.send(ask("initialize", 0, INITIALIZE), Origin("p", (ACCEPT,)))
        session = tuple(line for line in opened.headers if line[0] == b"mcp-session-id")
        assert (await answers(opened))[-1]["result"]["serverInfo"]["name"] == "upstream-tests"
        assert len(session) == (0 if kind == "stdio" else 1)
        headers: Headers = (ACCEPT, (b"mcp-protocol-version", b"2025-11-25"), *session)
        origin = Origin("p", headers)
        assert (await upstream.send(tell("notifications/initialized"), origin)).status == 202
        listed = (await answers(await upstream.send(ask("tools/list", "list"), origin)))[-1]
        assert [tool["name"] for tool in listed["result"]["tools"]] == ["add", "count"]
        calls = [ask("tools/call", id, {"name": "add", "arguments": {"a": id, "b": 1}}) for id in range(1, 30)]
        replies = await asyncio.gather(*(upstream.send(call, origin) for call in calls))
        sums = [(await answers(reply))[-1]["result"]["content"][0]["text"] for reply in replies]
        assert sums == [str(id + 1) for id in range(1, 30)]
        params: JSONObject = {"name": "count", "arguments": {"to": 3}, "_meta": {"progressToken": "t"}}
        told = await answers(await upstream.send(ask("tools/call", 99, params), origin))
        assert told[-1]["result"]["content"][0]["text"] == "counted to 3"
        if kind != "http, json":
            assert [message["params"]["progress"] for message in told[:-1]] == [0, 1, 2]
        if session:
            assert (await upstream.end(origin)).status in (200, 204)
            assert (await upstream.send(ask("tools/list", 100), origin)).status == 404


@pytest.mark.parametrize("kind", ["http, json", "stdio", "sessions"])
async def test_a_stateless_call(kind: str, free_port: int) -> None:
    headers: Headers = (
        ACCEPT,
        (b"mcp-protocol-version", b"2026-07-28"),
        (b"mcp-method", b"tools/call"),
        (b"mcp-name", b"add"),
    )
    params: JSONObject = {"name": "add", "arguments": {"a": 40, "b": 2}, "_meta": MODERN}
    async with of_kind(kind, free_port) as upstream:
        told = await answers(await upstream.send(ask("tools/call", "mine", params), Origin("p", headers)))
        assert told[-1]["id"] == "mine"
        assert told[-1]["result"]["content"][0]["text"] == "42"
