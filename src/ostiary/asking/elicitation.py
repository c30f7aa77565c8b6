"""Asking the person at the agent's own client: multi-round on the stateless wire, `elicitation/create` on the older.

On the stateless wire the question comes back with the call itself, inside a `requestState` that we signed: it names the
approval, and is bound to everything the approval is bound to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any, Final

import msgspec

from ostiary.approvals import Binding, Case, as_lines, facts, headline
from ostiary.wire.era import APPROVAL_STATE
from ostiary.wire.members import members
from ostiary.wire.message import Id, Request, Response

KEY: Final = "approval"
"""Of our question among the `inputRequests`."""
FORM: Final = "form"
URL: Final = "url"

_ROUND: Final = ("requestState", "inputResponses")


class State(msgspec.Struct, frozen=True):
    """What a signed `requestState` says: the approval, and until when (Unix nanoseconds) it may come back."""

    approval: str
    until: int
    signature: str


def sealed(key: bytes, case: Case) -> str:
    """The `requestState` of a case."""
    until = case.approval.until
    return f"{APPROVAL_STATE}{case.id}.{until}.{_sign(key, case.id, until, case.approval.bound)}"


def read_state(text: str) -> State | None:
    """What it says, before anything is believed; None where it is none of ours."""
    parts = text.removeprefix(APPROVAL_STATE).split(".")
    if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 20):
        return None
    return State(parts[0], int(parts[1]), parts[2])


def is_sealed(key: bytes, state: State, bound: Binding) -> bool:
    """Whether it was made here, for exactly this call."""
    expected = _sign(key, state.approval, state.until, bound)
    return hmac.compare_digest(state.signature.encode(), expected.encode())


def form(case: Case, now: int) -> dict[str, Any]:
    """The parameters of a form that asks for yes or no and shows everything."""
    field = {"type": "boolean", "title": "Approve this call", "description": "Leave it off to refuse", "default": False}
    return {
        "mode": "form",
        "message": _words(case, now),
        "requestedSchema": {"type": "object", "properties": {"approve": field}, "required": ["approve"]},
    }


def address(case: Case, url: str, now: int) -> dict[str, Any]:
    """The parameters of a question that leads to our page, which asks who is there."""
    return {"mode": "url", "message": _words(case, now), "url": f"{url}/approvals/{case.id}"}


def round_of(id: Id, params: dict[str, Any], state: str) -> bytes:
    """The answer to a stateless call that asks for input (2026-07-28, Multi Round-Trip Requests)."""
    asked = {KEY: {"method": "elicitation/create", "params": params}}
    result = {"resultType": "input_required", "inputRequests": asked, "requestState": state}
    return msgspec.json.encode({"jsonrpc": "2.0", "id": id, "result": result})


def question(id: str, params: dict[str, Any]) -> bytes:
    """The server's request on the older wire (2025-06-18 and later, Elicitation)."""
    own = {**params, "elicitationId": id} if params["mode"] == URL else params
    return msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": "elicitation/create", "params": own})


def verdict(result: Any) -> bool | None:
    """Yes or no in an `ElicitResult`; None where the person decided nothing."""
    if not isinstance(result, dict):
        return None
    match result.get("action"):
        case "accept":
            content = result.get("content")
            return isinstance(content, dict) and content.get("approve") is True
        case "decline":
            return False
        case _:
            return None


def result_in(response: Response) -> Any:
    """What an agent answered to a question of ours; None for an error."""
    return msgspec.json.decode(response.raw).get("result")


def without_round(request: Request) -> Request:
    """The call as it was before it was asked about: what comes back to us is not for the server."""
    known = {key: value for key, value in request.params.items() if key not in _ROUND}
    message = members(request.raw)
    params = {key: value for key, value in members(message["params"]).items() if key not in _ROUND}
    return Request(request.id, request.method, known, msgspec.json.encode({**message, "params": params}))


def _words(case: Case, now: int) -> str:
    told = [f"{name}: {value}" for name, value in facts(case, now)]
    return "\n".join((headline(case), *told, "arguments:", *as_lines(case.question.arguments)))


def _sign(key: bytes, id: str, until: int, bound: Binding) -> str:
    said = msgspec.json.encode(["approval state", id, until, bound.key])
    return base64.urlsafe_b64encode(hmac.digest(key, said, hashlib.sha256)).decode().rstrip("=")
