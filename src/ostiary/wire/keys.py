"""The protocol's own keys, and the ones that only some readers would take for them.

A reader that folds case sees `Method` as `method`, another sees two keys; so what is forwarded must not hold a key that
folds to one of the protocol's at the place where the protocol looks for it (CVE-2026-27896 and its kin).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from ostiary.errors import WireError
from ostiary.model.likeness import fold
from ostiary.wire.codes import INVALID_REQUEST

ENVELOPE: Final = frozenset({"jsonrpc", "id", "method", "params", "result", "error"})
PARAMS: Final = frozenset(
    {
        "_meta",
        "arguments",
        "capabilities",
        "clientInfo",
        "cursor",
        "inputResponses",
        "name",
        "progressToken",
        "protocolVersion",
        "requestId",
        "requestState",
        "task",
        "taskId",
        "uri",
    }
)
META: Final = frozenset(
    {
        "progressToken",
        "io.modelcontextprotocol/protocolVersion",
        "io.modelcontextprotocol/clientInfo",
        "io.modelcontextprotocol/clientCapabilities",
        "io.modelcontextprotocol/logLevel",
        "io.modelcontextprotocol/related-task",
        "io.modelcontextprotocol/subscriptionId",
    }
)
METHODS: Final = frozenset(
    {
        "initialize",
        "notifications/cancelled",
        "prompts/get",
        "resources/read",
        "subscriptions/listen",
        "tasks/cancel",
        "tasks/get",
        "tasks/list",
        "tasks/result",
        "tasks/update",
        "tools/call",
        "tools/list",
    }
)
"""The methods that a gateway treats unlike others; all are in lower case."""


def check(message: Mapping[str, Any]) -> None:
    """Refuse a key of the message, its `params` or their `_meta` that passes for the protocol's, with `WireError`."""
    check_names(message)
    params = message.get("params")
    if not isinstance(params, dict):
        return
    if not PARAMS.issuperset(params):
        _refuse(params, PARAMS, "params")
    meta = params.get("_meta")
    if isinstance(meta, dict) and not META.issuperset(meta):
        _refuse(meta, META, "params._meta")


def check_method(method: str) -> None:
    """Refuse a method that passes for one of those that matter here: a lax server would take it for that."""
    if method not in METHODS and fold(method) in METHODS:
        raise WireError(INVALID_REQUEST, f"the method {_shown(method)} passes for another")


def check_names(message: Collection[str]) -> None:
    """The same for the keys of the message itself."""
    if not ENVELOPE.issuperset(message):
        _refuse(message, ENVELOPE, "the message")


def _refuse(found: Collection[str], known: frozenset[str], place: str) -> None:
    folded = _FOLDED[known]
    for key in found:
        if key not in known and fold(key) in folded:
            raise WireError(INVALID_REQUEST, f"the key {_shown(key)} in {place} passes for one of the protocol's")


def _shown(word: str) -> str:
    return ascii(word if len(word) <= 40 else f"{word[:40]}…")


_FOLDED: Final = {known: frozenset(key.lower() for key in known) for known in (ENVELOPE, PARAMS, META)}
