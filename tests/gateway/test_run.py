"""`ostiary run` as a client starts it: what the agent reads, how it ends, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest

from tests.gateway.agent import call, modern, notification, request, words
from tests.gateway.place import Place, are_gone, until

RULES = """
version: 1
hide: [secret_note]
tools:
  read_note: {}
  delete_note: {action: deny, reason: Notes are kept}
  wait: {}
  die: {}
"""


def test_a_conversation(place: Place) -> None:
    with place.running(place.policy(RULES)) as agent:
        agent.greet()
        assert words(agent.ask(call("read_note", {"id": 1}))) == 'read_note {"id": 1}'
        assert words(agent.ask(call("delete_note"))) == "Policy violation: Notes are kept. Do not retry."
        assert words(agent.ask(call("secret_note"))) == "Unknown tool: secret_note"
        agent.close()
        assert agent.ended() == 0
    assert place.calls("read_note")
    assert not place.calls("delete_note")
    assert not place.calls("secret_note")
    assert place.outcomes() == ["returned"]
    assert [body["decision"] for body in place.records("call.refused")] == ["deny", "hide"]


def test_the_same_without_a_handshake(place: Place) -> None:
    with place.running(place.policy(RULES)) as agent:
        denied = agent.ask(modern(call("delete_note")))
        assert denied["result"]["_meta"]["dev.ostiary/decision"]["rule"] == "/tools/delete_note"
        assert denied["result"]["resultType"] == "complete"
        hidden, missing = agent.ask(modern(call("secret_note"))), agent.ask(modern(call("no_such_note")))
    assert hidden["result"]["content"][0]["text"] == "Unknown tool: secret_note"
    assert missing["result"]["content"][0]["text"].startswith("Policy violation: `no_such_note` is not permitted")


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_a_hidden_tool_is_answered_exactly_like_a_missing_one(place: Place, era: str) -> None:
    with place.running(place.policy("version: 1\ndefault: allow\nhide: [secret_note]\n")) as agent:
        agent.greet()
        shape = modern if era == "modern" else dict
        hidden, missing = agent.ask(shape(call("secret_note"))), agent.ask(shape(call("missing_note")))
    assert hidden == {**missing, "result": {**missing["result"], **hidden["result"]}}
    assert words(hidden).replace("secret", "missing") == words(missing)
    assert not place.calls("secret_note")


def test_hidden_tools_are_on_no_page_of_the_list(place: Place) -> None:
    with place.running(
        place.policy("version: 1\ndefault: allow\nhide: [secret_note, read_note, delete_note]\n")
    ) as agent:
        agent.greet()
        names, cursor = [], dict[str, str]()
        for _ in range(3):
            page = agent.ask(request("tools/list", cursor))["result"]
            names.append([tool["name"] for tool in page["tools"]])
            cursor = {"cursor": page.get("nextCursor")}
    assert names == [[], ["wait"], ["die"]]


REFUSED = [
    (b"{", -32700),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping"}{}', -32700),
    (b"\xff\xfe{}", -32700),
    (b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"ping"}', -32700),
    (b"[]", -32600),
    (b'[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait"}}]', -32600),
    (b"null", -32600),
    (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
    (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
    (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping"}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","\\u006eame":"read_note"}}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"Method":"ping"}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":[1]}}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{"a":NaN}}}', -32700),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{"a":1e999999999}}}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{"a":"\\ud800"}}}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":' + b"[" * 100_000, -32600),
    (b'{"jsonrpc":"2.0","method":"tools/call","params":{"name":"read_note"}}', -32600),
    (b'{"jsonrpc":"2.0","method":"resources/read","params":{"uri":"a:b"}}', -32600),
    (b'{"jsonrpc":"2.0","id":1}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"result":{},"error":{}}', -32600),
]  # fmt: skip


def test_what_can_be_read_in_two_ways_is_refused_and_the_next_message_is_heard(place: Place) -> None:
    with place.running() as agent:
        answers = []
        for line, _ in REFUSED:
            agent.write(line + b"\n")
            answers.append(agent.hear())
        assert words(agent.ask(call("read_note"))) == "read_note {}"
    assert [answer["error"]["code"] for answer in answers] == [code for _, code in REFUSED]
    assert len(place.calls()) == 1


def test_a_message_too_large_is_refused_and_skipped(place: Place) -> None:
    with place.running() as agent:
        agent.say(call("read_note", {"text": "x" * 5_000_000}))
        assert "4194304 bytes" in agent.hear()["error"]["message"]
        assert words(agent.ask(call("read_note"))) == "read_note {}"
    assert len(place.calls()) == 1


def test_an_id_in_flight_cannot_be_used_twice(place: Place) -> None:
    with place.running() as agent:
        agent.say(call("wait", id=7))
        assert agent.ask(call("read_note", id=7))["error"]["code"] == -32600
        assert agent.ask(call("read_note", id="7"))["id"] == "7"
    assert len(place.calls("read_note")) == 1


def test_the_agent_may_leave_with_calls_in_flight(place: Place) -> None:
    with place.running() as agent:
        agent.say(call("read_note", id=1))
        agent.say(call("wait", id=2))
        agent.close()
        assert words(agent.hear()) == "read_note {}"
        assert agent.ended() == 0
    assert sorted(place.outcomes()) == ["returned", "unknown"]


def test_a_cancelled_call_is_cancelled_upstream_and_its_outcome_unknown(place: Place) -> None:
    with place.running() as agent:
        agent.greet()
        agent.say(call("wait", id=2))
        until(lambda: place.calls("wait"))
        agent.say(notification("notifications/cancelled", {"requestId": 2}))
        assert words(agent.ask(call("read_note", id=3))) == "read_note {}"
    assert [m["params"] for m in place.reached if m["method"] == "notifications/cancelled"] == [{"requestId": 2}]
    assert place.outcomes() == ["unknown", "returned"]


def test_the_servers_exit_status_is_passed_on_and_its_last_call_answered(place: Place) -> None:
    with place.running() as agent:
        agent.greet()
        assert "`python" in words(agent.ask(call("die")))
        assert agent.ended() == 7
    assert "the desk has fallen over" in place.said
    assert "ended with status 7" in place.said
    assert place.outcomes() == ["unknown"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_no_signal_leaves_anybody_behind(place: Place, number: signal.Signals) -> None:
    with place.running() as agent:
        pids = agent.ask(request("pids", {"offspring": number in (signal.SIGTERM, signal.SIGKILL)}))["result"]["pids"]
        agent.say(call("wait", id=2))
        until(lambda: place.calls("wait"))
        agent.process.send_signal(number)
        status = agent.ended()
    assert status == (-9 if number == signal.SIGKILL else 128 + number)
    until(lambda: are_gone(pids))
    assert place.outcomes() == ([] if number == signal.SIGKILL else ["unknown"])


def test_a_terminal_as_standard_input_does_not_keep_it_from_ending(place: Place) -> None:
    ours, its = os.openpty()
    with place.running(None, stdin=its, stdout=subprocess.DEVNULL) as agent:
        os.close(its)
        os.write(ours, json.dumps(call("wait")).encode() + b"\n")
        until(lambda: place.calls("wait"))
        agent.process.send_signal(signal.SIGINT)
        assert agent.ended() == 130
    os.close(ours)
