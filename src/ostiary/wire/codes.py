"""Error codes: JSON-RPC's own, MCP's (2026-07-28, Error Codes), and ours, which lie outside every reserved range."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603

RESOURCE_NOT_FOUND: Final = -32002
"""Legacy; later versions say INVALID_PARAMS."""
URL_ELICITATION_REQUIRED: Final = -32042
"""Legacy; later versions ask with `input_required`."""

HEADER_MISMATCH: Final = -32020
MISSING_CLIENT_CAPABILITY: Final = -32021
UNSUPPORTED_PROTOCOL_VERSION: Final = -32022

POLICY_VIOLATION: Final = -31000
"""A refused resource or prompt; a refused tool call is a result with `isError`."""
SESSION_NOT_FOUND: Final = -31001
UPSTREAM_FAILED: Final = -31002

_STATUS: Final[Mapping[int, int]] = MappingProxyType(
    {
        PARSE_ERROR: 400,
        INVALID_REQUEST: 400,
        METHOD_NOT_FOUND: 404,
        HEADER_MISMATCH: 400,
        MISSING_CLIENT_CAPABILITY: 400,
        UNSUPPORTED_PROTOCOL_VERSION: 400,
        SESSION_NOT_FOUND: 404,
    }
)


def status(code: int) -> int:
    """The HTTP status of an answer with this error code in the modern era; 200 where the specification names none.

    Streamable HTTP, 2026-07-28: Protocol Version Header, Server Validation. Not for the legacy era, where an error of
    the server's own is always answered with 200.
    """
    return _STATUS.get(code, 200)
