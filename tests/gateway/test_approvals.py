"""Held calls, from outside: over HTTP in both eras and over stdio, with agents and gateways that go away."""

from __future__ import annotations

import json
import signal
import threading
from typing import Any

import pytest

from tests.gateway.agent import (
    INITIALIZE,
    JSON,
    PATIENCE,
    HttpAgent,
    Lines,
    call,
    describing,
    modern,
    notification,
    request,
    words,
)
from tests.gateway.approving import (
    ID,
    POLICY,
    Person,
    approving,
    asked,
    decision,
    delete,
    kinds,
    questions,
    rest,
    waiting,
)
from tests.gateway.place import Place, until


def ask(agent: HttpAgent, session: Lines | None, message: dict[str, Any]) -> Any:
    return (agent.ask(message) if session is None else agent.post(message, session)).message


@pytest.fixture(params=["modern", "legacy"])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def session_of(agent: HttpAgent, era: str) -> Lines | None:
    return agent.session() if era == "legacy" else None


def test_a_held_call_goes_through_once_a_person_says_yes(place: Place, era: str) -> None:
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        session = session_of(agent, era)
        with waiting(agent, delete(), session) as response:
            id = asked(place)
            assert place.calls("delete_note") == []
            ann.approves(id)
            assert words(rest(response)) == 'delete_note {"n": 1}'
        assert len(place.calls("delete_note")) == 1
    assert kinds(place) == ["asked", "shown", "approved", "granted", "redeemed", "used_up"]
    (intent,) = place.records("call.intent")
    assert intent["approval"] == id
    assert intent["arguments"]["digest"] == place.records("approval.asked")[0]["bound"]["arguments"]


def test_an_agent_that_was_told_to_wait_redeems_with_the_same_call(place: Place, era: str) -> None:
    with approving(place) as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        session = session_of(agent, era)
        answer = ask(agent, session, delete())
        id = asked(place)
        assert words(answer) == (
            f"Policy violation: Notes are for keeps. Waiting for approval {id}; call again with the same arguments."
        )
        assert decision(answer) == {
            "decision": "require_approval",
            "rule": "/tools/delete_note",
            "reason": "Notes are for keeps",
            "retryable": True,
            "approvalId": id,
        }
        ann.approves(id)
        assert "Waiting for approval" in words(ask(agent, session, delete(2))), "other arguments are another question"
        assert place.calls("delete_note") == []
        assert words(ask(agent, session, delete(id=7))) == 'delete_note {"n": 1}'
        assert "Waiting for approval" in words(ask(agent, session, delete())), "it was for one use"
    assert len(place.calls("delete_note")) == 1


def test_a_no_ends_the_wait_and_holds_for_a_while(place: Place, era: str) -> None:
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        session = session_of(agent, era)
        with waiting(agent, delete(), session) as response:
            ann.refuses(id := asked(place), "--note", "not on a Friday")
            answer = rest(response)
        assert words(answer) == (
            f"Policy violation: operator:ann refused it: not on a Friday (approval {id}). Do not retry."
        )
        assert decision(answer)["retryable"] is False
        assert words(ask(agent, session, delete())) == words(answer), "and nobody is asked again"
    assert place.calls("delete_note") == []
    assert kinds(place) == ["asked", "refused"]


def test_progress_is_told_while_a_call_is_held(place: Place) -> None:
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        message = delete()
        message["params"]["_meta"] = {"progressToken": "t1"}
        with waiting(agent, message, agent.session()) as response:
            first = response.readline() + response.readline()
            id = asked(place)
            assert b'"method":"notifications/progress"' in first
            assert b'"progressToken":"t1"' in first
            assert f"Waiting for approval {id}".encode() in first
            ann.approves(id)
            assert words(rest(response)) == 'delete_note {"n": 1}'


def test_nothing_is_sent_for_an_agent_that_has_gone_and_its_leave_is_there_when_it_returns(
    place: Place, era: str
) -> None:
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        session = session_of(agent, era)
        with waiting(agent, delete(), session):
            id = asked(place)
        ann.approves(id)
        assert words(ask(agent, session, call("read_note"))) == "read_note {}"
        assert place.calls("delete_note") == []
        assert words(ask(agent, session, delete())) == 'delete_note {"n": 1}'
    assert len(place.calls("delete_note")) == 1


