"""What is measured: the upstream alone, and the gate before it, over HTTP and over stdio."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from load import Row
from ostiary.demo.stand import create_grant, free_port, serving, stop
from ostiary.errors import OstiaryError
from process import pin

HERE = Path(__file__).resolve().parent
SERVER = "echo"
SERVERS_DECLARED = 10

POLICY = """\
version: 1
name: bench
default: deny
all_tools:
  rate_limit: {max: 1000000, window: 1}
tools:
  echo:
    require:
      - {path: args.text, op: starts_with, value: hello}
    arguments:
      properties: {text: {type: string, maxLength: 1000}}
  "delete_*": {action: deny, reason: Nothing is deleted here}
"""


class Target(msgspec.Struct, frozen=True):
    """One way to the echo tool. `load` are the words for `load.py`, without how many in flight and for how long."""

    transport: str
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def measure(self, in_flight: int, seconds: float) -> Row:
        """Raises `OstiaryError` with what the load generator says."""
        words = [*self.before, str(in_flight), str(seconds), *self.after]
        command = [sys.executable, str(HERE / "load.py"), self.transport, *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as load:
            pin(load.pid, to_first=False)
            out, said = load.communicate(timeout=seconds * 10 + 60)
        if load.returncode:
            raise OstiaryError(f"{self.name} over {self.transport}: {said.decode(errors='replace').strip()[-500:]}")
        return msgspec.json.decode(out, type=Row)


def stdio_targets(directory: Path) -> list[Target]:
    """The echo server as a child, alone and behind `ostiary run`."""
    child = (sys.executable, str(HERE / "upstream.py"), "stdio")
    gate = gated(directory / "policy.yaml", child)
    return [
        Target("stdio", "direct", (), ("first", "--", *child)),
        Target("stdio", "gate", (), ("first", "--", *gate)),
    ]


def gated(policy: Path, child: Sequence[str]) -> tuple[str, ...]:
    state = policy.with_name("state-of-run")
    return (sys.executable, "-m", "ostiary", "run", "--policy", str(policy), "--state", str(state), "--", *child)


@contextmanager
def http_targets(directory: Path) -> Generator[tuple[list[Target], int]]:
    """The echo server over HTTP, alone and behind `ostiary serve`, and the gateway's process id."""
    with upstream() as (port, pid):
        gate = free_port()
        config = write_config(directory, gate, port)
        token = create_grant(config, SERVER, "bench")
        with serving(config, gate) as gateway:
            pin(gateway.pid, to_first=True)
            yield (
                [
                    Target("http", "direct", (str(port), "/mcp", ""), (str(pid),)),
                    Target("http", "gate", (str(gate), f"/mcp/{SERVER}", token), (str(gateway.pid),)),
                ],
                gateway.pid,
            )


@contextmanager
def upstream() -> Generator[tuple[int, int]]:
    """The echo server over HTTP: its port and process id."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(HERE / "upstream.py"), "http", str(port)])
    try:
        pin(process.pid, to_first=False)
        deadline = time.monotonic() + 10
        while not is_open(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise OstiaryError("the echo server does not start")
            time.sleep(0.01)
        yield port, process.pid
    finally:
        stop(process)


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def write_config(directory: Path, port: int, upstream_port: int) -> Path:
    """The configuration of a gateway on `port` with ten servers, of which `SERVER` is called, and their policy."""
    policy = directory / "policy.yaml"
    policy.write_text(POLICY)
    names = [SERVER, *(f"{SERVER}{number}" for number in range(2, SERVERS_DECLARED + 1))]
    server = {"url": f"http://127.0.0.1:{upstream_port}/mcp", "policy": str(policy)}
    settings = {
        "listen": f"127.0.0.1:{port}",
        "state": str(directory / "state"),
        "servers": dict.fromkeys(names, server),
    }
    config = directory / "ostiary.yaml"
    config.write_bytes(msgspec.json.encode(settings))
    return config
