"""Setting the scene: a desk in a temporary directory, and `ostiary serve` before it in a process of its own."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

import msgspec

from ostiary.demo import desk
from ostiary.errors import OstiaryError

SERVER = "desk"
START_SECONDS = 30.0
STOP_SECONDS = 10.0


class Scene(msgspec.Struct, frozen=True):
    """Where everything lies. `bare` is a copy of the desk that no gate stands before."""

    directory: Path

    @property
    def config(self) -> Path:
        return self.directory / "ostiary.yaml"

    @property
    def policy(self) -> Path:
        return self.directory / "policy.yaml"

    @property
    def database(self) -> Path:
        return self.directory / "desk.db"

    @property
    def log(self) -> Path:
        """What `ostiary serve` prints."""
        return self.directory / "serve.log"

    @property
    def bare(self) -> Path:
        return self.directory / "without-gate.db"


def build(directory: Path, port: int) -> Scene:
    """Fill `directory`: the policy, both databases, and the configuration of a gateway on `port`."""
    scene = Scene(directory)
    shutil.copyfile(str(files("ostiary.demo") / "policy.yaml"), scene.policy)
    desk.create(scene.database)
    desk.create(scene.bare)
    config = {
        "listen": f"127.0.0.1:{port}",
        "state": str(directory / "state"),
        "approvals": {"hold": "1s"},  # then the agent is told to come back; people take longer
        "servers": {SERVER: {"command": server_command(scene.database), "policy": str(scene.policy)}},
    }
    # JSON is YAML, and quotes every path as it has to be.
    scene.config.write_bytes(msgspec.json.format(msgspec.json.encode(config)))
    return scene


def server_command(database: Path) -> list[str]:
    return [sys.executable, "-m", "ostiary.demo.server", str(database)]


def ostiary(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one `ostiary` command to its end and take its answer, whatever its exit code."""
    command = [sys.executable, "-m", "ostiary", *words]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
    )


def create_grant(config: Path, server: str, name: str, policy: Path | None = None) -> str:
    """A new grant's token for one server of the configuration; `policy` is its own. Raises `OstiaryError`."""
    own = () if policy is None else ("--policy", str(policy))
    done = ostiary("grant", "create", "--server", server, "--name", name, *own, "-c", str(config), "--format", "json")
    if done.returncode:
        raise OstiaryError(f"`ostiary grant create` failed: {last_line(done.stderr)}")
    return str(msgspec.json.decode(done.stdout)["token"])


@contextmanager
def serving(config: Path, port: int, **environment: str) -> Generator[subprocess.Popen[bytes]]:
    """`ostiary serve` on a port, ready on entry and gone on exit; what it prints goes to a file beside its
    configuration. `environment` is added to our own. Raises `OstiaryError` if it does not start."""
    log = config.with_name("serve.log")
    with log.open("wb") as output:
        command = [sys.executable, "-m", "ostiary", "serve", "-c", str(config)]
        # A session of its own: Ctrl-C in a terminal is for the demo, which then ends the gateway in order.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **environment},
        )
    try:
        wait_until_ready(process, port, log)
        yield process
    finally:
        stop(process)


@contextmanager
def following(config: Path) -> Generator[None]:
    """The ledger's new entries on standard output, as they come, by `ostiary ledger tail`."""
    command = [sys.executable, "-m", "ostiary", "ledger", "tail", "-f", "-n", "1", "-c", str(config)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        stop(process)


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise OstiaryError(f"`ostiary serve` ended at once: {last_line(log.read_text())}")
        if is_ready(port):
            return
        time.sleep(0.02)
    raise OstiaryError(f"`ostiary serve` was not ready within {START_SECONDS:.0f} s: {last_line(log.read_text())}")


def is_ready(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port(preferred: Sequence[int] = ()) -> int:
    """The first of the preferred loopback ports that nobody listens on, else any free one."""
    for port in (*preferred, 0):
        with closing(socket.socket()) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OstiaryError("there is no free port on 127.0.0.1")


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
