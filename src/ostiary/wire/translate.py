"""Messages of one era in the words of the other, as far as there are words for them.

What the eras share keeps its bytes: a translation adds and removes members, and copies the rest as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec

from ostiary.errors import WireError
from ostiary.model import JSONObject
from ostiary.wire import codes
from ostiary.wire.era import META_CAPABILITIES, META_SERVER, META_SUBSCRIPTION, MODERN_VERSION, RESERVED_META, meta_of
from ostiary.wire.members import members, value_at
from ostiary.wire.message import Id, Request

Raw: TypeAlias = "dict[str, msgspec.Raw]"

META_LOG_LEVEL: Final = "io.modelcontextprotocol/logLevel"
LEVELS: Final = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
"""Log levels, the least severe first."""
CACHEABLE: Final = frozenset(
    {"tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read", "server/discover"}
)
"""Methods whose results say how long they keep (2026-07-28, Caching)."""
_STALE: Final = {"ttlMs": 0, "cacheScope": "private"}
_DESCRIBING: Final = frozenset({*RESERVED_META, META_LOG_LEVEL})
_ROUND: Final = frozenset({"inputResponses", "requestState"})
QUESTIONS: Final[Mapping[str, str]] = {
    "sampling/createMessage": "sampling",
    "elicitation/create": "elicitation",
    "roots/list": "roots",
}
"""What a server may ask of an agent, and the capability with which the agent says so."""
_DECLARABLE: Final = frozenset({*QUESTIONS.values(), "experimental"})


def legacy_capabilities(request: Request) -> Raw:
    """What the agent declares in a stateless request, as `initialize` has it: what a server may ask of it."""
    declared = value_at(request.raw, ("params", "_meta", META_CAPABILITIES))
    if declared is None or not declared.lstrip().startswith(b"{"):
        return {}
    return {name: value for name, value in members(declared).items() if name in _DECLARABLE}


def legacy_request(request: Request, id: Id, token: Id | None) -> Request:
    """A stateless request as a session has it: its own `_meta` without the agent's description of itself, and without
    what belongs to a multi-round request. `token` replaces its progress token, where it has one."""
    message = members(request.raw)
    raw_params = members(message["params"]) if "params" in message else {}
    raw_meta = members(raw_params.pop("_meta")) if "_meta" in raw_params else {}
    added: dict[str, Any] = {} if token is None else {"progressToken": token}
    meta = {**_kept(raw_meta, _DESCRIBING), **added}
    more = {"_meta": meta} if meta else {}
    whole = {"jsonrpc": "2.0", "id": id, "method": request.method, "params": {**_kept(raw_params, _ROUND), **more}}
    params: JSONObject = {**_kept(request.params, _ROUND), "_meta": {**_kept(meta_of(request), _DESCRIBING), **added}}
    return Request(id, request.method, params, msgspec.json.encode(whole))


def modern_answer(raw: bytes, request: Request, greeting: Raw) -> bytes:
    """A session's response as the stateless `request` gets it. `greeting` is the server's `initialize` result."""
    message = members(raw)
    if "error" in message:
        return _modern_error(message["error"], request)
    result: dict[str, Any] = {"resultType": "complete"}
    if request.method in CACHEABLE:
        result |= _STALE
    result |= members(message["result"])
    meta = members(result["_meta"]) if "_meta" in result else {}
    if "serverInfo" in greeting:
        result["_meta"] = {META_SERVER: greeting["serverInfo"], **meta}
    return answer(request.id, result)


def discovery(request: Request, greeting: Raw) -> bytes:
    """The answer to `server/discover`, from a server's `initialize` result."""
    result: dict[str, Any] = {
        "resultType": "complete",
        **_STALE,
        "supportedVersions": [MODERN_VERSION, greeting["protocolVersion"]],
        "capabilities": {},
    }
    if "capabilities" in greeting:
        result["capabilities"] = {
            name: value for name, value in members(greeting["capabilities"]).items() if name != "tasks"
        }
    if "instructions" in greeting:
        result["instructions"] = greeting["instructions"]
    if "serverInfo" in greeting:
        result["_meta"] = {META_SERVER: greeting["serverInfo"]}
    return answer(request.id, result)


def is_declared(method: str, request: Request) -> bool:
    """Whether the agent of a stateless request can be asked this."""
    return QUESTIONS.get(method) in legacy_capabilities(request)


def question(request: Request, key: str, raw: bytes, state: str) -> bytes:
    """A session server's request as a question in the answer to `request` (2026-07-28, Multi Round-Trip Requests)."""
    asked = members(raw)
    params: dict[str, Any] = dict(members(asked["params"])) if "params" in asked else {}
    params.pop("elicitationId", None)
    meta = {name: value for name, value in members(params.pop("_meta", b"{}")).items() if name != "progressToken"}
    if meta:
        params["_meta"] = meta
    one = {"method": asked["method"], "params": params}
    return answer(request.id, {"resultType": "input_required", "inputRequests": {key: one}, "requestState": state})


def of_subscription(raw: bytes, id: Id) -> bytes:
    """A change that a session was told of, as one of the subscription that `subscriptions/listen` with this id is."""
    message: dict[str, Any] = dict(members(raw))
    params: dict[str, Any] = dict(members(message["params"])) if "params" in message else {}
    meta = members(params["_meta"]) if "_meta" in params else {}
    message["params"] = {**params, "_meta": {**meta, META_SUBSCRIPTION: id}}
    return msgspec.json.encode(message)


def is_logged(raw: bytes, request: Request) -> bool:
    """Whether the agent of a stateless request wants this log message."""
    wanted = meta_of(request).get(META_LOG_LEVEL)
    level = (value_at(raw, ("params", "level")) or b"").strip(b' "').decode("latin-1")
    return wanted in LEVELS and level in LEVELS and LEVELS.index(level) >= LEVELS.index(str(wanted))


def answer(id: Id, result: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": id, "result": result})


def _modern_error(error: msgspec.Raw, request: Request) -> bytes:
    """The two codes that the stateless wire does without are said in its own way."""
    found = members(error)
    code = found.get("code")
    changed: dict[str, Any] = dict(found)
    if code == msgspec.Raw(b"%d" % codes.RESOURCE_NOT_FOUND):
        changed["code"] = codes.INVALID_PARAMS
    elif code == msgspec.Raw(b"%d" % codes.URL_ELICITATION_REQUIRED):
        return _elicitations(found, request)
    return msgspec.json.encode({"jsonrpc": "2.0", "id": request.id, "error": changed})


def _elicitations(error: Raw, request: Request) -> bytes:
    """URLs that have to be visited first: questions to an agent that can put them, and a capability it lacks else.
    There is no state to keep: the server expects the same call again."""
    if "url" not in members(legacy_capabilities(request).get("elicitation", b"{}")):
        data: Any = {"requiredCapabilities": {"elicitation": {"url": {}}}}
        words = {"code": codes.MISSING_CLIENT_CAPABILITY, "message": "the server asks for URL elicitation"}
        return msgspec.json.encode({"jsonrpc": "2.0", "id": request.id, "error": {**words, "data": data}})
    try:
        wanted = msgspec.json.decode(error["data"], type=dict[str, list[dict[str, Any]]])["elicitations"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
        raise WireError(codes.UPSTREAM_FAILED, "the server asks for URL elicitation without saying which") from None
    asked = {}
    for number, params in enumerate(wanted, 1):
        params.pop("elicitationId", None)
        asked[f"url{number}"] = {"method": "elicitation/create", "params": params}
    return answer(request.id, {"resultType": "input_required", "inputRequests": asked})


def _kept(found: Mapping[str, Any], without: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in without}
