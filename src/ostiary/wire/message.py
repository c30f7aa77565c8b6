"""One JSON-RPC message: bytes in, a value out, or a `WireError`."""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias

import msgspec

from ostiary.errors import WireError
from ostiary.model import JSON, JSONObject
from ostiary.wire import keys
from ostiary.wire.codes import INVALID_REQUEST, PARSE_ERROR
from ostiary.wire.json import DEFAULT, Bounds, parse
from ostiary.wire.peek import Kind, Peek, peek

__all__ = [
    "Id",
    "Kind",
    "Message",
    "Notification",
    "Peek",
    "Request",
    "Response",
    "is_batch",
    "peek",
    "read",
    "read_batch",
]

Id: TypeAlias = "str | int"


class Request(msgspec.Struct, frozen=True):
    """A question that expects an answer. `raw` is the message as it came, and as it is forwarded."""

    id: Id
    method: str
    params: JSONObject
    raw: bytes


class Notification(msgspec.Struct, frozen=True):
    """A message without an answer."""

    method: str
    params: JSONObject
    raw: bytes


class Response(msgspec.Struct, frozen=True):
    """An agent's answer to a question of the server (sampling, elicitation, roots, ping)."""

    id: Id | None
    raw: bytes


Message: TypeAlias = "Request | Notification | Response"

_NOTHING: Final[JSONObject] = {}
MOST_MEMBERS: Final = 64
_LARGEST_ID: Final = 2**63 - 1


def read(data: bytes, bounds: Bounds = DEFAULT) -> Message:
    """The one message in `data`, strictly: whatever could be read in two ways is refused.

    Raises `WireError` -32700 or -32600, with the message's id where that could be read.
    """
    try:
        return _message(parse(data, bounds), data)
    except WireError as error:
        if error.id is None and len(data) <= bounds.size:
            error.id = _salvaged_id(data)
        raise


def is_batch(data: bytes) -> bool:
    """Whether the document is an array."""
    return data.lstrip(b" \t\n\r").startswith(b"[")


def read_batch(data: bytes, bounds: Bounds = DEFAULT) -> list[Message]:
    """The members of a batch, each with its own bytes and as strict as `read` (2025-03-26, Batching).

    Raises `WireError` for a batch that is empty, has more than `MOST_MEMBERS`, an id twice, an `initialize`, which
    must not be in one, or a member that is no single message: then none of them counts.
    """
    if len(data) > bounds.size:
        raise WireError(INVALID_REQUEST, f"the batch is larger than {bounds.size} bytes", status=413)
    try:
        raw = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(PARSE_ERROR, f"not JSON: {error}") from None
    if not 0 < len(raw) <= MOST_MEMBERS:
        raise _invalid(f"a batch has 1 to {MOST_MEMBERS} messages")
    found = [_message(parse(bytes(each), bounds), bytes(each)) for each in raw]
    requests = [message for message in found if isinstance(message, Request)]
    if len({(type(request.id), request.id) for request in requests}) != len(requests):
        raise _invalid("an id is twice in one batch")
    if any(request.method == "initialize" for request in requests):
        raise _invalid("`initialize` must not be in a batch")
    return found


def _message(value: JSON, raw: bytes) -> Message:
    if not isinstance(value, dict):
        raise _invalid(
            "send one message at a time, not a batch" if isinstance(value, list) else "an object is expected"
        )
    if value.get("jsonrpc") != "2.0":
        raise _invalid('`jsonrpc` must be "2.0"')
    keys.check(value)
    if "method" not in value:
        return _response(value, raw)
    if "result" in value or "error" in value:
        raise _invalid("`method` stands beside `result` or `error`")
    method, params = value["method"], value.get("params", _NOTHING)
    if not isinstance(method, str):
        raise _invalid("`method` must be a string")
    keys.check_method(method)
    if not isinstance(params, dict):
        raise _invalid("`params` must be an object")
    if "id" not in value:
        return Notification(method, params, raw)
    return Request(_id(value["id"]), method, params, raw)


def _response(value: dict[str, Any], raw: bytes) -> Response:
    if ("result" in value) is ("error" in value):
        raise _invalid("one of `method`, `result` and `error` is expected")
    if "error" in value and not isinstance(value["error"], dict):
        raise _invalid("`error` must be an object")
    if "error" in value and value.get("id") is None:
        return Response(None, raw)
    return Response(_id(value.get("id")), raw)


def _id(value: object) -> Id:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_ID:
        return value
    raise _invalid("`id` must be a string or an integer of 64 bits")


def _invalid(message: str) -> WireError:
    return WireError(INVALID_REQUEST, message)


def _salvaged_id(data: bytes) -> Id | None:
    """The id of a refused message, so that its sender learns of the refusal; None where it has none, or several."""
    try:
        pairs = json.loads(data.decode(), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None
    ids = [value for key, value in pairs if key == "id"] if isinstance(pairs, _Pairs) else []
    try:
        id = _id(ids[0]) if len(ids) == 1 else None
        str(id).encode()
    except (WireError, UnicodeEncodeError):
        return None
    return id


class _Pairs(list[tuple[str, Any]]):
    """An object's members as they came."""
