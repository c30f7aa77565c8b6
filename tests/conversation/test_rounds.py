"""Calls that are answered with a question: the retry is judged again and charged once."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.ports import Reply
from ostiary.wire.era import Era
from tests.conversation.fakes import Talk, result

POLICY = "default: allow\ntools:\n  refund: {rate_limit: 1/hour}\n"
STATE = 'their state \u00e9\u2028 {"a": 1}'


def asks(talk: Talk, **more: Any) -> None:
    """The server asks once; given an answer, it is done."""

    async def answer(sent: Any) -> Reply:
        if "inputResponses" in sent["params"]:
            return result(sent, {"resultType": "complete", "content": [{"type": "text", "text": "refunded"}]})
        return result(sent, {"resultType": "input_required", "inputRequests": {"q": {}}, **more})

    talk.upstream.answers["refund"] = answer


def call(**more: Any) -> Any:
    params = {"name": "refund", "arguments": {"amount": 1.50}, **more}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def retry(state: str, **more: Any) -> Any:
    return call(**{"inputResponses": {"q": {}}, "requestState": state, **more})


async def begin(talk: Talk, **more: Any) -> str:
    asks(talk, **more)
    state: str = (await talk.say(call(), era=Era.MODERN))["result"]["requestState"]
    return state


async def test_a_retry_is_charged_once_and_the_server_gets_its_own_state_back() -> None:
    talk = Talk(POLICY)
    state = await begin(talk, requestState=STATE)
    assert state != STATE
    answer = await talk.say(retry(state), era=Era.MODERN)
    assert answer["result"]["content"][0]["text"] == "refunded"
    assert talk.upstream.saw[-1]["params"]["requestState"] == STATE
    assert (await talk.say(call(), era=Era.MODERN))["result"]["isError"] is True


async def test_a_server_without_a_state_gets_none() -> None:
    talk = Talk(POLICY)
    state = await begin(talk)
    await talk.say(retry(state), era=Era.MODERN)
    assert "requestState" not in talk.upstream.saw[-1]["params"]
    assert talk.outcomes == ["returned", "returned"]


async def test_the_ledger_links_both() -> None:
    talk = Talk(POLICY)
    await talk.say(retry(await begin(talk)), era=Era.MODERN)
    first, second = [body for kind, body in talk.ledger.said if kind == "call.intent"]
    assert "continues" not in first
    assert second["continues"] == first["call"]


async def test_a_state_pays_once() -> None:
    talk = Talk(POLICY)
    state = await begin(talk)
    await talk.say(retry(state), era=Era.MODERN)
    assert "Retry after" in (await talk.say(retry(state), era=Era.MODERN))["result"]["content"][0]["text"]


async def test_a_state_does_not_pay_for_ever() -> None:
    talk = Talk(POLICY)
    state = await begin(talk)
    talk.clock.advance(3600)
    await talk.say(retry(state), era=Era.MODERN)
    assert "Retry after" in (await talk.say(call(), era=Era.MODERN))["result"]["content"][0]["text"]


@pytest.mark.parametrize(
    ("principal", "more"),
    [("bob", {}), ("ann", {"arguments": {"amount": 9}}), ("ann", {"name": "other"}), ("ann", {"arguments": {}})],
)
async def test_a_state_is_of_one_principal_and_one_call(principal: str, more: Any) -> None:
    talk = Talk(POLICY)
    state = await begin(talk)
    answer = await talk.say(retry(state, **more), principal, era=Era.MODERN)
    assert answer["error"]["code"] == -32602
    assert len(talk.upstream.saw) == 1


async def test_a_state_that_is_not_ours_is_for_the_server_to_judge_and_is_charged() -> None:
    talk = Talk(POLICY)
    await begin(talk)
    assert "Retry after" in (await talk.say(retry("made up"), era=Era.MODERN))["result"]["content"][0]["text"]
    talk.clock.advance(3601)
    await talk.say(retry("made up"), era=Era.MODERN)
    assert talk.upstream.saw[-1]["params"]["requestState"] == "made up"


async def test_a_changed_state_is_refused() -> None:
    talk = Talk(POLICY)
    state = await begin(talk)
    changed = state[:-8] + ("A" if state[-8] != "A" else "B") + state[-7:]
    answer = await talk.say(retry(changed), era=Era.MODERN)
    assert "error" in answer or "Retry after" in answer["result"]["content"][0]["text"]
    assert len(talk.upstream.saw) == 1


async def test_a_retry_is_judged_by_the_policy_of_its_own_time() -> None:
    talk = Talk(POLICY)
    state = await begin(talk)
    talk.policy = Talk("default: allow\ntools:\n  refund: {action: deny}\n").policy
    assert (await talk.say(retry(state), era=Era.MODERN))["result"]["isError"] is True
    assert len(talk.upstream.saw) == 1


async def test_prompts_and_resources_have_rounds_too() -> None:
    talk = Talk("default: allow\n")

    async def answer(sent: Any) -> Reply:
        return result(sent, {"resultType": "input_required", "requestState": STATE})

    talk.upstream.answers["prompts/get"] = answer
    ask = {"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": {"name": "p"}}
    state = (await talk.say(ask, era=Era.MODERN))["result"]["requestState"]
    await talk.say({**ask, "params": {"name": "p", "requestState": state}}, era=Era.MODERN)
    assert talk.upstream.saw[-1]["params"]["requestState"] == STATE
