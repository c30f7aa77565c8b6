"""A server of the first HTTP transport behind the gate, for agents of every later one."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.gateway.agent import call, words
from tests.gateway.place import Place, until
from tests.real.places import installed, pick_port

SERVER = Path(__file__).parents[1] / "upstream" / "eras" / "sdk1_server.py"


@contextmanager
def first_transport() -> Iterator[str]:
    port = pick_port()

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    with subprocess.Popen([installed("sdk1", "python"), str(SERVER), "sse", str(port)]) as process:
        try:
            until(listens)
            yield f"http://127.0.0.1:{port}/sse"
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
