"""One JSON-RPC message: bytes in, a value out, or a `WireError`."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from ostiary.model import JSONObject

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
