"""Servers of the first HTTP transport (2024-11-05): SDK servers that still offer it, and ones that misbehave."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ostiary.errors import UpstreamError, UpstreamNotReached
from ostiary.model import JSONObject
from ostiary.ports import Headers, Origin
from ostiary.upstream.eras.interpreter import Interpreter
from ostiary.upstream.sessions import StdioSessions
from ostiary.upstream.sse_line import SseServer
from tests.processes import listening
from tests.real.places import installed
from tests.upstream.asking import ask, body, messages, tell

SERVER = Path(__file__).with_name("eras") / "sdk1_server.py"
INITIALIZE: JSONObject = {
    "protocolVersion": "2024-11-05",
    "capabilities": {},
    "clientInfo": {"name": "tests", "version": "1"},
}


@asynccontextmanager
async def serving(port: int) -> AsyncIterator[SseServer]:
    with subprocess.Popen([installed("sdk1", "python"), str(SERVER), "sse", str(port)]) as process:
        try:
            await listening(port)
            yield SseServer(f"http://127.0.0.1:{port}/sse")
        finally:
            process.terminate()


async def test_sessions_have_a_stream_each(free_port: int) -> None:
    async with serving(free_port) as server:
        upstream = StdioSessions(server, name="old")
        origins = []
        for _ in range(2):
            opened = await upstream.send(ask("initialize", 0, INITIALIZE), Origin("p"))
            assert body(opened)["result"]["protocolVersion"] == "2024-11-05"
            named: Headers = ((b"mcp-session-id", dict(opened.headers)[b"mcp-session-id"]),)
            origins.append(Origin("p", named))
            await upstream.send(tell("notifications/initialized"), origins[-1])
        calls = [ask("tools/call", 7, {"name": "add", "arguments": {"a": n, "b": 1}}) for n in range(2)]
        replies = await asyncio.gather(*(upstream.send(call, origins[n]) for n, call in enumerate(calls)))
        assert [body(reply)["result"]["content"][0]["text"] for reply in replies] == ["1", "2"]
        params: JSONObject = {"name": "count", "arguments": {"to": 2}, "_meta": {"progressToken": "t"}}
        told = await messages(await upstream.send(ask("tools/call", 8, params), origins[0]))
        assert [one.get("id") for one in told][-1] == 8
        assert (await upstream.end(origins[0])).status == 204
        assert (await upstream.send(calls[0], origins[0])).status == 404
        await upstream.close()


async def test_a_stateless_agent_is_served_too(free_port: int) -> None:
    async with serving(free_port) as server:
        upstream = Interpreter(StdioSessions(server, name="old"))
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        params: JSONObject = {"name": "add", "arguments": {"a": 40, "b": 2}, "_meta": meta}  # type: ignore[dict-item]
        reply = await upstream.send(ask("tools/call", 1, params), Origin("p"))
        assert body(reply)["result"]["content"][0]["text"] == "42"
        await upstream.close()


@asynccontextmanager
async def answering(
    port: int, answer: Callable[[asyncio.StreamWriter], Awaitable[None]]
) -> AsyncIterator[StdioSessions]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await answer(writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", port):
        upstream = StdioSessions(SseServer(f"http://127.0.0.1:{port}/sse"), name="old")
        yield upstream
        await upstream.close()


def saying(text: bytes) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return answer


STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        STREAM,
        STREAM + b"event: message\ndata: {}\n\n",
        STREAM + b"event: endpoint\ndata: http://elsewhere.example/messages\n\n",
        STREAM + b"event: endpoint\ndata: //elsewhere.example/messages\n\n",
        STREAM + b"event: endpoint\ndata: \xff\n\n",
    ],
)
async def test_a_server_that_does_not_say_where_to_send_to_is_not_reached(free_port: int, text: bytes) -> None:
    async with answering(free_port, saying(text)) as upstream:
        with pytest.raises(UpstreamNotReached):
            await upstream.send(ask("initialize", 0, INITIALIZE), Origin("p"))


async def test_a_stream_that_ends_ends_the_session(free_port: int) -> None:
    async with answering(free_port, saying(STREAM + b"event: endpoint\ndata: /m\n\n")) as upstream:
        with pytest.raises(UpstreamError):
            await upstream.send(ask("initialize", 0, INITIALIZE), Origin("p"))
        assert upstream._sessions() == []
