"""A session's messages in the words of the stateless wire, and what a server answers there in the words of a session.

What the eras share keeps its bytes: a translation adds and removes members, and copies the rest as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ostiary.errors import WireError
from ostiary.model import JSONObject
from ostiary.wire import codes
from ostiary.wire.era import (
    LEGACY_VERSIONS,
    META_CAPABILITIES,
    META_CLIENT,
    META_SERVER,
    META_SUBSCRIPTION,
    META_VERSION,
    MODERN_VERSION,
    RESERVED_META,
    meta_of,
)
from ostiary.wire.members import members, replace, value_at
from ostiary.wire.message import Id, Request, Response
from ostiary.wire.translate import CACHEABLE, META_LOG_LEVEL, QUESTIONS, Raw, answer

_CACHING: Final = frozenset({"ttlMs", "cacheScope"})
_OFFERED: Final = frozenset({"tools", "prompts", "resources", "completions", "logging", "experimental"})
"""Capabilities of a server that sessions know too; tasks and extensions either era has its own of."""
_UNTRANSLATED: Final = frozenset({"inputResponses", "requestState", "task"})
_DESCRIBING: Final = frozenset({*RESERVED_META, META_LOG_LEVEL})
_TOOLS: Final = ("result", "tools")
_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])


def description(hello: Request) -> JSONObject:
    """What an agent says of itself in `initialize`, as every stateless request has it in its `_meta`."""
    declared = hello.params.get("capabilities")
    can = declared if isinstance(declared, dict) else {}
    told: dict[str, Any] = {META_VERSION: MODERN_VERSION}
    if isinstance(hello.params.get("clientInfo"), dict):
        told[META_CLIENT] = hello.params["clientInfo"]
    asked = (*QUESTIONS.values(), "experimental")
    return {**told, META_CAPABILITIES: {name: can[name] for name in asked if name in can}}


def stateless_request(request: Request, id: Id, described: JSONObject, round: Mapping[str, Any]) -> Request:
    """A session's request under another id, with what the stateless wire wants said in each; `round` are the members
    that continue a multi-round request."""
    message = members(request.raw)
    raw_params = members(message["params"]) if "params" in message else {}
    raw_meta = members(raw_params.pop("_meta")) if "_meta" in raw_params else {}
    kept = {name: value for name, value in raw_params.items() if name not in _UNTRANSLATED}
    meta = {**{name: value for name, value in raw_meta.items() if name not in _DESCRIBING}, **described}
    params = {**kept, **round, "_meta": meta}
    raw = msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": request.method, "params": params})
    told: JSONObject = {name: value for name, value in request.params.items() if name not in _UNTRANSLATED}
    known: JSONObject = {name: value for name, value in meta_of(request).items() if name not in _DESCRIBING}
    return Request(id, request.method, {**told, "_meta": {**known, **described}}, raw)


def greeting(discovered: bytes, hello: Request) -> bytes:
    """The answer to `initialize`, from a server's answer to `server/discover`. Raises `WireError` for nonsense."""
    found = members(members(discovered)["result"])
    asked = hello.params.get("protocolVersion")
    offered = members(found.get("capabilities", b"{}"))
    server = value_at(discovered, ("result", "_meta", META_SERVER))
    result: dict[str, Any] = {
        "protocolVersion": asked if asked in LEGACY_VERSIONS else LEGACY_VERSIONS[0],
        "capabilities": {name: value for name, value in offered.items() if name in _OFFERED},
        "serverInfo": {"name": "unknown", "version": ""} if server is None else msgspec.Raw(server),
    }
    if "instructions" in found:
        result["instructions"] = found["instructions"]
    return answer(hello.id, result)


