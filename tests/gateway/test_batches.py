"""Batches, over HTTP and on stdio: every member judged, in the one version that has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gateway.agent import (
    INITIALIZE,
    HttpAgent,
    Lines,
    StdioAgent,
    call,
    modern,
    notification,
    request,
    words,
)
from tests.gateway.place import Place, until

DENY = "version: 1\ndefault: allow\nhide: [secret_note]\ntools:\n  delete_note: {action: deny, reason: Never}\n"
JSON = (("Content-Type", "application/json"),)


def begun(agent: HttpAgent) -> Lines:
    return [line for line in agent.session() if line[0] != "MCP-Protocol-Version"]


def serving(place: Place) -> Any:
    return place.serving({"desk": {"command": place.desk, "policy": str(place.policy(DENY))}})


@pytest.mark.parametrize("named", [(), (("MCP-Protocol-Version", "2025-03-26"),)])
def test_every_member_is_judged_and_all_are_answered_together(place: Place, named: Lines) -> None:
    with serving(place) as gateway:
        agent = gateway.agent()
        lines = (*begun(agent), *named)
        batch = [
            call("read_note", id=1),
            call("delete_note", id=2),
            notification("notifications/x"),
            call("gone", id=3),
        ]
        answer = agent.post([*batch, call("secret_note", id=4), request("tools/list", id=5)], lines)
        assert answer.status == 200
        found = {one["id"]: one["result"] for one in json.loads(answer.body)}
        assert found[1]["content"][0]["text"] == "read_note {}"
        assert found[2]["content"][0]["text"] == "Policy violation: Never. Do not retry."
        assert found[4]["content"][0]["text"] == "Unknown tool: secret_note"
        assert [tool["name"] for tool in found[5]["tools"]] == ["read_note", "delete_note"]
        assert {one["params"]["name"] for one in place.calls()} >= {"read_note", "gone"}
        assert not place.calls("delete_note")
        assert not place.calls("secret_note")
        assert agent.post([notification("notifications/x")], lines).status == 202
    assert len(place.records("call.refused")) == 2


@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25", "2026-07-28"])
def test_no_other_version_has_them(place: Place, version: str) -> None:
    with serving(place) as gateway:
        agent = gateway.agent()
        lines = (*begun(agent), ("MCP-Protocol-Version", version))
        assert agent.post([call("read_note")], lines).status == 400
        assert place.calls() == []


def test_one_bad_member_stops_all(place: Place) -> None:
    with serving(place) as gateway:
        agent = gateway.agent()
        lines = begun(agent)
        for batch in ([call("read_note"), 1], [call("read_note"), call("read_note")], [], [[call("read_note")]]):
            assert agent.post(batch, lines).status == 400
        assert place.calls() == []


def test_a_session_that_is_gone_is_said_to_be_gone(place: Place) -> None:
    with serving(place) as gateway:
        agent = gateway.agent()
        lines = begun(agent)
        agent.send("DELETE", lines=lines)
        assert agent.post([call("read_note")], lines).status == 404


def greeted(agent: StdioAgent, version: str = "2025-03-26") -> None:
    assert "result" in agent.ask(request("initialize", {**INITIALIZE, "protocolVersion": version}, id="hello"))
    agent.say(notification("notifications/initialized"))


def test_on_stdio_every_member_is_judged_and_all_are_answered_in_one_line(place: Place) -> None:
    with place.running(place.policy(DENY)) as agent:
        greeted(agent)
        agent.say(
            [
                call("read_note", id=1),
                call("delete_note", id=2),
                notification("notifications/x"),
                call("secret_note", id="4"),
                request("tools/list", id=5),
                request("no/such/method", id=6),
            ]
        )
        found = {one["id"]: one for one in agent.hear()}
        assert words(found[1]) == "read_note {}"
        assert words(found[2]) == "Policy violation: Never. Do not retry."
        assert words(found["4"]) == "Unknown tool: secret_note"
        assert [tool["name"] for tool in found[5]["result"]["tools"]] == ["read_note", "delete_note"]
        assert found[6]["error"]["code"] == -32601
        agent.say([notification("notifications/x"), notification("notifications/y")])
        assert words(agent.ask(call("read_note", id=7))) == "read_note {}"
    assert not place.calls("delete_note")
    assert not place.calls("secret_note")
    assert all(isinstance(message, dict) for message in place.reached)
    assert [body["decision"] for body in place.records("call.refused")] == ["deny", "hide"]


@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25", None])
def test_on_stdio_no_other_version_has_them(place: Place, version: str | None) -> None:
    with place.running() as agent:
        if version is not None:
            greeted(agent, version)
        agent.say([call("read_note")])
        assert agent.hear()["error"]["code"] == -32600
    assert place.calls() == []


def test_on_stdio_one_bad_member_stops_all(place: Place) -> None:
    twice = [call("read_note"), call("read_note")]
    for batch in ([call("read_note"), 1], twice, [], [[call("read_note")]], [modern(call("read_note"))]):
        with place.running() as agent:
            greeted(agent)
            agent.say(batch)
            assert agent.hear()["error"]["code"] == -32600, batch
    assert place.calls() == []


def test_on_stdio_an_id_in_flight_is_in_no_batch_and_a_member_can_be_cancelled(place: Place) -> None:
    with place.running() as agent:
        greeted(agent)
        agent.say([call("wait", id=1), call("read_note", id=2)])
        until(lambda: place.calls("wait"))
        agent.say([call("read_note", id=1), call("read_note", id=3)])
        assert agent.hear()["error"]["code"] == -32600
        agent.say(notification("notifications/cancelled", {"requestId": 1}))
        assert [one["id"] for one in agent.hear()] == [2]
    assert len(place.calls("read_note")) == 1
