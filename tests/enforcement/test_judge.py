"""What a call is judged as: the time and the definition of once the server has said it."""

from __future__ import annotations

from typing import Any

from ostiary.enforcement.drift_news import DriftNews
from ostiary.enforcement.inquiry import Inquiry
from ostiary.enforcement.judge import Judge
from ostiary.enforcement.pins import Pins
from ostiary.model import Call, Session, Tool
from ostiary.ports import Reply
from ostiary.wire.message import Request
from tests.conversation.fakes import SECOND, START, Talk, result


async def test_a_call_that_is_looked_up_is_of_once_the_server_has_answered() -> None:
    talk = Talk("default: allow")

    async def slowly(sent: Any) -> Reply:
        talk.clock.advance(30)
        return result(sent, {"tools": [{"name": "note", "description": "Adds a note."}]})

    talk.upstream.answers["tools/list"] = slowly
    pins = Pins("desk", lambda: None, DriftNews("desk", talk.accounts), talk.clock)
    judge = Judge(Inquiry("desk", talk.upstream, pins.learn), pins, talk.clock)
    agent = talk.agent()
    call = Call(Tool("note", "desk"), {}, agent.principal, agent.client, Session("s", START), START)

    found = await judge.look_up(call, Request(1, "tools/call", {}, b""), agent)

    assert (found.at, found.tool.description) == (START + 30 * SECOND, "Adds a note.")