def test_a_cancelled_call_is_held_no_longer(place: Place) -> None:
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        session = agent.session()
        with waiting(agent, delete(id=5), session) as response:
            id = asked(place)
            agent.post(notification("notifications/cancelled", {"requestId": 5}), session)
            assert response.read() == b""
        ann.approves(id)
        assert words(ask(agent, session, call("read_note"))) == "read_note {}"
    assert place.calls("delete_note") == []
    assert [message for message in place.reached if message.get("method") == "notifications/cancelled"] == []


def test_a_gateway_that_is_killed_while_calls_wait_lets_them_pass_when_it_is_back(place: Place) -> None:
    token, ann = place.token(), Person(place)
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        agent = gateway.agent(token=token)
        with waiting(agent, delete()):
            id = asked(place)
            gateway.stop(signal.SIGKILL)
    ann.approves(id)
    with approving(place) as gateway:
        assert words(gateway.agent(token=token).ask(delete()).message) == 'delete_note {"n": 1}'
    assert len(place.calls("delete_note")) == 1


def test_what_was_approved_elsewhere_releases_the_call_held_here(place: Place) -> None:
    token, ann = place.token(), Person(place)
    with approving(place, hold=f"{PATIENCE}s") as one, approving(place, hold=f"{PATIENCE}s") as two:
        with waiting(one.agent(token=token), delete()) as first, waiting(two.agent(token=token), delete()) as second:
            id = asked(place)
            ann.approves(id)
            answers = [words(rest(first)), words(rest(second))]
        assert questions(place) == [id], "two gateways, one question"
    assert 'delete_note {"n": 1}' in answers
    assert sum("it is used up" in answer for answer in answers) == 1
    assert len(place.calls("delete_note")) == 1


