"""Calls that are answered with a task: of 2025-11-25, and of the extension."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.enforcement.replies import JSON_BODY
from ostiary.errors import StoreError
from ostiary.ports import KeptTask, Reply
from ostiary.stores.memory_tasks import MemoryTasks
from ostiary.wire import answers
from ostiary.wire.era import Era
from tests.conversation.fakes import Talk, result

POLICY = "default: allow\ntools:\n  wipe: {action: deny}\n"
CONTENT = {"content": [{"type": "text", "text": "done"}]}


def serves(talk: Talk, **answers: Any) -> None:
    for name, what in answers.items():

        async def answer(sent: Any, what: Any = what) -> Reply:
            return result(sent, what)

        talk.upstream.answers[name.replace("_", "/")] = answer


def message(method: str, **params: Any) -> Any:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def keeps_one_task(talk: Talk, method: str) -> None:
    """The server has the task `t1`, and names what it is asked for where it has no such task."""

    async def answer(sent: Any) -> Reply:
        id = sent["params"].get("taskId")
        if id == "t1":
            return result(sent, {"status": "working"})
        return Reply(200, JSON_BODY, answers.error(sent["id"], -32602, f"no task {id}"))

    talk.upstream.answers[method] = answer


async def legacy_task(talk: Talk, id: str = "t1", principal: str = "ann") -> Any:
    serves(talk, work={"task": {"taskId": id, "status": "working"}})
    return await talk.say(message("tools/call", name="work", arguments={}, task={"ttl": 1}), principal)


async def modern_task(talk: Talk) -> Any:
    serves(talk, work={"resultType": "task", "taskId": "t1", "status": "working"})
    return await talk.say(message("tools/call", name="work", arguments={}), era=Era.MODERN)


@pytest.mark.parametrize("method", ["tasks/get", "tasks/result", "tasks/cancel", "tasks/update"])
async def test_a_task_is_reached_by_whoever_asked_for_it_and_by_nobody_else(method: str) -> None:
    talk = Talk(POLICY)
    await legacy_task(talk)
    keeps_one_task(talk, method)
    assert "result" in await talk.say(message(method, taskId="t1"))
    talk.upstream.saw.clear()
    for principal, id in (("bob", "t1"), ("ann", "t2")):
        error = (await talk.say(message(method, taskId=id), principal))["error"]
        assert error == {"code": -32602, "message": f"no task {id}"}
    for params in ({}, {"taskId": 1}):
        assert (await talk.say(message(method, **params)))["error"]["code"] == -32602
    assert "t1" not in str(talk.upstream.saw)
    assert "t2" not in str(talk.upstream.saw)


async def test_a_list_shows_the_agents_own_tasks_in_order_and_as_they_are() -> None:
    talk = Talk(POLICY)
    for id, principal in (("t1", "ann"), ("t2", "bob"), ("t3", "ann")):
        await legacy_task(talk, id, principal)
    tasks = [{"taskId": id, "more": {"x": 1.50}} for id in ("t3", "t2", "t1", "t9")]
    serves(talk, tasks_list={"tasks": tasks, "nextCursor": "c"})
    answer = (await talk.say(message("tasks/list")))["result"]
    assert [task["taskId"] for task in answer["tasks"]] == ["t3", "t1"]
    assert answer["nextCursor"] == "c"


async def test_the_outcome_is_recorded_once_when_it_is_fetched() -> None:
    talk = Talk(POLICY)
    await legacy_task(talk)
    serves(talk, tasks_result={**CONTENT, "isError": True})
    for _ in range(2):
        await talk.say(message("tasks/result", taskId="t1"))
    assert [body for kind, body in talk.ledger.said if kind == "task.outcome"] == [
        {"call": "c_0", "task": "t1", "outcome": "failed"}
    ]
    assert talk.ledger.last("call.outcome")["task"] == "t1"


@pytest.mark.parametrize(
    ("detail", "outcome"),
    [
        ({"status": "working"}, None),
        ({"status": "completed", "result": CONTENT}, "returned"),
        ({"status": "completed", "result": {**CONTENT, "isError": True}}, "failed"),
        ({"status": "failed", "error": {"code": 1, "message": "no"}}, "failed"),
    ],
)
async def test_the_extension_has_its_outcome_in_the_task(detail: Any, outcome: str | None) -> None:
    talk = Talk(POLICY)
    assert (await modern_task(talk))["result"]["taskId"] == "t1"
    serves(talk, tasks_get={"resultType": "complete", "taskId": "t1", **detail})
    await talk.say(message("tasks/get", taskId="t1"), era=Era.MODERN)
    assert [body["outcome"] for kind, body in talk.ledger.said if kind == "task.outcome"] == [outcome] * bool(outcome)


async def test_a_call_for_a_task_is_judged_like_any_other() -> None:
    talk = Talk(POLICY)
    answer = await talk.say(message("tools/call", name="wipe", arguments={}, task={}))
    assert answer["result"]["isError"] is True
    assert talk.upstream.saw == []


async def test_nobody_takes_a_task_over() -> None:
    talk = Talk(POLICY)
    await legacy_task(talk)
    await legacy_task(talk, principal="bob")
    keeps_one_task(talk, "tasks/get")
    assert (await talk.say(message("tasks/get", taskId="t1"), "bob"))["error"]["code"] == -32602


async def test_nobody_hears_of_another_agents_task() -> None:
    talk = Talk(POLICY)
    await legacy_task(talk)
    listen = message("subscriptions/listen", notifications={"taskIds": ["t1"]})
    assert "result" in await talk.say(listen, "ann", Era.MODERN)
    assert (await talk.say(listen, "bob", Era.MODERN))["error"]["code"] == -32602


@pytest.mark.parametrize("answer", [{"tasks": 1}, {"tasks": [1]}, {"tasks": {}}])
async def test_a_list_that_is_none_is_not_passed_on(answer: Any) -> None:
    talk = Talk(POLICY)
    serves(talk, tasks_list=answer)
    said = await talk.say(message("tasks/list"))
    assert "error" in said or said["result"] == {"tasks": []}


async def test_another_gateway_over_the_same_state_knows_whose_task_it_is() -> None:
    first = Talk(POLICY)
    await legacy_task(first)
    second = Talk(POLICY, first.tasks)
    keeps_one_task(second, "tasks/get")
    assert "result" in await second.say(message("tasks/get", taskId="t1"))
    assert (await second.say(message("tasks/get", taskId="t1"), "bob"))["error"]["code"] == -32602
    for talk in (second, first):
        serves(talk, tasks_result=CONTENT)
        await talk.say(message("tasks/result", taskId="t1"))
    assert [len([kind for kind in talk.ledger.kinds if kind == "task.outcome"]) for talk in (second, first)] == [1, 0]


@pytest.mark.parametrize(
    ("ttl", "seconds"), [(5, 3600), (7_200_000, 7200), (None, 30 * 86400), ("x", 30 * 86400), (10**18, 30 * 86400)]
)
async def test_whose_it_is_is_known_as_long_as_the_server_keeps_it_within_bounds(ttl: Any, seconds: int) -> None:
    for kind in ("legacy", "modern"):
        talk = Talk(POLICY)
        if kind == "legacy":
            serves(talk, work={"task": {"taskId": "t1", "status": "working", "ttl": ttl}})
            await talk.say(message("tools/call", name="work", arguments={}, task={"ttl": 1}))
        else:
            serves(talk, work={"resultType": "task", "taskId": "t1", "status": "working", "ttlMs": ttl})
            await talk.say(message("tools/call", name="work", arguments={}), era=Era.MODERN)
        keeps_one_task(talk, "tasks/get")
        talk.clock.advance(seconds - 1)
        assert "result" in await talk.say(message("tasks/get", taskId="t1"))
        talk.clock.advance(1)
        assert (await talk.say(message("tasks/get", taskId="t1")))["error"]["code"] == -32602


class Broken(MemoryTasks):
    trouble = False

    def find(self, server: str, id: str, now: int) -> KeptTask | None:
        if self.trouble:
            raise StoreError("no disk")
        return super().find(server, id, now)


async def test_what_cannot_be_looked_up_is_refused() -> None:
    tasks = Broken()
    talk = Talk(POLICY, tasks)
    await legacy_task(talk)
    keeps_one_task(talk, "tasks/get")
    serves(talk, tasks_list={"tasks": [{"taskId": "t1"}]})
    tasks.trouble = True
    talk.upstream.saw.clear()
    assert (await talk.say(message("tasks/get", taskId="t1")))["error"]["code"] == -32603
    assert talk.upstream.saw == []
    assert (await talk.say(message("tasks/list")))["error"]["code"] == -32603
    assert "task" in (await legacy_task(talk, "t2"))["result"]
    tasks.trouble = False
    keeps_one_task(talk, "tasks/get")
    assert (await talk.say(message("tasks/get", taskId="t2")))["error"]["code"] == -32602
