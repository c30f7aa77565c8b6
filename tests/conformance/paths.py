"""The ways from the suite to the fixture: directly, and through the gate to an HTTP and to a stdio server, each also
as one that knows no sessions."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from tests.conformance.fixture.plain import POLL_AFTER
from tests.real.places import ROOT, ostiary, pick_port

FIXTURE: Final = (sys.executable, "-m", "tests.conformance.fixture")
SERVER: Final = "fixture"
POLICY: Final = "version: 1\ndefault: allow\n"
PATIENCE: Final = 120.0  # seconds in which a process has to listen


class NotListening(Exception):
    """A process ended, or stayed silent, instead of listening."""


@contextmanager
def direct(place: Path, *options: str) -> Iterator[str]:
    """The fixture itself, over HTTP."""
    port = pick_port()
    with listening([*FIXTURE, *options, "--port", str(port)], port, place / "fixture.log"):
        yield f"http://localhost:{port}/mcp"


@contextmanager
def to_http(place: Path, *options: str) -> Iterator[str]:
    """The gate in front of the fixture over HTTP."""
    with direct(place, *options) as url, gate(place, {"url": url}, poll_after=POLL_AFTER) as address:
        yield address


@contextmanager
def to_stdio(place: Path, *options: str) -> Iterator[str]:
    """The gate with the fixture as its child."""
    with gate(place, {"command": [*FIXTURE, *options], "cwd": str(ROOT)}, poll_after=POLL_AFTER) as address:
        yield address


PATHS: Final[dict[str, Callable[[Path], AbstractContextManager[str]]]] = {
    "direct": direct,
    "gate-http": to_http,
    "gate-stdio": to_stdio,
    "bridge-http": lambda place: to_http(place, "--stateless"),
    "bridge-stdio": lambda place: to_stdio(place, "--stateless"),
}
BRIDGED: Final = ("bridge-http", "bridge-stdio")
"""The ways to a server that knows no sessions: they say something of agents that know nothing else."""
OF_CLIENTS: Final = ("direct", "gate-http", "gate-stdio")
"""The ways on which a client is looked at: its server is the suite's own."""


@contextmanager
def gate(place: Path, server: dict[str, Any], **limits: int) -> Iterator[str]:
    """`ostiary serve` with one server and a state of its own; gives the address of that server."""
    port = pick_port()
    (place / "policy.yaml").write_text(POLICY)
    settings = {
        "listen": f"127.0.0.1:{port}",
        "state": str(place / "state"),
        "limits": limits,
        "servers": {SERVER: {**server, "policy": "policy.yaml"}},
    }
    config = place / "ostiary.yaml"
    config.write_text(json.dumps(settings))
    with listening([*ostiary(), "serve", "-c", str(config)], port, place / "gate.log"):
        yield f"http://localhost:{port}/mcp/{SERVER}"


@contextmanager
def listening(command: Sequence[str], port: int, log: Path) -> Iterator[None]:
    """A process for as long as the context lasts; it listens on the port when the context begins."""
    with log.open("wb") as sink, subprocess.Popen(command, cwd=ROOT, stdout=sink, stderr=sink) as process:
        try:
            _await(process, port, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise NotListening(f"{process.args!r} does not listen on {port}: {log.read_text(errors='replace')[-2000:]}")
