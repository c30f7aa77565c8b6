"""The first HTTP transport (2024-11-05) on either side of the gate."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.agent import call, modern, words
from tests.gateway.place import ALLOW, Place, until
from tests.real.places import installed, pick_port

SERVER = Path(__file__).parents[1] / "upstream" / "eras" / "sdk1_server.py"


@contextmanager
def first_transport() -> Iterator[str]:
    port = pick_port()
    with serving(port):
        yield f"http://127.0.0.1:{port}/sse"


@contextmanager
def serving(port: int) -> Iterator[subprocess.Popen[bytes]]:
    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    with subprocess.Popen([installed("sdk1", "python"), str(SERVER), "sse", str(port)]) as process:
        try:
            until(listens)
            yield process
        finally:
            process.terminate()


def test_agents_of_both_eras_are_served(place: Place) -> None:
    policy = place.policy("version: 1\ndefault: allow\ntools: {greet: {action: deny, reason: Never}}\n")
    with first_transport() as url:
        server: dict[str, Any] = {"url": url, "policy": str(policy)}
        with place.serving({"old": server}) as gateway:
            agent = gateway.agent("old")
            lines = agent.session()
            add = call("add", {"a": 40, "b": 2})
            assert words(agent.post(add, lines).message) == "42"
            assert words(agent.ask(add).message) == "42"
            assert words(agent.post(call("greet"), lines).message) == "Policy violation: Never. Do not retry."
    assert place.outcomes() == ["returned", "returned"]


@pytest.mark.parametrize("options", [(), ("--transport", "sse")])
def test_an_agent_on_stdio_is_guarded_before_a_server_of_the_first_transport(
    place: Place, options: tuple[str, ...]
) -> None:
    policy = place.policy("version: 1\ndefault: allow\ntools: {greet: {action: deny, reason: Never}}\n")
    with first_transport() as url, place.running(policy, "--upstream", url, *options) as agent:
        agent.greet()
        assert words(agent.ask(call("add", {"a": 40, "b": 2}))) == "42"
        assert words(agent.ask(call("greet"))) == "Policy violation: Never. Do not retry."
        assert words(agent.ask(modern(call("add", {"a": 1, "b": 2})))) == "3"
        agent.close()
        assert agent.ended() == 0
    assert place.outcomes() == ["returned", "returned"]


def test_it_ends_with_the_servers_stream_and_says_so(place: Place) -> None:
    port = pick_port()
    url = f"http://127.0.0.1:{port}/sse"
    with serving(port) as server, place.running(None, "--upstream", url) as agent:
        agent.greet()
        server.kill()
        assert agent.ended() == 1
    assert f"ostiary: {url}: " in place.said


def test_a_url_that_is_no_stream_is_said_in_one_line(place: Place) -> None:
    with place.serving() as gateway:
        url = f"http://127.0.0.1:{gateway.port}/mcp/nobody/sse"
        status, _, said = place.told("run", "--policy", str(place.policy(ALLOW)), "--upstream", url)
    assert status == 3
    assert "answered HTTP 404, and with no event stream" in said
    assert said.count("\n") == 1


def test_agents_of_the_first_transport_are_served_by_any_server(place: Place) -> None:
    policy = place.policy("version: 1\ndefault: allow\ntools: {delete_note: {action: deny, reason: Never}}\n")
    with place.serving({"desk": {"command": place.desk, "policy": str(policy)}}) as gateway:
        heard = visited(f"http://127.0.0.1:{gateway.port}/mcp/desk/sse")
        assert heard["version"] == "2025-11-25"
        assert heard["tools"][:2] == ["read_note", "delete_note"]
        assert heard["texts"] == ["read_note {}", "Policy violation: Never. Do not retry."]
    assert place.outcomes() == ["returned"]
    assert not place.calls("delete_note")


def test_a_stream_is_its_agents_own(place: Place) -> None:
    policy = place.policy("version: 1\ndefault: allow\n")
    with place.serving({"desk": {"command": place.desk, "policy": str(policy)}}) as gateway:
        one, other = (gateway.agent(token=place.token(name=name)) for name in ("ann", "bob"))
        plain = (("Content-Type", "application/json"),)
        with one.opened("GET", path="/mcp/desk/sse") as stream:
            assert stream.readline() == b"event: endpoint\n"
            address = stream.readline().decode().removeprefix("data: ").strip()
            assert address.startswith("/mcp/desk/messages?session_id=")
            for agent, path, status in (
                (other, address, 404),
                (one, "/mcp/desk/messages?session_id=made-up", 404),
                (one, "/mcp/desk/elsewhere", 404),
                (one, address, 202),
            ):
                body = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
                assert agent.send("POST", body, plain, path).status == status
        until(lambda: one.send("POST", b"{}", plain, address).status == 404)


def visited(url: str) -> Any:
    script = Path(__file__).with_name("sdk1_sse_agent.py")
    command = [installed("sdk1", "python"), str(script), url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
