"""The state directory fails: a call that cannot be recorded or counted is not sent, and it heals by itself."""

from __future__ import annotations

import os
import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.gateway.agent import call, request, words
from tests.gateway.place import Place, until

LIMITED = "version: 1\ntools: {read_note: {rate_limit: 1000/hour}, wait: {}}\n"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux lets one process set another's limits")
@pytest.mark.parametrize("policy", [LIMITED, "version: 1\ndefault: allow\n"])
def test_a_full_disk(place: Place, policy: str) -> None:
    with place.running(place.policy(policy)) as agent:
        agent.greet()
        assert words(agent.ask(call("read_note"))) == "read_note {}"
        fill(agent.process.pid, place.state / "ostiary.db-wal")
        refused = words(agent.ask(call("read_note")))
        assert refused.startswith("Policy violation: ")
        assert "cannot be used" in refused
        assert len(place.calls()) == 1
        resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert words(agent.ask(call("read_note"))) == "read_note {}"
    assert place.outcomes() == ["returned", "returned"]
    assert "cannot be written" in place.said
    assert "can be written again" in place.said


def fill(pid: int, file: Path) -> None:
    """The process cannot make this file grow."""
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (file.stat().st_size, most))


def test_a_database_that_somebody_else_holds(place: Place) -> None:
    servers = {"desk": {"command": place.desk, "policy": str(place.policy(LIMITED))}}
    with place.serving(servers) as gateway:
        agent = gateway.agent(token=place.token())
        assert words(agent.ask(call("read_note")).message) == "read_note {}"
        with closing(sqlite3.connect(place.state / "ostiary.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert "its limits could not be counted" in words(agent.ask(call("read_note")).message)
            other.execute("ROLLBACK")
        assert words(agent.ask(call("read_note")).message) == "read_note {}"
    assert len(place.calls()) == 2


def test_limits_and_the_ledger_outlive_the_gateway(place: Place) -> None:
    policy = place.policy("version: 1\ntools: {read_note: {rate_limit: 2/hour}}\n")
    said = []
    for _ in range(3):
        with place.running(policy) as agent:
            said.append(words(agent.ask(call("read_note"))))
    assert said[:2] == ["read_note {}"] * 2
    assert said[2].startswith("Policy violation: the limit of 2 calls per hour is reached. Retry after")
    assert place.outcomes() == ["returned"] * 2


def test_killed_in_the_middle_of_many_calls(place: Place) -> None:
    with place.running() as agent:
        for number in range(200):
            agent.say(call("read_note", id=number))
        agent.say(call("wait", id="last"))
        until(lambda: len(place.calls()) > 50)
        agent.process.kill()
        agent.ended()
    sent = len(place.calls())
    until(lambda: len(place.calls()) == sent)
    assert len(place.records("call.intent")) >= sent
    with place.running() as agent:
        assert words(agent.ask(call("read_note"))) == "read_note {}"
    assert place.records("gateway.stopped")


def test_nothing_secret_is_on_record_and_nothing_breaks_a_line(place: Place) -> None:
    name = "read\n\u2028ostiary: forged \x1b[31m"
    with place.running() as agent:
        agent.greet()
        agent.ask(call("read_note", {"password": "hunter2-canary", "note": "sesame-canary"}))
        agent.ask(call(name, {"\n\r": 1}))
        agent.ask(call("die"))
    exported = place.told("ledger", "export", "--state", str(place.state))[1]
    shown = place.told("ledger", "tail", "--state", str(place.state))[1]
    whole = exported + shown + place.said + (place.state / "ostiary.db").read_bytes().decode("latin-1")
    assert "canary" not in whole
    assert "\x1b" not in exported + shown + place.said
    assert not [line for line in shown.splitlines() if line.startswith("ostiary: forged")]


def test_a_state_directory_that_cannot_be_used(place: Place) -> None:
    file = place.policy("", "a-file")
    code, _, said = place.told("run", "--policy", str(place.policy(LIMITED)), "--state", str(file), "--", *place.desk)
    assert code == 2
    assert said == f"{file}: cannot be used as state directory: File exists; name one that you may write\n"
    (place.state).mkdir()
    (place.state / "ostiary.db").write_bytes(b"this is no database at all" * 100)
    code, _, said = place.told(
        "run", "--policy", str(place.policy(LIMITED)), "--state", str(place.state), "--", *place.desk
    )
    assert code == 2
    assert said.count("\n") == 1
    assert "file is not a database" in said


def test_the_state_is_its_owners_alone(place: Place) -> None:
    with place.running() as agent:
        agent.greet()
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in place.state.iterdir()}
    assert oct(place.state.stat().st_mode & 0o777) == "0o700"
    assert set(modes.values()) == {"0o600"}, modes
    assert os.getuid() == place.state.stat().st_uid


def test_a_task_stays_its_agents_after_a_restart(place: Place) -> None:
    ann, bob = (place.token(name=name) for name in ("ann", "bob"))
    fetch = request("tasks/get", {"taskId": "t1"})
    named = (("Mcp-Name", "t1"),)
    with place.serving() as gateway:
        assert gateway.agent(token=ann).ask(call("slow_note")).message["result"]["taskId"] == "t1"
    with place.serving() as gateway:
        assert gateway.agent(token=ann).ask(fetch, named).message["result"]["status"] == "working"
        for token, id in ((bob, "t1"), (ann, "t2")):
            other = request("tasks/get", {"taskId": id})
            answer = gateway.agent(token=token).ask(other, (("Mcp-Name", id),)).message
            assert answer["error"] == {"code": -32602, "message": f"no task {id}"}
    assert "t2" not in str(place.reached)
