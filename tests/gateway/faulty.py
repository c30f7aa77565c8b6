"""An HTTP server that does what the name of a tool says, in a thread of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Act = Callable[["Exchange", Any], None]


class Exchange(BaseHTTPRequestHandler):
    """One request. What is left unanswered stays so until the server ends."""

    protocol_version = "HTTP/1.1"
    server: Faulty

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = json.loads(body)
        self.server.took(self, message)
        name = message.get("params", {}).get("name", message["method"])
        act: Act = self.server.acts.get(name, _usual)
        act(self, message)

    def do_GET(self) -> None:
        self.server.took(self, {"method": "GET"})
        self.server.acts.get("GET", _no_stream)(self, {})

    def do_DELETE(self) -> None:
        self.server.took(self, {"method": "DELETE"})
        self.reply(204, b"", "text/plain")

    def reply(self, status: int, body: bytes, kind: str = "application/json", **lines: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **lines}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer(self, message: Any, result: Mapping[str, Any], **lines: str) -> None:
        self.reply(200, json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode(), **lines)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True

    def event(self, message: Any, id: str | None = None) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        self.wfile.write((f"id: {id}\n" if id else "").encode() + f"data: {text}\n\n".encode())

    def hang(self) -> None:
        self.server.is_over.wait()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Quietly."""


class Faulty(ThreadingHTTPServer):
    """`acts` say what becomes of a tool's call, or of a method; anything else is answered."""

    daemon_threads = True

    def __init__(self, acts: Mapping[str, Act]) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.acts = acts
        self.heads: list[dict[str, str]] = []
        self.messages: list[Any] = []
        self.is_over = threading.Event()

    @property
    def calls(self) -> list[Any]:
        return [message for message in self.messages if message["method"] == "tools/call"]

    def took(self, exchange: Exchange, message: Any) -> None:
        self.heads.append({name.lower(): value for name, value in exchange.headers.items()})
        self.messages.append(message)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/mcp"

    def handle_error(self, *_: object) -> None:
        """The other side has gone: that is what some tests are about."""


@contextmanager
def serving(acts: Mapping[str, Act] | None = None) -> Iterator[Faulty]:
    with Faulty(acts or {}) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.is_over.set()
            server.shutdown()


def _no_stream(exchange: Exchange, _: Any) -> None:
    exchange.reply(405, b"", "text/plain")


def _usual(exchange: Exchange, message: Any) -> None:
    if "id" not in message:
        exchange.reply(202, b"")
        return
    match message["method"]:
        case "initialize":
            info = {"name": "faulty", "version": "1"}
            result = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": info}
            exchange.answer(message, result, Mcp_Session_Id="upstreams-own-session")
        case "server/discover":
            exchange.answer(message, {"supportedVersions": ["2026-07-28", "2025-11-25"], "capabilities": {}})
        case "tools/list":
            exchange.answer(message, {"tools": []})
        case _:
            exchange.answer(message, {"content": [{"type": "text", "text": "done"}]})
