"""What the suite says: permitted and forbidden messages of both eras, as text that a case may bend."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

Lines: TypeAlias = "tuple[tuple[str, str], ...]"

ALLOWED: Final = "allowed"
DENIED: Final = "denied"
HIDDEN: Final = "hidden"
LIMITED: Final = "limited"
MATCHED: Final = "matched"
PATTERN: Final = "pattern"

VERSION: Final = "2026-07-28"
LEGACY_VERSION: Final = "2025-11-25"
META: Final[Mapping[str, Any]] = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientInfo": {"name": "bypass", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
INITIALIZE: Final[Mapping[str, Any]] = {
    "protocolVersion": LEGACY_VERSION,
    "capabilities": {},
    "clientInfo": {"name": "bypass", "version": "1"},
}
_MIRRORED: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_marks: Final = itertools.count(1)


class Era(StrEnum):
    LEGACY = "legacy"
    MODERN = "modern"


@dataclass(frozen=True)
class Attempt:
    """One message that is put to the gateway. `lines` replace or add HTTP headers of these names; `mark` stands in the
    message, so that whatever reaches the upstream of it is known again. `must_pass` is for what no gateway may refuse,
    `must_stop` for what may not reach the upstream in any form."""

    label: str
    body: bytes
    mark: str
    lines: Lines = ()
    must_pass: bool = False
    must_stop: bool = False


def new_mark() -> str:
    """A word that nothing else of this run holds; it is part of a JSON string without escapes."""
    return f"mark{next(_marks):06d}x"


def request(era: Era, method: str, params: Mapping[str, Any] | None = None, id: Any = None) -> dict[str, Any]:
    """A request as an honest agent of that era writes it."""
    whole = dict(params or {})
    if era is Era.MODERN:
        whole["_meta"] = {**META, **whole.get("_meta", {})}
    return {"jsonrpc": "2.0", "id": new_mark() if id is None else id, "method": method, "params": whole}


def call(era: Era, tool: str, arguments: Mapping[str, Any] | None = None, id: Any = None) -> dict[str, Any]:
    return request(era, "tools/call", {"name": tool, "arguments": dict(arguments or {})}, id)


def text(message: Any) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def attempt(label: str, message: Mapping[str, Any], lines: Lines = (), *, must_stop: bool = False) -> Attempt:
    """A message whose id is its mark."""
    return Attempt(label, text(message), str(message.get("id", "")), lines, must_stop=must_stop)


def describing(era: Era, method: str, name: str | None = None) -> Lines:
    """The headers that an honest agent sends with a message over HTTP, but for its session's."""
    if era is Era.LEGACY:
        return (("MCP-Protocol-Version", LEGACY_VERSION),)
    own = (("MCP-Protocol-Version", VERSION), ("Mcp-Method", method))
    return own if name is None else (*own, ("Mcp-Name", name))


def described(era: Era, message: Mapping[str, Any]) -> Lines:
    """The same, read from a message."""
    method = str(message.get("method", ""))
    name = message.get("params", {}).get(_MIRRORED.get(method, ""))
    return describing(era, method, name if isinstance(name, str) else None)
