"""The two eras of the protocol, and what a message says of its own.

*Modern* messages (2026-07-28 and later) carry version, client and capabilities in every request; *legacy* ones rely on
an `initialize` handshake (Versioning and Compatibility, Terminology).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import msgspec

from ostiary.model import JSON, Client, JSONObject
from ostiary.wire.message import Message, Request, Response

MODERN_VERSION: Final = "2026-07-28"
LEGACY_VERSIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
ASSUMED_VERSION: Final = "2025-03-26"
"""What a request without the header `MCP-Protocol-Version` is taken for (2025-06-18, Protocol Version Header)."""
BATCH_VERSION: Final = "2025-03-26"
"""The only version with JSON-RPC batches."""

META_VERSION: Final = "io.modelcontextprotocol/protocolVersion"
META_CLIENT: Final = "io.modelcontextprotocol/clientInfo"
META_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
META_SERVER: Final = "io.modelcontextprotocol/serverInfo"
META_SUBSCRIPTION: Final = "io.modelcontextprotocol/subscriptionId"
RESERVED_META: Final = frozenset({META_VERSION, META_CLIENT, META_CAPABILITIES})
"""What every modern request says of itself; a question of our own in an agent's name repeats them."""

TASKS: Final = "io.modelcontextprotocol/tasks"
"""The tasks extension (SEP-2663)."""

OWN_PREFIX: Final = "dev.ostiary/"
META_DECISION: Final = OWN_PREFIX + "decision"
APPROVAL_STATE: Final = "ostiary-approval."
"""What every `requestState` begins with that asks for an approval."""
APPROVAL_TASK: Final = "ap_"
"""What the id of every approval begins with, and so that of the task it is told of as."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class _Agreed(msgspec.Struct, rename="camel"):
    protocol_version: str


class _Initialized(msgspec.Struct):
    result: _Agreed


class Era(StrEnum):
    LEGACY = "legacy"
    MODERN = "modern"


def era_of(message: Message) -> Era:
    """The era that the message itself shows: modern where its `_meta` names a version. A response shows none and
    counts as legacy, the only era in which agents send them."""
    return Era.LEGACY if version_in(message) is None else Era.MODERN


def version_in(message: Message) -> str | None:
    """The protocol version in the message's `_meta`; the empty string where it is there but no string."""
    meta = meta_of(message)
    if META_VERSION not in meta:
        return None
    version = meta[META_VERSION]
    return version if isinstance(version, str) else ""


def meta_of(message: Message) -> JSONObject:
    """`params._meta`, empty where there is none."""
    if isinstance(message, Response):
        return {}
    meta = message.params.get("_meta")
    return meta if isinstance(meta, dict) else {}


def is_modern(version: str) -> bool:
    """Whether a well-formed version belongs to the modern era, known to us or not."""
    return version >= MODERN_VERSION and _DATE.fullmatch(version) is not None


def client_of(message: Message) -> Client:
    """What the agent's software says of itself: in `_meta` (modern) or in `initialize` (legacy); empty where it says
    nothing."""
    if isinstance(message, Response):
        return Client()
    meta = meta_of(message)
    info, can = meta.get(META_CLIENT), meta.get(META_CAPABILITIES)
    if message.method == "initialize":
        info = message.params.get("clientInfo") if info is None else info
        can = message.params.get("capabilities") if can is None else can
    abilities = _abilities(can) if can else ()
    if not isinstance(info, dict):
        return Client(abilities=abilities)
    name, version = info.get("name"), info.get("version")
    return Client(name if isinstance(name, str) else "", version if isinstance(version, str) else "", abilities)


def agreed_version(answer: bytes) -> str | None:
    """The version that the answer to an `initialize` settles; None where it settles none."""
    try:
        return msgspec.json.decode(answer, type=_Initialized).result.protocol_version
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def is_approval_task(request: Request) -> bool:
    """Whether the request is about a task of ours; a server's own ids pass."""
    id = request.params.get("taskId")
    return isinstance(id, str) and id.startswith(APPROVAL_TASK)


def _abilities(can: JSON) -> tuple[str, ...]:
    """`form`, `url`, `tasks`, as far as the client declares them; an empty `elicitation` means forms (2025-06-18)."""
    if not isinstance(can, dict):
        return ()
    asks, extensions = can.get("elicitation"), can.get("extensions")
    found: list[str] = []
    if isinstance(asks, dict):
        found += [mode for mode in ("form", "url") if mode in asks] or ([] if asks else ["form"])
    if isinstance(extensions, dict) and TASKS in extensions:
        found.append("tasks")
    return tuple(found)
