"""Messages for the child of the tests, and what became of the processes."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from ostiary.model import JSONObject
from ostiary.ports import Origin, Reply
from ostiary.upstream.process import Command
from ostiary.upstream.stdio import StdioLimits, StdioUpstream
from ostiary.wire.message import Id, Notification, Request, Response

CHILD = Path(__file__).with_name("child.py")
ORIGIN = Origin("local:tester")
MODERN: JSONObject = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}


def command(*arguments: str, **rest: Any) -> Command:
    return Command((sys.executable, "-S", "-E", str(CHILD), *arguments), **rest)


def ask(method: str, id: Id = 1, params: JSONObject | None = None) -> Request:
    whole = {"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}}
    return Request(id, method, params or {}, msgspec.json.encode(whole))


def tell(method: str, params: JSONObject | None = None) -> Notification:
    raw = msgspec.json.encode({"jsonrpc": "2.0", "method": method, "params": params or {}})
    return Notification(method, params or {}, raw)


def respond(id: Id, result: JSONObject) -> Response:
    return Response(id, msgspec.json.encode({"jsonrpc": "2.0", "id": id, "result": result}))


@asynccontextmanager
async def running(*arguments: str, limits: StdioLimits | None = None, **rest: Any) -> AsyncIterator[StdioUpstream]:
    upstream = StdioUpstream(command(*arguments), limits=limits or StdioLimits(grace=1.0), **rest)
    await upstream.start()
    try:
        yield upstream
    finally:
        await upstream.close()


def body(reply: Reply) -> Any:
    assert isinstance(reply.body, bytes)
    return msgspec.json.decode(reply.body)


async def messages(reply: Reply) -> list[Any]:
    assert not isinstance(reply.body, bytes)
    return [msgspec.json.decode(event.data) async for event in reply.body]


async def next_message(reply: Reply) -> Any:
    assert not isinstance(reply.body, bytes)
    return msgspec.json.decode((await anext(reply.body)).data)
