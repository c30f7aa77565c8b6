"""What a decision obliges the gate to do, seen from outside: results redacted, arguments recorded as policy says."""

from __future__ import annotations

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
