from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from ostiary.enforcement.settlement import settling
from ostiary.model import Demand, Limit, Reservation
from ostiary.ports import Reply
from ostiary.stores.memory import MemoryCounters
from ostiary.wire.message import Request
from ostiary.wire.sse import Event

REQUEST = Request(1, "tools/call", {}, b"{}")
PLACE = ("structuredContent", "charged")


def demand(cost: int) -> Demand:
    return Demand("k", "/r", Limit(10, 10**9), cost, settle=PLACE)


def answer(charged: str, id: int = 1) -> bytes:
    return f'{{"jsonrpc":"2.0","id":{id},"result":{{"structuredContent":{{"charged":{charged}}}}}}}'.encode()


async def room(counters: MemoryCounters) -> int:
    """How much still fits."""
    for cost in range(11, 0, -1):
        if isinstance(await counters.reserve([demand(cost)], 0), Reservation):
            return cost
    return 0


async def settled(body: bytes | AsyncGenerator[Event, None]) -> int:
    counters = MemoryCounters()
    booked = await counters.reserve([demand(8)], 0)
    assert isinstance(booked, Reservation)
    reply = await settling(Reply(200, (), body), REQUEST, booked, counters)
    if not isinstance(reply.body, bytes):
        async for _ in reply.body:
            pass
    return await room(counters)


async def stream(*messages: bytes) -> AsyncGenerator[Event, None]:
    for message in messages:
        yield Event(message)


async def test_the_real_amount_counts() -> None:
    assert await settled(answer("3")) == 7
    assert await settled(answer("2.5")) == 7
    assert await settled(answer("0")) == 10
    assert await settled(answer("12")) == 0
    note = b'{"jsonrpc":"2.0","method":"notifications/message","params":{}}'
    assert await settled(stream(note, b"", answer("1", id=9), answer("3"))) == 7


@pytest.mark.parametrize(
    "body",
    [
        answer("-3"),
        answer('"3"'),
        answer("true"),
        answer("null"),
        answer("1e200"),
        answer("3", id=2),
        b'{"jsonrpc":"2.0","id":1,"result":{}}',
        b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}',
        b'{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"charged":1,"charged":2}}}',
        b"nonsense",
    ],
)
async def test_where_the_result_says_no_amount_the_reserved_one_stands(body: bytes) -> None:
    assert await settled(body) == 2