def session_answer(raw: bytes, request: Request) -> bytes:
    """A stateless response as the session's `request` gets it. Raises `WireError` for nonsense."""
    message = members(raw)
    if "error" in message:
        return msgspec.json.encode({"jsonrpc": "2.0", "id": request.id, "error": message["error"]})
    result: dict[str, Any] = dict(members(message["result"]))
    result.pop("resultType", None)
    if request.method in CACHEABLE:
        for name in _CACHING:
            result.pop(name, None)
    if "_meta" in result:
        meta = {name: value for name, value in members(result.pop("_meta")).items() if name != META_SERVER}
        result.update({"_meta": meta} if meta else {})
    if request.method == "tools/call" and not _is_object(result.get("structuredContent", b"{}")):
        del result["structuredContent"]  # sessions know objects only; the text says the same
    said = answer(request.id, result)
    return _with_object_schemas(said) if request.method == "tools/list" else said


def questions(raw: bytes) -> tuple[dict[str, Raw], dict[str, Any]]:
    """What an `input_required` result asks, by key, and what has to come back with the answers. Raises `WireError`."""
    asked = value_at(raw, ("result", "inputRequests"))
    state = value_at(raw, ("result", "requestState"))
    found = {} if asked is None else {key: members(one) for key, one in members(asked).items()}
    return found, {} if state is None else {"requestState": msgspec.Raw(state)}


def method_of(asked: Raw) -> str:
    """What one of them asks for; empty where it does not say."""
    try:
        return msgspec.json.decode(asked.get("method", b""), type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def announces_changes(offer: msgspec.Raw) -> bool:
    """Whether a capability says that its list may change."""
    return _is_object(offer) and value_at(bytes(offer), ("listChanged",)) == b"true"


def question(asked: Raw, id: Id, name: str) -> bytes:
    """One of them as a request of a session; `name` is what a URL that has to be visited is called by."""
    params: dict[str, Any] = dict(members(asked["params"])) if "params" in asked else {}
    if params.get("mode") == msgspec.Raw(b'"url"'):
        params.setdefault("elicitationId", name)
    return msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": asked["method"], "params": params})


def response(said: Response) -> msgspec.Raw:
    """What an agent answered to a question. Raises `WireError` with its own code where it answered with an error."""
    message = members(said.raw)
    if "result" in message:
        return message["result"]
    try:
        error = msgspec.json.decode(message["error"], type=_Error)
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = _Error()
    raise WireError(error.code, f"the agent did not answer what the server asked: {error.message}")


def of_session(raw: bytes) -> bytes:
    """What a subscription was told, as a session is told of it."""
    message: dict[str, Any] = dict(members(raw))
    params: dict[str, Any] = dict(members(message["params"])) if "params" in message else {}
    meta = {name: value for name, value in members(params.pop("_meta", b"{}")).items() if name != META_SUBSCRIPTION}
    told = {**params, **({"_meta": meta} if meta else {})}
    message = {
        **{key: value for key, value in message.items() if key != "params"},
        **({"params": told} if told else {}),
    }
    return msgspec.json.encode(message)


class _Error(msgspec.Struct):
    code: int = codes.INVALID_PARAMS
    message: str = "an error that says nothing"


def _is_object(raw: Any) -> bool:
    return bytes(raw).lstrip().startswith(b"{")


def _with_object_schemas(raw: bytes) -> bytes:
    """The list of tools without output schemas of anything but objects: a session's client may refuse the whole list
    for one. What stays is as it came."""
    found = value_at(raw, _TOOLS)
    if found is None or b'"outputSchema"' not in found:
        return raw
    try:
        listed = _RAW_LIST.decode(found)
    except msgspec.DecodeError:
        return raw
    return replace(raw, _TOOLS, msgspec.json.encode([_with_object_schema(tool) for tool in listed]))


def _with_object_schema(tool: msgspec.Raw) -> msgspec.Raw | Raw:
    if not _is_object(tool):
        return tool
    schema = value_at(bytes(tool), ("outputSchema",))
    if schema is None or (_is_object(schema) and value_at(schema, ("type",)) == b'"object"'):
        return tool
    return {name: value for name, value in members(tool).items() if name != "outputSchema"}
