"""Ostiary as a user starts it, in front of a real server, and what it wrote down meanwhile."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, assert_never

from tests.real.agent import Door, Http, Stdio
from tests.real.places import ostiary, pick_port
from tests.real.servers import Server


class Way(StrEnum):
    """How an agent reaches the gate."""

    RUN = "run"
    SERVE = "serve"
    UPSTREAM = "upstream"  # run, with the server behind another gateway's URL


@contextmanager
def opened(way: Way, server: Server, policy: str, place: Path) -> Iterator[Door]:
    """The gate in front of a server; state, policy and logs are kept in `place`."""
    file = place / ("policy.json" if policy.startswith("{") else "policy.yaml")
    file.write_text(policy)
    match way:
        case Way.RUN:
            yield _run(server.name, file, place, [*_variables(server), "--", *server.command])
        case Way.SERVE:
            with served(server, file, place) as door:
                yield door
        case Way.UPSTREAM:
            far = place / "far"
            far.mkdir()
            (far / "policy.yaml").write_text("version: 1\ndefault: allow\n")
            with served(server, far / "policy.yaml", far) as door:
                header = f"Authorization: Bearer {door.token}"
                yield _run(server.name, file, place, ["--upstream", door.url, "--header", header])
        case _:
            assert_never(way)


def records(place: Path) -> list[dict[str, Any]]:
    """Everything in the ledger, by its own export."""
    exported = told("ledger", "export", "--state", str(place / "state"))
    return [json.loads(line) for line in exported.splitlines()]


def told(*arguments: str) -> str:
    """What a command of Ostiary prints; it must succeed."""
    done = subprocess.run([*ostiary(), *arguments], capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run(name: str, policy: Path, place: Path, upstream: Sequence[str]) -> Stdio:
    options = ["--policy", str(policy), "--name", name, "--state", str(place / "state")]
    return Stdio((*ostiary(), "run", *options, *upstream), cwd=str(place))


def _variables(server: Server) -> Iterator[str]:
    return (f"--env={name}={value}" for name, value in server.env.items())


@contextmanager
def served(server: Server, policy: Path, place: Path) -> Iterator[Http]:
    """`ostiary serve` before a server, with a grant for one agent."""
    port = pick_port()
    upstream = {"command": list(server.command), "env": dict(server.env), "policy": str(policy)}
    config = place / "ostiary.yaml"
    config.write_text(json.dumps({"listen": f"127.0.0.1:{port}", "servers": {server.name: upstream}}))
    grant = json.loads(
        told("grant", "create", "--server", server.name, "--name", "agent", "-c", str(config), "--format", "json")
    )
    with (place / "gateway.log").open("w") as log:
        gateway = subprocess.Popen([*ostiary(), "serve", "-c", str(config)], stdout=log, stderr=log, cwd=place)
    try:
        _await_listening(gateway, port, place / "gateway.log")
        yield Http(f"http://127.0.0.1:{port}/mcp/{server.name}", grant["token"])
    finally:
        gateway.terminate()
        gateway.wait(timeout=120)


def _await_listening(gateway: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Returns once the port answers; its process ending first, or two minutes of silence, is a failure."""
    for _ in range(2400):
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        with suppress(subprocess.TimeoutExpired):
            gateway.wait(timeout=0.05)
            break
    raise AssertionError(f"the gateway does not listen: {log.read_text()}")
