"""What both kinds of upstream know of the protocol."""

from __future__ import annotations

from typing import Final

from ostiary.ports import Headers

HARMLESS: Final = frozenset({
    "initialize", "server/discover", "ping", "tools/list", "prompts/list", "resources/list", "resources/templates/list",
})  # fmt: skip
"""Methods that change nothing: sending one a second time, or not knowing whether it arrived, does no harm."""

JSON: Final[Headers] = ((b"content-type", b"application/json"),)
"""The head of an answer that is one JSON-RPC message."""
