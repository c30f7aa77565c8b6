"""Agents that say exactly what a test has them say, over HTTP and over a gateway's standard input and output."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import IO, Any

PATIENCE = 120  # seconds; waiting is for what is sure to come, on however loaded a machine
JSON = ("Content-Type", "application/json")
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "tester", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "tester", "version": "1"}}

Lines = Sequence[tuple[str, str]]


def request(method: str, params: dict[str, Any] | None = None, id: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}}


def notification(method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params or {}}


def call(name: str, arguments: dict[str, Any] | None = None, id: Any = 1) -> dict[str, Any]:
    return request("tools/call", {"name": name, "arguments": arguments or {}}, id)


def modern(message: dict[str, Any]) -> dict[str, Any]:
    """The message as the stateless wire has it."""
    return {**message, "params": {**message["params"], "_meta": META}}


def words(answer: Any) -> str:
    """What a model reads of a tool's result."""
    assert "result" in answer, answer
    text: str = answer["result"]["content"][0]["text"]
    return text


@dataclass
class Answer:
    status: int
    lines: list[tuple[str, str]]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.lines}

    @property
    def message(self) -> Any:
        """The one message of the body, or the last one of its events."""
        if self.headers.get("content-type") != "text/event-stream":
            return json.loads(self.body)
        return [json.loads(line[6:]) for line in self.body.split(b"\n") if line.startswith(b"data: {")][-1]


@dataclass
class HttpAgent:
    """One agent at one URL of a gateway. Every exchange has a connection of its own."""

    port: int
    server: str = "desk"
    token: str | None = None

    def post(self, message: Any, lines: Lines = ()) -> Answer:
        return self.send("POST", json.dumps(message).encode(), (JSON, *lines))

    def ask(self, message: dict[str, Any], lines: Lines = ()) -> Answer:
        """A message on the stateless wire, its headers in agreement with it."""
        return self.post(modern(message), (*describing(message), *lines))

    def send(self, method: str, body: bytes = b"", lines: Lines = (), path: str | None = None) -> Answer:
        with self.opened(method, body, lines, path) as response:
            return Answer(response.status, response.getheaders(), response.read())

    @contextmanager
    def opened(
        self, method: str, body: bytes = b"", lines: Lines = (), path: str | None = None
    ) -> Iterator[HTTPResponse]:
        """The head of an answer; leaving closes the connection."""
        connection = self.begun(method, body, lines, path)
        try:
            with connection.getresponse() as response:
                yield response
        finally:
            connection.close()

    def begun(self, method: str, body: bytes, lines: Lines = (), path: str | None = None) -> HTTPConnection:
        """A request that was sent, and whose answer nobody has read yet."""
        names = {name.lower() for name, _ in lines}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.putrequest(
            method, path or f"/mcp/{self.server}", skip_host="host" in names, skip_accept_encoding=True
        )
        if self.token is not None and "authorization" not in names:
            connection.putheader("Authorization", f"Bearer {self.token}")
        if "accept" not in names:
            connection.putheader("Accept", "application/json, text/event-stream")
        for name, value in lines:
            connection.putheader(name, value)
        if body and not names & {"content-length", "transfer-encoding"}:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return connection

    def session(self) -> Lines:
        """A session of the legacy wire: the headers that every later message of it bears."""
        answer = self.post(request("initialize", INITIALIZE))
        assert answer.status == 200, answer
        own = (("Mcp-Session-Id", answer.headers["mcp-session-id"]),) if "mcp-session-id" in answer.headers else ()
        lines = (*own, ("MCP-Protocol-Version", "2025-11-25"))
        self.post(notification("notifications/initialized"), lines)
        return lines


def describing(message: dict[str, Any]) -> Lines:
    name = message["params"].get("uri" if message["method"] == "resources/read" else "name")
    lines = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", message["method"])]
    return [*lines, ("Mcp-Name", name)] if name is not None else lines


class StdioAgent:
    """The agent at the standard input and output of a process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._lines: queue.Queue[bytes] = queue.Queue()
        if process.stdout is not None:
            threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    def say(self, message: Any) -> None:
        self.write(json.dumps(message).encode() + b"\n")

    def write(self, data: bytes) -> None:
        self._stdin.write(data)
        self._stdin.flush()

    def hear(self) -> Any:
        """The next message; an empty one stands for the end."""
        line = self._lines.get(timeout=PATIENCE)
        return json.loads(line) if line else {}

    def ask(self, message: dict[str, Any]) -> Any:
        self.say(message)
        return self.hear()

    def greet(self) -> None:
        """Begin as the legacy wire does."""
        assert "result" in self.ask(request("initialize", INITIALIZE, id="hello"))
        self.say(notification("notifications/initialized"))

    def close(self) -> None:
        self._stdin.close()

    def ended(self) -> int:
        return self.process.wait(timeout=PATIENCE)

    def _read(self, stdout: IO[bytes]) -> None:
        for line in stdout:
            self._lines.put(line)
        self._lines.put(b"")
