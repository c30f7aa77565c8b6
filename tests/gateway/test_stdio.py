"""What the stdio front waits for before it sends anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from ostiary.errors import UpstreamError
from ostiary.gateway.pipes import Sink
from ostiary.gateway.stdio import StdioGateway
from ostiary.model import Principal
from ostiary.ports import Reply
from ostiary.wire.json import Bounds
from tests.conversation.fakes import Talk, request


async def lines(*messages: Any) -> AsyncGenerator[bytes, None]:
    for message in messages:
        yield json.dumps(message).encode()


async def serve(talk: Talk, written: Path, opening: float) -> None:
    with written.open("wb") as sink:
        front = StdioGateway(talk.gate, Principal("local:me"), lambda: talk.policy, Sink(sink.fileno(), None), opening)
        await front.serve(lines(request("ping", id=1), request("ping", id=2)), Bounds(1000))


def heard(written: Path) -> list[Any]:
    return [json.loads(line)["id"] for line in written.read_bytes().splitlines()]


async def test_no_request_is_sent_before_the_server_can_say_something_unasked(tmp_path: Path) -> None:
    talk, is_open = Talk("default: allow"), asyncio.Event()

    async def open_slowly(_: Any) -> Reply:
        await is_open.wait()
        return Reply(405, (), b"")

    talk.upstream.answers["GET"] = open_slowly
    serving = asyncio.create_task(serve(talk, tmp_path / "written", opening=60))
    for _ in range(10):
        await asyncio.sleep(0)
    assert talk.upstream.saw == []
    is_open.set()
    await serving
    assert heard(tmp_path / "written") == [1, 2]


async def test_a_server_that_never_opens_its_stream_is_not_waited_for_long(tmp_path: Path) -> None:
    talk = Talk("default: allow")

    async def never(_: Any) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    talk.upstream.answers["GET"] = never
    await serve(talk, tmp_path / "written", opening=0)
    assert heard(tmp_path / "written") == [1, 2]


async def test_a_server_without_such_a_stream_is_not_waited_for(tmp_path: Path) -> None:
    talk = Talk("default: allow")
    talk.upstream.fails("GET", UpstreamError("gone"))
    await serve(talk, tmp_path / "written", opening=60)
    assert heard(tmp_path / "written") == [1, 2]
