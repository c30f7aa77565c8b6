"""Multi-round calls (2026-07-28, Multi Round-Trip Requests): a retry is a new call, judged again, but it is the same
work, so its limits are charged once.

A server's `requestState` goes to the agent inside one of ours, and comes back to the server byte for byte. Ours names
the call that it continues and is bound to principal, server, method, name and arguments by a keyed digest; nothing
is kept but which of them were used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

import msgspec

from ostiary.errors import WireError
from ostiary.ledger.canonical import encode
from ostiary.wire import codes
from ostiary.wire.members import add, members, replace, value_at
from ostiary.wire.message import Peek, Request

PATIENCE: Final = 3600 * 10**9
"""Nanoseconds that an agent may take for its answers; later its retry is charged like any other call."""
_MOST_USED: Final = 65536
_MARK: Final = b"ostiary\0"
_DIGEST: Final = 32
_STATE: Final = ("result", "requestState")
_RETURNED: Final = ("params", "requestState")


class Round(msgspec.Struct, frozen=True, array_like=True):
    """One answered question. `call` ties it to its call's records, `state` is the JSON of the server's own, None if it
    gave none; `until` is Unix time in nanoseconds; `approved` is the digest of the policy under which a person approved
    the call."""

    call: str
    until: int
    nonce: str
    state: str | None = None
    approved: str | None = None


class Taken(msgspec.Struct, frozen=True):
    """A request as the server gets it, the call that it `continues`, whether that was charged for it already, and the
    policy under which a person approved it."""

    request: Request
    continues: str | None = None
    is_paid: bool = False
    approved: str | None = None


class Rounds:
    """The rounds at one server's gate."""

    def __init__(self, server: str, key: bytes) -> None:
        self._server = server
        self._key = key
        self._used: dict[str, int] = {}

    def take(self, request: Request, principal: str, now: int) -> Taken:
        """Read the state that a request brings back. One that is not ours goes on as it is, for the server to judge.

        Raises `WireError` -32602 for one of ours that was given out for another call or to another principal.
        """
        said = request.params.get("requestState")
        opened = self._open(said) if isinstance(said, str) else None
        if opened is None:
            return Taken(request)
        round, digest, body = opened
        if not hmac.compare_digest(digest, self._digest(request, principal, body)):
            raise WireError(codes.INVALID_PARAMS, "this `requestState` was given out for another call")
        is_paid = self._spend(round, now)
        return Taken(_restored(request, round.state), round.call, is_paid, round.approved if is_paid else None)

    def mark(
        self,
        answer: bytes,
        seen: Peek,
        request: Request,
        principal: str,
        call: str,
        now: int,
        approved: str | None = None,
    ) -> bytes:
        """The answer to `request`, its state inside one of ours where it asks for input; else as it is."""
        if seen.result_type != "input_required":
            return answer
        state = value_at(answer, _STATE)
        round = Round(
            call, now + PATIENCE, secrets.token_urlsafe(12), None if state is None else state.decode(), approved
        )
        body = msgspec.json.encode(round)
        own = base64.urlsafe_b64encode(_MARK + self._digest(request, principal, body) + body).decode()
        return add(answer, _STATE, msgspec.json.encode(own))

    def _open(self, said: str) -> tuple[Round, bytes, bytes] | None:
        try:
            data = base64.b64decode(said, altchars=b"-_", validate=True)
            if not data.startswith(_MARK):
                return None
            digest, body = data[len(_MARK) :][:_DIGEST], data[len(_MARK) + _DIGEST :]
            return msgspec.json.decode(body, type=Round), digest, body
        except (binascii.Error, ValueError):
            return None

    def _digest(self, request: Request, principal: str, body: bytes) -> bytes:
        params = request.params
        bound = [
            self._server,
            principal,
            request.method,
            params.get("name"),
            params.get("uri"),
            params.get("arguments"),
        ]
        return hmac.digest(self._key, hashlib.sha256(encode(bound)).digest() + body, hashlib.sha256)

    def _spend(self, round: Round, now: int) -> bool:
        """Whether it pays for the retry: it does so once."""
        if now >= round.until or round.nonce in self._used:
            return False
        if len(self._used) >= _MOST_USED:
            self._used = {nonce: until for nonce, until in self._used.items() if until > now}
        if len(self._used) >= _MOST_USED:
            return False
        self._used[round.nonce] = round.until
        return True


def _restored(request: Request, state: str | None) -> Request:
    """The request with the server's own state, or without any where the server gave none."""
    known = {key: value for key, value in request.params.items() if key != "requestState"}
    if state is not None:
        known["requestState"] = msgspec.json.decode(state)
        return Request(request.id, request.method, known, replace(request.raw, _RETURNED, state.encode()))
    message = members(request.raw)
    params = members(message["params"])
    del params["requestState"]
    return Request(request.id, request.method, known, msgspec.json.encode({**message, "params": params}))
