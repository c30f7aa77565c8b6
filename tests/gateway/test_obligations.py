"""What a decision obliges the gate to do, seen from outside: results redacted, arguments recorded as policy says."""

from __future__ import annotations

import sys
from typing import Any

from tests.gateway.agent import call, words
from tests.gateway.place import Place

KEY = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
REDACT = """version: 1
tools:
  read_note: {redact: {result: [secrets, pii]}}
  delete_note: {}
"""
LOG = """version: 1
tools:
  read_note: {log_arguments: [args.id]}
  delete_note: {log_arguments: true}
  secret_note: {}
"""


def test_a_result_is_masked_over_http_and_over_stdio(place: Place) -> None:
    file = place.policy(REDACT, "redact.yaml")
    note = {"text": KEY, "to": "ann@example.com"}
    with place.serving({"desk": {"command": place.desk, "policy": str(file)}}) as gateway:
        agent = gateway.agent()
        masked = words(agent.ask(call("read_note", note)).message)
        assert "[redacted]" in masked
        assert KEY not in masked
        assert "example.com" not in masked
        assert KEY in words(agent.ask(call("delete_note", note)).message)
    with place.running(file) as local:
        local.greet()
        assert words(local.ask(call("read_note", note))) == masked


def test_arguments_are_recorded_as_policy_says(place: Place) -> None:
    with place.running(place.policy(LOG)) as agent:
        agent.greet()
        for name in ("read_note", "delete_note", "secret_note"):
            agent.ask(call(name, {"id": 7, "note": "hello", "password": "hunter2"}))
    told = [body["arguments"] for body in place.records("call.intent")]
    assert [one["keys"] for one in told] == [["id", "note", "password"]] * 3
    assert [one.get("values") for one in told] == [
        {"args.id": 7},
        {"id": 7, "note": "hello", "password": "[redacted]"},
        None,
    ]


SHADOW = """version: 1
tools:
  read_note:
    - {}
    - {mode: shadow, rate_limit: 1/hour}
"""
BUDGET = """version: 1
tools:
  buy: {budget: {amount: args.most, max: 10, window: day, settle: result.structuredContent.charged}}
"""
SHOP = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("method") == "initialize":
        told = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "shop", "version": "1"}}
    elif "id" in asked and asked.get("method") == "tools/list":
        told = {"tools": [{"name": "buy", "inputSchema": {"type": "object"}}]}
    elif "id" in asked:
        told = {"content": [], "structuredContent": {"charged": 1}}
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": told}), flush=True)
"""


def test_a_limit_in_shadow_mode_is_counted_and_denies_nothing(place: Place) -> None:
    with place.running(place.policy(SHADOW)) as agent:
        agent.greet()
        assert [words(agent.ask(call("read_note"))) for _ in range(2)] == ["read_note {}"] * 2
    assert [body.get("would") for body in place.records("call.intent")] == [None, "deny"]


def test_a_budget_is_settled_with_what_the_result_says(place: Place) -> None:
    with place.running(place.policy(BUDGET), "--", sys.executable, "-c", SHOP) as agent:
        agent.greet()
        answers: list[Any] = [agent.ask(call("buy", {"most": 8})) for _ in range(4)]
    assert [answer["result"].get("isError", False) for answer in answers] == [False, False, False, True]
    assert words(answers[3]).startswith("Policy violation: the budget of 10 per day does not cover this call")


CLASSES = """version: 1
default: allow
hide: ["class:destructive"]
"""


def test_classes_are_those_of_the_definitions(place: Place) -> None:
    with place.running(place.policy(CLASSES)) as agent:
        agent.greet()
        assert words(agent.ask(call("delete_note"))) == "Unknown tool: delete_note"
        assert words(agent.ask(call("read_note"))) == "read_note {}"
    (hidden,) = place.records("call.refused")
    assert (hidden["tool"], hidden["decision"], hidden["rule"]) == ("delete_note", "hide", "/hide/0")
