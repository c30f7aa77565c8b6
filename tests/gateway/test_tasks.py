"""Tasks of 2025-11-25 (`params.task`, `tasks/*`) through the gate, over HTTP and on stdio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.gateway.agent import call, request
from tests.gateway.place import Place

Ask = Callable[[dict[str, Any]], Any]
POLICY = "version: 1\ndefault: allow\ntools: {delete_note: {action: deny, reason: Never}}\n"


def lifetime(ask: Ask) -> None:
    """A call for a task, and all that is asked of it; another's task is not there."""
    begun = call("read_note")
    begun["params"]["task"] = {"ttl": 60_000}
    assert ask(begun)["result"] == {"task": {"taskId": "t1", "status": "working", "ttl": 60_000}}
    assert ask(request("tasks/get", {"taskId": "t1"}))["result"]["status"] == "working"
    assert [task["taskId"] for task in ask(request("tasks/list"))["result"]["tasks"]] == ["t1"]
    assert ask(request("tasks/result", {"taskId": "t1"}))["result"]["content"][0]["text"] == "slow_note {}"
    assert ask(request("tasks/cancel", {"taskId": "t1"}))["result"]["status"] == "cancelled"
    for method in ("tasks/get", "tasks/result", "tasks/cancel"):
        error = ask(request(method, {"taskId": "t0"}))["error"]
        assert error == {"code": -32602, "message": "no task t0"}, method
    denied = call("delete_note")
    denied["params"]["task"] = {"ttl": 60_000}
    assert ask(denied)["result"]["isError"] is True


@pytest.mark.parametrize("front", ["http", "stdio"])
def test_a_task_is_its_agents_from_its_call_to_its_end(place: Place, front: str) -> None:
    policy = place.policy(POLICY)
    if front == "stdio":
        with place.running(policy) as agent:
            agent.greet()
            lifetime(agent.ask)
    else:
        with place.serving({"desk": {"command": place.desk, "policy": str(policy)}}) as gateway:
            own = gateway.agent()
            lines = own.session()
            lifetime(lambda message: own.post(message, lines).message)
    assert place.outcomes() == ["returned"]
    assert [body["outcome"] for body in place.records("task.outcome")] == ["returned"]
    assert not place.calls("delete_note")
    assert "t0" not in [message.get("params", {}).get("taskId") for message in place.reached]