def test_a_hundred_identical_calls_ask_once_and_are_sent_once(place: Place) -> None:
    answers: list[Any] = []
    are_held = threading.Barrier(101, timeout=PATIENCE)
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)

        def run(number: int) -> None:
            with waiting(agent, delete(id=number)) as response:
                are_held.wait()
                answers.append(rest(response))

        threads = [threading.Thread(target=run, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        are_held.wait()
        id = asked(place)
        ann.approves(id)
        for thread in threads:
            thread.join(PATIENCE)
    assert len(place.calls("delete_note")) == 1
    assert questions(place) == [id]
    assert [words(answer) for answer in answers].count('delete_note {"n": 1}') == 1
    assert sum("it is used up" in words(answer) for answer in answers) == 99


def test_a_pattern_lets_other_arguments_pass_as_often_as_it_says(place: Place) -> None:
    with approving(place) as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        agent.ask(delete())
        ann.approves(asked(place), "--uses", "2", "--for", "1h", "--where", "args.n < 5")
        assert words(agent.ask(delete(2)).message) == 'delete_note {"n": 2}'
        assert "Waiting" in words(agent.ask(delete(7)).message)
        assert words(agent.ask(delete(3)).message) == 'delete_note {"n": 3}'
        assert "Waiting" in words(agent.ask(delete(4)).message)
    (leave,) = place.records("approval.granted")
    assert (leave["uses"], leave["where"]) == (2, ["args.n < 5"])


def test_policy_is_asked_again_before_anything_is_sent(place: Place) -> None:
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        with waiting(agent, delete()) as response:
            id = asked(place)
            place.policy(POLICY.replace("action: require_approval", "action: deny").replace("    approval:", "#"))
            until(lambda: len(place.records("policy.loaded")) == 2)
            ann.approves(id)
            assert words(rest(response)) == "Policy violation: Notes are for keeps. Do not retry."
        with waiting(agent, call("read_note")) as response:
            assert words(rest(response)) == "read_note {}"
    assert place.calls("delete_note") == []


def test_a_leave_is_for_the_policy_and_the_grant_it_was_given_under(place: Place) -> None:
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        token, ann = place.token(), Person(place)
        agent, other = gateway.agent(token=token), gateway.agent(token=place.token(name="bob"))
        with waiting(agent, delete()) as response, waiting(agent, delete(2)) as second:
            until(lambda: len(questions(place)) == 2)
            place.policy(POLICY + "  other: {}\n")
            until(lambda: len(place.records("policy.loaded")) == 2)
            ann.approves(questions(place)[0])
            answers = words(rest(response))
            assert "the policy has changed since it was asked" in answers
            place.grants(lambda grants, now: grants.revoke("ann", now))
            ann.approves(questions(place)[1])
            assert "no policy applies here" in words(rest(second))
        assert other.ask(call("read_note")).status == 200
    assert place.calls("delete_note") == []


def test_a_tool_that_is_defined_anew_after_it_was_approved_is_not_what_was_approved(place: Place) -> None:
    with approving(place, hold=f"{PATIENCE}s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        with waiting(agent, delete()) as response:
            id = asked(place)
            (place.path / "redefined").touch()
            ann.approves(id)
            assert "the tool's definition has changed since it was asked" in words(rest(response))
    assert place.calls("delete_note") == []


def test_the_rounds_of_an_approved_call_are_not_asked_about_again(place: Place) -> None:
    with approving(place, POLICY.replace("delete_note", "ask_note")) as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        assert "Waiting" in words(agent.ask(call("ask_note")).message)
        ann.approves(asked(place))
        first = agent.ask(call("ask_note")).message["result"]
        assert first["resultType"] == "input_required"
        more = {"requestState": first["requestState"], "inputResponses": {"q": {"roots": []}}}
        again = call("ask_note")
        answer = agent.ask({**again, "params": {**again["params"], **more}}).message
        assert words(answer) == "Unknown tool: ask_note", "the desk's own answer"
        other = call("ask_note", {"n": 2})
        assert agent.ask({**other, "params": {**other["params"], **more}}).message["error"]["code"] == -32602
        assert "Waiting" in words(agent.ask({**again, "params": {**again["params"], **more}}).message), "once"
    assert len(place.calls("ask_note")) == 2
    assert place.calls("ask_note")[1]["params"]["requestState"] == "own"


LIMITED = POLICY.replace("    approval:", "    rate_limit: 1/hour\n    approval:")


def test_limits_are_taken_with_the_question_and_given_back_with_a_no(place: Place) -> None:
    with approving(place, LIMITED) as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        agent.ask(delete())
        first = asked(place)
        assert "Retry after" in words(agent.ask(delete(2)).message), "the question has taken the only place"
        ann.refuses(first)
        assert "Waiting" in words(agent.ask(delete(3)).message)
        ann.approves(asked(place, 2))
        assert words(agent.ask(delete(3)).message) == 'delete_note {"n": 3}'
        assert "Retry after" in words(agent.ask(delete(4)).message)


def test_what_is_approved_but_over_its_limit_is_told_when_to_come_back(place: Place) -> None:
    with approving(place, LIMITED) as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        agent.ask(delete())
        ann.approves(asked(place), "--uses", "5", "--where", "args.n < 5")
        assert words(agent.ask(delete()).message) == 'delete_note {"n": 1}'
        over = agent.ask(delete(2)).message
        assert "Waiting" not in words(over)
        assert "Retry after" in words(over)
        assert decision(over)["retryAfterMs"] > 0
        assert "approvalId" not in decision(over)
    assert kinds(place).count("redeemed") == 1


def test_an_agent_that_asks_too_much_is_refused_plainly(place: Place) -> None:
    with approving(place, approvals={"questions_per_hour": 2}) as gateway:
        agent = gateway.agent(token=place.token())
        for n in range(2):
            assert "Waiting" in words(agent.ask(delete(n)).message)
        answer = agent.ask(delete(2)).message
        assert "this agent has asked 2 questions within the hour" in words(answer)
        assert words(answer).endswith("Do not retry.")
        assert words(agent.ask(call("read_note")).message) == "read_note {}"
    assert len(questions(place)) == 2


def test_over_stdio(place: Place) -> None:
    ann = Person(place)
    with place.running(place.policy(POLICY)) as agent:
        agent.greet()
        agent.say(delete(id=3))
        id = asked(place)
        assert words(agent.ask(call("read_note", id=4))) == "read_note {}", "others need not wait"
        code, _, error = place.told("approvals", "approve", id, "--state", str(place.state))
        assert code == 2
        assert "made this call: somebody else has to answer" in error
        ann.approves(id)
        assert words(agent.hear()) == 'delete_note {"n": 1}'
        agent.say(modern(delete(8, id=5)))
        second = asked(place, 2)
        agent.say(notification("notifications/cancelled", {"requestId": 5}))
        ann.approves(second)
        assert words(agent.ask(call("read_note", id=6))) == "read_note {}"
    assert len(place.calls("delete_note")) == 1
    assert ID.fullmatch(id)


def test_an_agent_on_stdio_that_ends_while_its_call_waits(place: Place) -> None:
    ann, policy = Person(place), place.policy(POLICY)
    with place.running(policy) as agent:
        agent.greet()
        agent.say(delete())
        id = asked(place)
        agent.close()
        agent.ended()
    ann.approves(id)
    assert place.calls("delete_note") == []
    with place.running(policy) as agent:
        agent.greet()
        assert words(agent.ask(delete())) == 'delete_note {"n": 1}'


CLIENT = POLICY.replace("{timeout: 5m}", "{timeout: 5m, assurance: client}")


def declaring(message: dict[str, Any], elicitation: Any, **more: Any) -> dict[str, Any]:
    """A stateless call of a client that can ask its person."""
    sent = modern(message)
    key = "io.modelcontextprotocol/clientCapabilities"
    meta = {**sent["params"]["_meta"], key: {"elicitation": elicitation}}
    return {**sent, "params": {**sent["params"], "_meta": meta, **more}}


def say(agent: HttpAgent, message: dict[str, Any]) -> Any:
    return agent.post(message, describing(message)).message


def test_the_person_at_the_client_answers_a_form_where_policy_accepts_that(place: Place) -> None:
    with approving(place, CLIENT) as gateway:
        agent = gateway.agent(token=place.token())
        first = say(agent, declaring(delete(), {}))["result"]
        assert first["resultType"] == "input_required"
        form = first["inputRequests"]["approval"]["params"]
        assert form["mode"] == "form"
        assert '"n": 1' in form["message"]
        back = {"requestState": first["requestState"], "inputResponses": answered({"approve": True})}
        for wrong in (
            declaring(delete(2), {}, **back),
            declaring(delete(), {}, **{**back, "requestState": first["requestState"][:-1] + "x"}),
            declaring(delete(), {}, **{**back, "requestState": "ostiary-approval.x"}),
        ):
            assert say(agent, wrong)["error"]["code"] == -32602
        assert place.calls("delete_note") == []
        assert words(say(agent, declaring(delete(), {}, **back))) == 'delete_note {"n": 1}'
        assert "it is used up" in words(say(agent, declaring(delete(), {}, **back))), "the state is good for one answer"
        (sent,) = place.calls("delete_note")
        assert not {"requestState", "inputResponses"} & set(sent["params"])
    (approved,) = place.records("approval.approved")
    assert approved["via"] == "client"


def answered(content: Any, action: str = "accept") -> dict[str, Any]:
    return {"approval": {"action": action, "content": content}}


@pytest.mark.parametrize(
    ("responses", "said"),
    [
        (answered({"approve": False}), "refused it"),
        (answered({"approve": "yes"}), "refused it"),
        (answered({}, "decline"), "refused it"),
        (answered({"approve": True}, "cancel"), "Waiting for approval"),
        ({}, "Waiting for approval"),
        ({"approval": 7}, "Waiting for approval"),
    ],
)
def test_anything_but_a_yes_in_the_form_is_none(place: Place, responses: Any, said: str) -> None:
    with approving(place, CLIENT) as gateway:
        agent = gateway.agent(token=place.token())
        state = say(agent, declaring(delete(), {"form": {}}))["result"]["requestState"]
        back = declaring(delete(), {"form": {}}, requestState=state, inputResponses=responses)
        assert said in words(say(agent, back))
    assert place.calls("delete_note") == []


def test_the_client_is_led_to_a_page_and_its_own_yes_counts_for_nothing(place: Place) -> None:
    with approving(place, approvals={"url": "https://gate.example.com"}) as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        message = declaring(delete(), {"url": {}})
        with agent.opened("POST", json.dumps(message).encode(), (JSON, *describing(message))) as response:
            first = rest(response)["result"]
        id = asked(place)
        params = first["inputRequests"]["approval"]["params"]
        assert (params["mode"], params["url"]) == ("url", f"https://gate.example.com/approvals/{id}")
        back = {"requestState": first["requestState"], "inputResponses": answered({"approve": True})}
        assert "Waiting for approval" in words(say(agent, declaring(delete(), {"url": {}}, **back)))
        ann.approves(id)
        assert words(say(agent, declaring(delete(), {"url": {}}, **back))) == 'delete_note {"n": 1}'
    assert len(place.calls("delete_note")) == 1


@pytest.mark.parametrize("yes", [True, False])
def test_the_older_wire_asks_on_the_stream_of_the_call(place: Place, yes: bool) -> None:
    with approving(place, CLIENT, hold=f"{PATIENCE}s") as gateway:
        agent = gateway.agent(token=place.token())
        hello = {**INITIALIZE, "capabilities": {"elicitation": {}}}
        opened = agent.post(request("initialize", hello))
        session = (("Mcp-Session-Id", opened.headers["mcp-session-id"]), ("MCP-Protocol-Version", "2025-11-25"))
        agent.post(notification("notifications/initialized"), session)
        with waiting(agent, delete(), session) as response:
            question = json.loads(response.readline().removeprefix(b"data: "))
            assert question["method"] == "elicitation/create"
            assert question["params"]["requestedSchema"]["required"] == ["approve"]
            stranger = gateway.agent(token=place.token(name="eve"))
            reply = {
                "jsonrpc": "2.0",
                "id": question["id"],
                "result": {"action": "accept", "content": {"approve": yes}},
            }
            stranger.post(reply, (("MCP-Protocol-Version", "2025-11-25"),))
            assert kinds(place) == ["asked"]
            assert agent.post(reply, session).status == 202
            answer = words(rest(response))
        assert answer == 'delete_note {"n": 1}' if yes else "refused it" in answer
    assert [message for message in place.reached if "result" in message] == []


TASKS: dict[str, Any] = {"extensions": {"io.modelcontextprotocol/tasks": {}}}


def task(agent: HttpAgent, method: str, id: str) -> Any:
    message = with_capabilities(request(method, {"taskId": id}), TASKS)
    lines = (("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method), ("Mcp-Name", id))
    return agent.post(message, lines).message


def with_capabilities(message: dict[str, Any], capabilities: Any) -> dict[str, Any]:
    sent = modern(message)
    key = "io.modelcontextprotocol/clientCapabilities"
    return {**sent, "params": {**sent["params"], "_meta": {**sent["params"]["_meta"], key: capabilities}}}


def test_a_client_that_declares_tasks_gets_one_and_it_survives_a_restart(place: Place) -> None:
    token, ann = place.token(), Person(place)
    with approving(place) as gateway:
        agent = gateway.agent(token=token)
        created = say(agent, with_capabilities(delete(), TASKS))["result"]
        id = asked(place)
        assert (created["resultType"], created["taskId"], created["status"]) == ("task", id, "working")
        assert task(agent, "tasks/get", id)["result"]["status"] == "working"
        stranger = gateway.agent(token=place.token(name="eve"))
        for wrong in (
            task(stranger, "tasks/get", id),
            task(agent, "tasks/get", "ap_0"),
            task(stranger, "tasks/cancel", id),
        ):
            assert wrong["error"]["code"] == -32602
    ann.approves(id)
    assert place.calls("delete_note") == []
    with approving(place) as gateway:
        agent = gateway.agent(token=token)
        until(lambda: task(agent, "tasks/get", id)["result"]["status"] == "completed", "the task never ended")
        done = task(agent, "tasks/get", id)["result"]
        assert done["result"]["content"][0]["text"] == 'delete_note {"n": 1}'
    assert len(place.calls("delete_note")) == 1


def test_a_refused_task_is_completed_with_the_refusal_and_a_cancelled_one_is_never_sent(place: Place) -> None:
    with approving(place) as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        say(agent, with_capabilities(delete(), TASKS))
        ann.refuses(first := asked(place))
        refused = task(agent, "tasks/get", first)["result"]
        assert refused["status"] == "completed"
        assert refused["result"]["isError"] is True
        assert "operator:ann refused it" in refused["result"]["content"][0]["text"]
        say(agent, with_capabilities(delete(2), TASKS))
        second = asked(place, 2)
        assert "result" in task(agent, "tasks/cancel", second)
        code, _, error = ann.says("approve", second)
        assert code == 2
        assert "revoked it" in error
    assert place.calls("delete_note") == []
