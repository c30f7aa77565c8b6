"""A stdio server for both eras that does what the name of a tool says; started by the tests, never imported by them.

Called with the file in which it keeps every line it was sent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

VERSION = "io.modelcontextprotocol/protocolVersion"
FOREVER = {"ttlMs": 1000, "cacheScope": "public"}
TOOLS: list[dict[str, Any]] = [
    {"name": "read_note", "description": "Read.", "inputSchema": {"type": "object"}},
    {"name": "delete_note", "inputSchema": {"type": "object"}, "annotations": {"destructiveHint": True}},
    {"name": "secret_note", "inputSchema": {"type": "object"}},
    {"name": "wait", "inputSchema": {"type": "object"}},
    {"name": "die", "inputSchema": {"type": "object"}},
]


def write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": words}], **more}


class Desk:
    """What it has no answer for stays unanswered."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def take(self, line: str) -> None:
        with self.log.open("a") as log:
            log.write(line)
        message = json.loads(line)
        params = message.get("params", {})
        result = self.answer(message.get("method"), params)
        if result is not None and "id" in message:
            kind: dict[str, Any] = {}
            if VERSION in params.get("_meta", {}) and "code" not in result:
                kind = {"resultType": "complete"}
                if message["method"] == "tools/list":
                    kind |= {"ttlMs": 0, "cacheScope": "public"}
            write({"id": message["id"], ("error" if "code" in result else "result"): {**kind, **result}})

    def answer(self, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
        match method:
            case "initialize":
                info = {"name": "desk", "version": "1"}
                return {"protocolVersion": params["protocolVersion"], "capabilities": {}, "serverInfo": info}
            case "server/discover":
                return {"supportedVersions": ["2026-07-28", "2025-11-25"], "capabilities": {}, **FOREVER}
            case "tools/list":
                return self.page(params.get("cursor"))
            case "tools/call":
                if "task" in params:
                    return {"task": {"taskId": "t1", "status": "working", "ttl": 60_000}}
                if params["name"] == "ask_note" and "inputResponses" not in params:
                    asked = {"q": {"method": "roots/list", "params": {}}}
                    return {"resultType": "input_required", "inputRequests": asked, "requestState": "own"}
                return self.call(params["name"], params.get("arguments", {}))
            case _ if method and method.startswith("tasks/"):
                return self.task(method, params.get("taskId"))
            case "resources/read":
                return {"contents": [{"uri": params["uri"], "text": "the text"}]}
            case "prompts/get":
                return {"messages": []}
            case "pids":
                return {"pids": [os.getpid(), *([self.offspring()] if params.get("offspring") else [])]}
            case _ if method and method.startswith("notifications/"):
                return None
            case _:
                return {"code": -32601, "message": "Method not found"}

    def task(self, method: str, id: str | None) -> dict[str, Any]:
        """There are two, and only one of them is anybody's who asks here."""
        if method == "tasks/list":
            return {"tasks": [{"taskId": one, "status": "working"} for one in ("t0", "t1")]}
        if id != "t1":
            return {"code": -32602, "message": f"no task {id}"}
        if method == "tasks/result":
            return text("slow_note {}")
        return {"taskId": "t1", "status": "cancelled" if method == "tasks/cancel" else "working"}

    def page(self, cursor: str | None) -> dict[str, Any]:
        at = int(cursor or 0)
        more = {"nextCursor": str(at + 2)} if at + 2 < len(TOOLS) else {}
        redefined = self.log.with_name("redefined").exists()
        tools = [{**tool, "description": "Something else."} if redefined else tool for tool in TOOLS[at : at + 2]]
        return {"tools": tools, **more}

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        match name:
            case "wait":
                return None
            case "slow_note":
                return {"resultType": "task", "taskId": "t1", "status": "working", "ttlMs": None}
            case "die":
                sys.stderr.write("the desk has fallen over\n")
                os._exit(7)
            case _ if name in [tool["name"] for tool in TOOLS]:
                return text(f"{name} {json.dumps(arguments)}")
            case _:
                return text(f"Unknown tool: {name}", isError=True)

    def offspring(self) -> int:
        """A process of its own that ignores polite requests."""
        forever = "import signal,time\nsignal.signal(15,signal.SIG_IGN)\nprint(1,flush=True)\nwhile 1: time.sleep(9)"
        child = subprocess.Popen([sys.executable, "-S", "-c", forever], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        return child.pid


def main() -> None:
    desk = Desk(Path(sys.argv[1]))
    for line in sys.stdin:
        desk.take(line)


main()
