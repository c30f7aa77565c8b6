"""What Ostiary itself answers in a server's place."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

from ostiary.model import Decision
from ostiary.wire.codes import INVALID_PARAMS, POLICY_VIOLATION
from ostiary.wire.era import META_DECISION, Era
from ostiary.wire.members import add
from ostiary.wire.message import Id

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


def denial(id: Id, decision: Decision, era: Era = Era.MODERN) -> bytes:
    """The answer to a refused tool call: a result with `isError`, for the model to read, never a transport failure.

    `_meta["dev.ostiary/decision"]` holds `decision`, `rule`, `reason`, `retryable`, and where they are known
    `retryAfterMs` and `approvalId`.
    """
    return _tool_error(id, text(decision), era, {"_meta": {META_DECISION: _facts(decision)}})


def refusal(id: Id, decision: Decision) -> bytes:
    """The same for `resources/read` and `prompts/get`, whose results know no `isError`: an error with code -31000, and
    the same facts under the same key in `data`."""
    return error(id, POLICY_VIOLATION, text(decision), {META_DECISION: _facts(decision)})


def failure(id: Id, message: str, era: Era = Era.MODERN) -> bytes:
    """The answer to a permitted tool call that went wrong on its way: a result with `isError` that says so."""
    return _tool_error(id, _clean(message), era, {})


def error(id: Id | None, code: int, message: str, data: Any = None) -> bytes:
    """A JSON-RPC error response; without `id` where it answers nothing that could be read, as MCP has it."""
    body: dict[str, Any] = {"code": code, "message": _clean(message)}
    if data is not None:
        body["data"] = data
    head: dict[str, Any] = {"jsonrpc": "2.0"} if id is None else {"jsonrpc": "2.0", "id": id}
    return msgspec.json.encode({**head, "error": body})


def unknown_tool(id: Id, name: str) -> bytes:
    """The specification's answer to a tool that does not exist, for where the upstream's own is not to be had."""
    return error(id, INVALID_PARAMS, f"Unknown tool: {name}")


def mirror(answer: bytes, probe_name: str, name: str, id: Id) -> bytes:
    """An upstream's answer to a call of `probe_name`, made out to `name` and `id`: what it would have answered there.

    The name is replaced inside JSON strings, decoded and encoded again the way the upstream writes them; every other
    byte stays, so that a hidden tool cannot be told from a missing one by spacing or the order of keys.
    Raises `WireError` for what is no JSON object.
    """
    writes_ascii = answer.isascii() and b"\\u" in answer

    def renamed(string: re.Match[bytes]) -> bytes:
        token = string.group()
        try:
            plain: str = msgspec.json.decode(token)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return token
        if probe_name not in plain:
            return token
        return json.dumps(plain.replace(probe_name, name), ensure_ascii=writes_ascii).encode()

    return add(_STRING.sub(renamed, answer), ("id",), msgspec.json.encode(id))


def text(decision: Decision) -> str:
    """What the agent's model reads of a refusal: the reason, and one sentence on what to do."""
    reason = _clean(decision.reason).strip() or "this call is not permitted"
    stop = "" if reason.endswith((".", "!", "?")) else "."
    return f"Policy violation: {reason}{stop} {_advice(decision)}"


def _tool_error(id: Id, words: str, era: Era, more: dict[str, Any]) -> bytes:
    kind = {"resultType": "complete"} if era is Era.MODERN else {}
    result = {**kind, "content": [{"type": "text", "text": words}], "isError": True, **more}
    return msgspec.json.encode({"jsonrpc": "2.0", "id": id, "result": result})


def _advice(decision: Decision) -> str:
    if decision.approval_id is not None:
        return f"Waiting for approval {decision.approval_id}; call again with the same arguments."
    if decision.retry_after_ms is not None:
        return f"Retry after {max(1, -(-decision.retry_after_ms // 1000))} s."
    return "Do not retry."


def _facts(decision: Decision) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "decision": decision.effect.value,
        "rule": _clean(decision.rule),
        "reason": _clean(decision.reason),
        "retryable": decision.is_retryable,
    }
    if decision.retry_after_ms is not None:
        facts["retryAfterMs"] = decision.retry_after_ms
    if decision.approval_id is not None:
        facts["approvalId"] = decision.approval_id
    return facts


def _clean(words: str) -> str:
    """A policy may quote anything; half a surrogate pair has no place in JSON."""
    return words if words.isascii() else words.encode("utf-8", "replace").decode()
