"""A stdio server that lists tools, well or badly: `python listing_server.py MODE`."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any, Final

MODE: Final = sys.argv[1]
VERSION: Final = "io.modelcontextprotocol/protocolVersion"
SERVER: Final = {"name": "lister", "version": "1.2"}


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def tool(name: str, description: str = "Gets a thing.") -> dict[str, Any]:
    return {"name": name, "description": description, "inputSchema": {"type": "object"}}


def page(cursor: str | None) -> dict[str, Any]:
    """One page of the list, as the mode has it."""
    match MODE:
        case "paged":
            pages = {None: ("get_a", "2"), "2": ("get_b", "3"), "3": ("delete_c", None)}
            name, following = pages[cursor]
            return {"tools": [tool(name)], **({"nextCursor": following} if following else {})}
        case "circle":
            return {"tools": [tool("get_a")], "nextCursor": "again"}
        case "endless":
            return {"tools": [tool(f"get_{cursor or 0}")], "nextCursor": str(int(cursor or 0) + 1)}
        case "many":
            return {"tools": [tool(f"get_{number}") for number in range(12_000)]}
        case "nasty":
            names = [
                "",
                "a\x1b[31mred",
                "get\u202epage",
                "x" * 5000,
                "<script>alert(1)</script>",
                "*",
                "../../etc",
                "💣",
            ]
            return {"tools": [*map(tool, names), 7, None, {"description": "nameless"}]}
        case "environment":
            return {"tools": [tool("get_env", json.dumps(dict(os.environ)))]}
        case "schemas":
            cycle = {"$ref": "#/properties/a", "properties": {"a": {"$ref": "#"}}}
            remote = {"properties": {"b": {"$ref": "http://127.0.0.1:9/never.json"}}}
            return {"tools": [{"name": "get_a", "inputSchema": cycle}, {"name": "get_b", "inputSchema": remote}]}
        case "enums":
            values = [f"value {number}" for number in range(50_000)]
            return {"tools": [{"name": "get_a", "inputSchema": {"properties": {"b": {"enum": values}}}}]}
        case "listless":
            return {"tools": "none"}
        case _:
            return {"tools": [tool("get_a")]}


def answer(message: dict[str, Any]) -> None:
    method, id = message["method"], message.get("id")
    is_modern = VERSION in message.get("params", {}).get("_meta", {})
    if id is None:
        return
    if method == "initialize" and MODE == "modern":
        say({"id": id, "error": {"code": -32022, "message": "use 2026-07-28"}})
    elif method == "initialize":
        say({"id": id, "result": {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": SERVER}})
    elif method == "tools/list" and MODE == "garbage":
        sys.stdout.write(f'{{"jsonrpc": "2.0", "id": {id}, "result": {{"a": 1, "a": 2}}}}\n')
        sys.stdout.flush()
    elif method == "tools/list" and MODE == "deep":
        nested = '{"a":' * 10_000 + "1" + "}" * 10_000
        sys.stdout.write(f'{{"jsonrpc": "2.0", "id": {id}, "result": {{"tools": [{nested}]}}}}\n')
        sys.stdout.flush()
    elif method == "tools/list" and MODE == "toolless":
        say({"id": id, "error": {"code": -32601, "message": "no such method"}})
    elif method == "tools/list" and (MODE == "modern") is is_modern:
        result = page(message.get("params", {}).get("cursor"))
        if is_modern:
            result |= {"resultType": "complete", "_meta": {"io.modelcontextprotocol/serverInfo": SERVER}}
        say({"id": id, "result": result})
    else:
        sys.exit(f"never call {method}")


def _scream() -> None:
    while True:
        os.write(2, b"oh no\n" * 1000)


def misbehave() -> None:
    match MODE:
        case "hang":
            time.sleep(600)
        case "die":
            sys.exit("no such database")
        case "flood":
            while True:
                sys.stdout.write("x" * 65536)
        case "stderr":
            threading.Thread(target=_scream, daemon=True).start()
        case "chatter":
            say({"method": "notifications/message", "params": {"level": "info", "data": "hello"}})
            say({"id": "q1", "method": "roots/list"})
            say({"id": "q2", "method": "ping"})
        case _:
            pass


if __name__ == "__main__":
    misbehave()
    for line in sys.stdin:
        message = json.loads(line)
        if "method" in message:
            answer(message)
