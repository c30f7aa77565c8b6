"""A gateway's place: its configuration, policies, state, everything it says, and the processes of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from threading import Event
from typing import Any

from ostiary.ledger.chain import Link
from ostiary.ledger.verify import verify
from ostiary.stores.database import Database
from ostiary.stores.grants import SqliteGrants
from ostiary.stores.reading import read_ledger
from tests.gateway.agent import PATIENCE, HttpAgent, StdioAgent
from tests.processes import is_alive
from tests.real.places import ostiary, pick_port

DESK = Path(__file__).with_name("desk.py")
ALLOW = "version: 1\ndefault: allow\n"


@dataclass
class Place:
    """`said` has what every process that was started here wrote on standard error, one string each."""

    path: Path
    logs: list[Path] = field(default_factory=list)

    @property
    def state(self) -> Path:
        return self.path / "state"

    @property
    def said(self) -> str:
        return "".join(log.read_text() for log in self.logs)

    def policy(self, text: str, name: str = "policy.yaml") -> Path:
        file = self.path / name
        file.write_text(text)
        return file

    @property
    def desk(self) -> list[str]:
        """The command of a server that keeps what reaches it."""
        return [sys.executable, "-S", "-E", str(DESK), str(self.path / "reached")]

    @property
    def reached(self) -> list[Any]:
        """Every message that reached the desk."""
        file = self.path / "reached"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def calls(self, name: str | None = None) -> list[Any]:
        """The calls that reached the desk, in whatever shape."""
        found = [message for message in self.reached if message.get("method") == "tools/call"]
        return [call for call in found if name is None or call["params"]["name"] == name]

    def configure(self, servers: Mapping[str, Mapping[str, Any]], **more: Any) -> Path:
        file = self.path / "ostiary.yaml"
        settings = {"listen": "127.0.0.1:0", "state": str(self.state), "servers": servers, **more}
        file.write_text(json.dumps(settings))
        return file

    def records(self, *kinds: str) -> list[Any]:
        """The bodies of the records of these kinds, in order; the whole ledger must be sound."""
        links = list(read_ledger(self.state / "ostiary.db"))
        assert verify(links).is_sound
        return [json.loads(link.body) for link in links if isinstance(link, Link) and link.kind in kinds]

    def outcomes(self) -> list[str]:
        return [body["outcome"] for body in self.records("call.outcome")]

    def grants(self, change: Callable[[SqliteGrants, int], Any]) -> Any:
        """What another process would do to the grants."""
        database = Database(self.state, wait=5)
        try:
            with database.transaction():
                return change(SqliteGrants(database), time.time_ns())
        finally:
            database.close()

    def token(self, server: str = "desk", name: str = "ann", policy: Path | None = None) -> str:
        path = None if policy is None else str(policy)
        token: str = self.grants(lambda grants, now: grants.create(server, name, path, None, now)).token
        return token

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[bytes]:
        """A process of Ostiary's with pipes; its standard error goes to a log."""
        log = self.path / f"stderr.{len(self.logs)}"
        self.logs.append(log)
        with log.open("wb") as stderr:
            pipe = subprocess.PIPE
            streams = {"stdin": pipe, "stdout": pipe, "stderr": stderr, "cwd": self.path, **more}
            return subprocess.Popen([*ostiary(), *arguments], **streams)

    def told(self, *arguments: str, **more: Any) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command that ends by itself."""
        process = self.start(*arguments, **{"stdin": subprocess.DEVNULL, **more})
        out, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, out.decode(), self.logs[-1].read_text()

    @contextmanager
    def running(self, policy: Path | None = None, *upstream: str, **more: Any) -> Iterator[StdioAgent]:
        """`ostiary run`, in front of the desk unless another upstream is given."""
        file = policy or self.policy(ALLOW)
        options = ("run", "--policy", str(file), "--state", str(self.state), "--name", "desk")
        process = self.start(*options, *(upstream or ("--", *self.desk)), **more)
        try:
            yield StdioAgent(process)
        finally:
            end(process)

    @contextmanager
    def serving(self, servers: Mapping[str, Mapping[str, Any]] | None = None, **more: Any) -> Iterator[Gateway]:
        """`ostiary serve`, in front of the desk unless other servers are given."""
        desk = {"command": self.desk, "policy": str(self.policy(ALLOW))} if servers is None else {}
        port = pick_port()
        file = self.configure(servers or {"desk": desk}, listen=f"127.0.0.1:{port}", **more)
        gateway = Gateway(self.start("serve", "-c", str(file)), port)
        try:
            gateway.await_listening(self.logs[-1])
            yield gateway
        finally:
            end(gateway.process)


@dataclass
class Gateway:
    process: subprocess.Popen[bytes]
    port: int

    def agent(self, server: str = "desk", token: str | None = None) -> HttpAgent:
        return HttpAgent(self.port, server, token)

    def await_listening(self, log: Path) -> None:
        """Returns once the port answers; its process ending first, or a long silence, is a failure."""
        for _ in range(PATIENCE * 20):
            with suppress(ConnectionError, HTTPException):
                assert self.agent().send("GET", path="/healthz").status == 200
                return
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=0.05)
                break
        raise AssertionError(f"the gateway does not listen: {log.read_text()}")

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=PATIENCE)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def until(holds: Callable[[], object], what: str = "what was waited for never came") -> None:
    """Returns once it holds; fails after a long time."""
    for _ in range(PATIENCE * 50):
        if holds():
            return
        Event().wait(0.02)
    raise AssertionError(what)


def are_gone(pids: Sequence[int]) -> bool:
    return not any(is_alive(pid) for pid in pids)


def complaints(said: str) -> list[str]:
    """Whatever on standard error no person should have to read."""
    return re.findall(r"Traceback|Exception in|never retrieved|never awaited|Task was destroyed|ResourceWarning", said)
