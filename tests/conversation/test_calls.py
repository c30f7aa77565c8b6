"""Calls at the gate: in, out, in, out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ostiary.errors import UpstreamError, UpstreamNotReached, WireError
from ostiary.ports import Reply
from ostiary.wire.era import Era
from tests.conversation.fakes import PROGRESS, Talk, answer, call, request, result


async def test_permitted_denied_hidden() -> None:
    talk = Talk("hide: [secret]\ntools: {get: {}, drop: {action: deny, reason: Never}}")
    assert await talk.call("get") == "get done"
    assert await talk.call("drop") == "Policy violation: Never. Do not retry."
    assert await talk.call("other") == "Policy violation: `other` is not permitted by policy. Do not retry."
    talk.upstream.whole("get", answer())
    assert "drop" not in talk.upstream.calls
    assert talk.ledger.kinds == ["call.intent", "call.outcome", "call.refused", "call.refused"]


async def test_nothing_is_permitted_without_a_policy() -> None:
    talk = Talk(None)
    assert await talk.call("get") == "Policy violation: no policy applies here, so nothing is permitted. Do not retry."
    assert (await talk.say(request("resources/read", {"uri": "a:b"})))["error"]["code"] == -31000
    assert not talk.upstream.saw


async def test_what_goes_out_is_what_came_in_byte_for_byte() -> None:
    talk = Talk("default: allow")
    raw = (
        b' {"params" : {"arguments":{"n":1.10,"s":"\\u00e9"},"name":"get","extra":[1 ]},'
        b'"id":"a","jsonrpc":"2.0",\n "method":"tools/call"}'
    )
    await talk.send(raw)
    assert talk.upstream.raw == [raw]


async def test_the_intent_is_on_record_before_the_call_is_sent() -> None:
    talk = Talk("default: allow")

    async def check(sent: Any) -> Reply:
        assert talk.ledger.kinds == ["call.intent"]
        return result(sent, {"content": [{"type": "text", "text": "seen"}]})

    talk.upstream.answers["get"] = check
    assert await talk.call("get") == "seen"
    assert talk.ledger.kinds == ["call.intent", "call.outcome"]


async def test_a_call_that_cannot_be_recorded_is_not_sent_and_costs_nothing() -> None:
    talk = Talk("tools: {get: {rate_limit: 1/minute}}")
    talk.ledger.trouble = "disk full"
    for _ in range(3):
        assert await talk.call("get") == "Policy violation: the call could not be recorded (disk full). Do not retry."
    assert not talk.upstream.saw
    talk.ledger.trouble = None
    assert await talk.call("get") == "get done"


async def test_a_call_that_cannot_be_counted_is_not_sent() -> None:
    talk = Talk("tools: {get: {rate_limit: 1/minute}, free: {}}")
    talk.counters.trouble = "locked"
    assert await talk.call("get") == "Policy violation: its limits could not be counted (locked). Do not retry."
    assert await talk.call("free") == "free done"
    talk.counters.trouble = None
    assert await talk.call("get") == "get done"
    assert talk.ledger.kinds[0] == "call.refused"


async def test_a_refusal_stands_even_if_it_cannot_be_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk("tools: {}")
    talk.ledger.trouble = "disk full"
    assert (await talk.call("get")).startswith("Policy violation")
    assert "ostiary: a refusal could not be recorded: disk full" in capsys.readouterr().err


async def test_a_limit_says_when_to_come_back_and_only_time_helps() -> None:
    talk = Talk("tools: {get: {rate_limit: 2/minute}}")
    assert await talk.call("get") == "get done"
    talk.clock.advance(10)
    assert await talk.call("get") == "get done"
    refused = await talk.say(call("get"))
    assert refused["result"]["_meta"]["dev.ostiary/decision"] == {
        "decision": "deny",
        "rule": "/tools/get/rate_limit",
        "reason": "the limit of 2 calls per minute is reached",
        "retryable": True,
        "retryAfterMs": 50_000,
    }
    assert await talk.call("get", principal="bob") == "get done"
    talk.clock.advance(49)
    assert "Retry after 1 s." in await talk.call("get")
    talk.clock.advance(1)
    assert await talk.call("get") == "get done"


@pytest.mark.parametrize(
    ("error", "outcome", "words", "is_given_back"),
    [
        (UpstreamNotReached("no connection"), "not_sent", "no connection. The call was not sent.", True),
        (UpstreamError("it broke"), "unknown", "it broke. Nobody can say whether the call took effect.", False),
    ],
)
async def test_a_limit_is_given_back_only_if_the_call_never_left(
    error: Exception, outcome: str, words: str, is_given_back: bool
) -> None:
    talk = Talk("tools: {get: {rate_limit: 1/minute}}")
    talk.upstream.fails("get", error)
    assert await talk.call("get") == words
    assert talk.outcomes == [outcome]
    del talk.upstream.answers["get"]
    assert (await talk.call("get") == "get done") is is_given_back


async def test_outcomes_are_what_the_server_says() -> None:
    talk = Talk("default: allow")
    talk.upstream.whole("bad", b'{"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}}')
    talk.upstream.whole("worse", b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}')
    talk.upstream.whole("other", b'{"jsonrpc":"2.0","id":2,"result":{}}')
    talk.upstream.whole("html", b"<html>", 502)
    for name in ("good", "bad", "worse", "other", "html"):
        await talk.say(call(name))
    assert talk.outcomes == ["returned", "failed", "failed", "unknown", "unknown"]


async def test_what_the_gate_did_not_expect_is_refused_and_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk("default: allow")
    talk.upstream.fails("get", ZeroDivisionError("oops"))
    assert "the gate failed" in await talk.call("get")
    assert talk.ledger.last("gate.failed")["error"] == "ZeroDivisionError: oops"
    assert "refused because the gate failed: ZeroDivisionError: oops" in capsys.readouterr().err


@pytest.mark.parametrize(
    "params", [{}, {"name": 1}, {"name": None}, {"name": "get", "arguments": "x"}, {"name": ["get"]}]
)
@pytest.mark.parametrize("era", list(Era))
async def test_a_call_of_nothing(params: Any, era: Era) -> None:
    talk = Talk("default: allow")
    refused = await talk.say(request("tools/call", params), era=era)
    assert refused["error"]["code"] == -32602
    assert not talk.upstream.saw


@pytest.mark.parametrize("method", ["tools/call", "tools/list", "resources/read", "prompts/get"])
async def test_a_request_without_an_id_is_no_way_around_the_gate(method: str) -> None:
    talk = Talk("default: allow")
    with pytest.raises(WireError, match="needs an `id`"):
        await talk.send({"jsonrpc": "2.0", "method": method, "params": {"name": "get", "uri": "a:b"}})
    assert not talk.upstream.saw


async def test_what_the_gate_has_no_opinion_on_passes_untouched() -> None:
    talk = Talk("tools: {}")
    talk.upstream.whole("vendor/thing", b'{"jsonrpc":"2.0","id":1,"result":{"odd":[1.0]},"x":1}')
    reply = await talk.send(request("vendor/thing", {"a": 1}))
    assert reply.body == b'{"jsonrpc":"2.0","id":1,"result":{"odd":[1.0]},"x":1}'
    assert (await talk.send({"jsonrpc": "2.0", "method": "notifications/x"})).status == 202
    assert (await talk.send({"jsonrpc": "2.0", "id": 5, "result": {}})).status == 202
    assert not talk.ledger.kinds


async def test_shadow_decides_records_and_lets_through() -> None:
    talk = Talk("mode: shadow\ntools: {}")
    assert await talk.call("get") == "get done"
    assert talk.ledger.last("call.intent")["would"] == "deny"


async def test_approvals_that_nobody_can_give_are_refused() -> None:
    talk = Talk("tools: {get: {action: require_approval, reason: Ask first, rate_limit: 1/minute}}")
    for _ in range(2):
        said = await talk.call("get")
        assert (
            said == "Policy violation: Ask first; approvals are not set up here, so nobody can be asked. Do not retry."
        )
    assert not talk.upstream.saw


async def test_arguments_are_on_record_as_keys_and_a_digest_only() -> None:
    talk = Talk("tools: {get: {}, drop: {action: deny}}")
    await talk.call("get", {"card": "4111 1111"})
    await talk.call("drop", {"card": "4111 1111"})
    assert "4111" not in json.dumps(talk.ledger.said)
    assert "card" in json.dumps(talk.ledger.said)


class TestStreams:
    async def test_everything_on_the_way_passes_and_the_answer_is_recorded(self) -> None:
        talk = Talk("default: allow")
        talk.upstream.says("get", PROGRESS, PROGRESS, answer())
        reply = await talk.send(call("get"))
        assert talk.outcomes == []
        assert [message.get("method") for message in await talk.hear(reply)] == ["notifications/progress"] * 2 + [None]
        assert talk.outcomes == ["returned"]

    @pytest.mark.parametrize("error", [None, UpstreamError("the line went dead")])
    async def test_one_that_breaks_off_ends_with_an_answer(self, error: UpstreamError | None) -> None:
        talk = Talk("default: allow")
        talk.upstream.says("get", PROGRESS, error=error)
        assert (await talk.call("get")).endswith("Nobody can say whether the call took effect.")
        assert talk.outcomes == ["unknown"]
        talk.upstream.says("vendor/thing", PROGRESS, error=error)
        assert (await talk.say(request("vendor/thing")))["error"]["code"] == -31002

    async def test_one_that_can_be_taken_up_again_just_ends(self) -> None:
        talk = Talk("default: allow")
        talk.upstream.says("get", PROGRESS, ids=True)
        assert len(await talk.hear(await talk.send(call("get")))) == 1

    async def test_an_error_after_the_answer_is_nobodys_business(self) -> None:
        talk = Talk("default: allow")
        talk.upstream.says("get", answer(), error=UpstreamError("the line went dead"))
        assert await talk.call("get") == "done"
        assert talk.outcomes == ["returned"]

    async def test_what_can_be_read_in_two_ways_goes_no_further(self) -> None:
        talk = Talk("default: allow")
        talk.upstream.says("get", b'{"jsonrpc":"2.0","id":1,"id":2,"result":{}}', b"nonsense", answer())
        assert len(await talk.hear(await talk.send(call("get")))) == 1

    async def test_an_answer_to_something_else_goes_no_further(self) -> None:
        talk = Talk("default: allow")
        other = b'{"jsonrpc":"2.0","id":"another","result":{"tools":[{"name":"secret"}]}}'
        talk.upstream.says("get", other, answer(), other)
        assert len(await talk.hear(await talk.send(call("get")))) == 1

    async def test_one_that_nobody_begins_to_read_is_recorded_too(self) -> None:
        talk = Talk("default: allow")
        talk.upstream.says("get", PROGRESS, answer())
        reply = await talk.send(call("get"))
        assert not isinstance(reply.body, bytes)
        await reply.body.aclose()
        assert talk.ledger.last("call.outcome")["reason"] == "the agent went away before the answer"

    async def test_an_answer_on_the_open_stream_is_filtered_too(self) -> None:
        talk = Talk("default: allow\nhide: [secret]")
        listing = {"jsonrpc": "2.0", "id": 9, "result": {"tools": [{"name": "get"}, {"name": "secret"}]}}
        talk.upstream.says("GET", PROGRESS, json.dumps(listing).encode(), b"nonsense")
        heard = await talk.hear(await talk.gate.listen(talk.agent()))
        assert heard[1]["result"]["tools"] == [{"name": "get"}]
        assert len(heard) == 2
