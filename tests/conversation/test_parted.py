"""Streams that break off, and answers that come on another one."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

from ostiary.errors import UpstreamError, UpstreamOver
from ostiary.ports import Reply
from ostiary.wire.era import Era
from ostiary.wire.sse import Event
from tests.conversation.fakes import Talk, call

PROGRESS = b'{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}'
ANSWER = {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "done"}]}}


def taken_up(talk: Talk, *messages: Any) -> None:
    async def stream() -> AsyncGenerator[Event, None]:
        for number, message in enumerate(messages, 7):
            yield Event(json.dumps(message).encode(), str(number))

    async def answer(_: Any) -> Reply:
        return Reply(200, (), stream())

    talk.upstream.answers["GET"] = answer


async def broken_off(talk: Talk, era: Era = Era.LEGACY, error: Exception | None = None) -> list[Any]:
    talk.upstream.says("refund", PROGRESS, error=error or UpstreamError("lost"), ids=True)
    return await talk.hear(await talk.send(call("refund"), era=era))


async def test_a_call_is_settled_by_the_answer_on_another_stream() -> None:
    talk = Talk("default: allow\n")
    assert len(await broken_off(talk)) == 1
    assert talk.outcomes == []
    taken_up(talk, ANSWER, ANSWER)
    assert await talk.hear(await talk.gate.listen(talk.agent())) == [ANSWER, ANSWER]
    assert talk.outcomes == ["returned"]


async def test_another_principals_answer_settles_nothing() -> None:
    talk = Talk("default: allow\n")
    await broken_off(talk)
    taken_up(talk, ANSWER)
    await talk.hear(await talk.gate.listen(talk.agent("bob")))
    assert talk.outcomes == []


async def test_what_never_comes_is_unknown_in_the_end() -> None:
    talk = Talk("default: allow\n")
    await broken_off(talk)
    talk.gate.close()
    assert talk.outcomes == ["unknown"]


async def test_nobody_waits_for_ever() -> None:
    talk = Talk("default: allow\n")
    await broken_off(talk)
    talk.clock.advance(601)
    await broken_off(talk)
    assert talk.outcomes == ["unknown"]


async def test_the_end_of_the_server_and_the_stateless_wire_leave_nothing_to_wait_for() -> None:
    talk = Talk("default: allow\n")
    assert "lost" in str(await broken_off(talk, error=UpstreamOver("lost")))
    await broken_off(talk, era=Era.MODERN)
    assert talk.outcomes == ["unknown", "unknown"]


async def test_an_agent_that_left_a_stream_may_come_back() -> None:
    talk = Talk("default: allow\n")
    talk.upstream.says("refund", PROGRESS, PROGRESS, ids=True)
    reply = await talk.send(call("refund"))
    assert not isinstance(reply.body, bytes)
    await anext(reply.body)
    await reply.body.aclose()
    taken_up(talk, ANSWER)
    await talk.hear(await talk.gate.listen(talk.agent()))
    assert talk.outcomes == ["returned"]
