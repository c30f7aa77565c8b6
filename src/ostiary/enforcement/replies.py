"""What the gate itself replies, and how it turns a decision into a refusal."""

from __future__ import annotations

from typing import Final

import msgspec

from ostiary.errors import WireError
from ostiary.model import JSON, Decision, Effect, JSONObject
from ostiary.ports import Headers, Reply
from ostiary.wire import answers, codes
from ostiary.wire.era import Era
from ostiary.wire.message import Request

JSON_BODY: Final[Headers] = ((b"content-type", b"application/json"),)
NO_POLICY: Final = Decision(Effect.DENY, "/", "no policy applies here, so nothing is permitted")
NO_APPROVALS: Final = "approvals are not set up here, so nobody can be asked"


def whole(body: bytes) -> Reply:
    return Reply(200, JSON_BODY, body)


def failed(request: Request, reason: str) -> bytes:
    """The answer to a request that the server did not answer."""
    return answers.error(request.id, codes.UPSTREAM_FAILED, reason)


def missing(request: Request, name: str, era: Era) -> bytes:
    """The specification's answer to a resource or prompt that is not there."""
    if request.method == "prompts/get":
        return answers.error(request.id, codes.INVALID_PARAMS, f"Unknown prompt: {name}")
    code = codes.INVALID_PARAMS if era is Era.MODERN else codes.RESOURCE_NOT_FOUND
    return answers.error(request.id, code, "Resource not found", {"uri": name})


def refused(decision: Decision, reason: str) -> Decision:
    """The same decision, turned to a refusal because what it asks for cannot be done."""
    return msgspec.structs.replace(decision, effect=Effect.DENY, reason=reason, errors=(*decision.errors, reason))


def arguments_of(request: Request) -> JSONObject:
    """The request's arguments, none where there are none. Raises `WireError` where they are no object."""
    arguments: JSON = request.params.get("arguments")
    if arguments is None:
        return {}
    if not isinstance(arguments, dict):
        raise WireError(codes.INVALID_PARAMS, "`arguments` must be an object")
    return arguments
