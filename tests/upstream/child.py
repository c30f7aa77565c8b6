"""A stdio server that does what its requests' methods say; started by the tests, never imported by them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def answer(id: Any, result: dict[str, Any]) -> None:
    write({"id": id, "result": result})


class Server:
    """Each method of the protocol that it knows is a method of this class, `/` written as `_`."""

    def __init__(self) -> None:
        self.held: list[Any] = []
        self.seen: list[str] = []

    def take(self, line: str) -> None:
        message = json.loads(line)
        if "result" in message:
            self.let_go(lambda _: {"answered": message["result"]})
        elif "method" in message and (act := getattr(self, message["method"].replace("/", "_"), None)):
            act(message.get("id"), message.get("params", {}))
        self.seen.append(line.rstrip("\n"))

    def let_go(self, result: Callable[[Any], dict[str, Any]]) -> None:
        for held in reversed(self.held):
            answer(held, result(held))
        self.held.clear()

    def initialize(self, id: Any, _: Any) -> None:
        answer(id, {"protocolVersion": "2025-11-25", "capabilities": {}, "pid": os.getpid()})

    def echo(self, id: Any, params: Any) -> None:
        answer(id, {"params": params, "pid": os.getpid()})

    tools_call = echo

    def hold(self, id: Any, _: Any) -> None:
        self.held.append(id)

    subscriptions_listen = hold

    def release(self, *_: Any) -> None:
        self.let_go(lambda held: {"held": held})

    def progress(self, id: Any, params: Any) -> None:
        for done in (1, 2):
            token = params["_meta"]["progressToken"]
            write({"method": "notifications/progress", "params": {"progressToken": token, "progress": done}})
        answer(id, {"done": True})

    def subscribed(self, id: Any, _: Any) -> None:
        meta = {"io.modelcontextprotocol/subscriptionId": self.held[-1]}
        write({"method": "notifications/tools/list_changed", "params": {"_meta": meta}})
        answer(id, {})

    def changed(self, id: Any, _: Any) -> None:
        write({"method": "notifications/tools/list_changed"})
        answer(id, {})

    def resources_subscribe(self, id: Any, _: Any) -> None:
        answer(id, {})

    resources_unsubscribe = resources_subscribe

    def updated(self, id: Any, params: Any) -> None:
        write({"method": "notifications/resources/updated", "params": {"uri": params["uri"]}})
        answer(id, {})

    def knock(self, id: Any, _: Any) -> None:
        for question, method in (("q1", "sampling/createMessage"), ("q2", "ping")):
            write({"id": question, "method": method, "params": {}})
        answer(id, {})

    def refuse(self, id: Any, params: Any) -> None:
        write({"id": id, "error": {"code": params["code"], "message": "no"}})

    def log(self, id: Any, _: Any) -> None:
        write({"method": "notifications/message", "params": {"level": "info", "data": "hello"}})
        answer(id, {})

    def ask(self, id: Any, _: Any) -> None:
        write({"id": 1, "method": "sampling/createMessage", "params": {}})
        self.held.append(id)

    def nonsense(self, id: Any, _: Any) -> None:
        sys.stdout.write("Listening on port 3000\n\n{not json\n[1,2]\n")
        answer(id, {})

    def batch(self, id: Any, _: Any) -> None:
        one = {"jsonrpc": "2.0", "method": "notifications/message", "params": {}}
        sys.stdout.write(json.dumps([one, {"jsonrpc": "2.0", "id": id, "result": {}}]) + "\n")
        sys.stdout.flush()

    def flood(self, id: Any, params: Any) -> None:
        for _ in range(params["count"]):
            write({"method": "notifications/message", "params": {"data": "x" * params["size"]}})
        answer(id, {})

    def large(self, id: Any, params: Any) -> None:
        answer(id, {"data": "x" * params["size"]})

    def complain(self, id: Any, _: Any) -> None:
        sys.stderr.write("first line\nsecond \x1b[31mline\n")
        sys.stderr.flush()
        answer(id, {})

    def environ(self, id: Any, _: Any) -> None:
        answer(id, {"environ": dict(os.environ), "cwd": str(Path.cwd())})

    def show(self, id: Any, _: Any) -> None:
        answer(id, {"seen": self.seen})

    def die(self, *_: Any) -> None:
        sys.stderr.write("ValueError: cannot go on\n")
        sys.stderr.flush()
        os._exit(3)


def stubborn() -> None:
    """Ignores the end of its input and SIGTERM, and has a child of its own that does too."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    forever = "import signal,time\nsignal.signal(15,signal.SIG_IGN)\nprint('ready', flush=True)\nwhile 1: time.sleep(9)"
    with subprocess.Popen([sys.executable, "-c", forever], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        answer(0, {"pids": [os.getpid(), child.pid]})
        while True:
            signal.pause()


def main() -> None:
    if "stubborn" in sys.argv:
        sys.stdin.readline()
        stubborn()
    if "dies" in sys.argv:
        sys.exit("ImportError: No module named 'redis'\nsee the manual")
    if "offspring" in sys.argv:
        sys.stdin.readline()
        sleeper = subprocess.Popen([sys.executable, "-c", "import time\nwhile 1: time.sleep(9)"])
        answer(0, {"pids": [os.getpid(), sleeper.pid]})
        sys.exit(5)
    server = Server()
    for line in sys.stdin:
        server.take(line)


main()
