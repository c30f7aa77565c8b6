"""Other ids in a message that else stays as it is, byte for byte: for agents that share one child.

Where an id may stand is a `Place`: the path of its value. The functions return the message itself where there is
nothing at that place, and raise `WireError` for an ambiguous message.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from ostiary.errors import WireError
from ostiary.wire.codes import INVALID_REQUEST
from ostiary.wire.era import META_SUBSCRIPTION
from ostiary.wire.members import replace, value_at
from ostiary.wire.message import Id

Place: TypeAlias = "tuple[str, ...]"

ID: Final[Place] = ("id",)
PROGRESS_TOKEN: Final[Place] = ("params", "_meta", "progressToken")
"""Where a request asks for progress."""
REPORTED_TOKEN: Final[Place] = ("params", "progressToken")
"""Where `notifications/progress` reports it."""
CANCELLED_ID: Final[Place] = ("params", "requestId")
"""Which request `notifications/cancelled` ends."""
SUBSCRIPTION_ID: Final[Place] = ("params", "_meta", META_SUBSCRIPTION)
"""Which `subscriptions/listen` a notification belongs to."""
CLOSED_SUBSCRIPTION_ID: Final[Place] = ("result", "_meta", META_SUBSCRIPTION)
"""Which one a result ends."""

_ID: Final = msgspec.json.Decoder(str | int)


def id_at(raw: bytes, place: Place) -> Id | None:
    """The id or token at that place; None where there is none. Raises `WireError` where it is no string or integer."""
    value = value_at(raw, place)
    if value is None:
        return None
    try:
        found: Id = _ID.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WireError(INVALID_REQUEST, f"`{'.'.join(place)}` is no string or integer") from None
    return found


def with_id_at(raw: bytes, place: Place, id: Id) -> bytes:
    """The message with this id at that place."""
    return replace(raw, place, msgspec.json.encode(id))


def with_id(raw: bytes, id: Id) -> bytes:
    """The request or response with this id."""
    return with_id_at(raw, ID, id)


def with_progress_token(raw: bytes, token: Id) -> bytes:
    """The request, asking for progress under this token."""
    return with_id_at(raw, PROGRESS_TOKEN, token)


def with_reported_token(raw: bytes, token: Id) -> bytes:
    """The progress notification, reporting to this token."""
    return with_id_at(raw, REPORTED_TOKEN, token)


def with_cancelled_id(raw: bytes, id: Id) -> bytes:
    """The `notifications/cancelled`, ending this request."""
    return with_id_at(raw, CANCELLED_ID, id)


def with_subscription_id(raw: bytes, id: Id) -> bytes:
    """The notification or final result, belonging to this `subscriptions/listen`."""
    return with_id_at(with_id_at(raw, SUBSCRIPTION_ID, id), CLOSED_SUBSCRIPTION_ID, id)


def one_line(raw: bytes) -> bytes:
    """The message without line breaks, as stdio needs it; in JSON they stand between tokens only."""
    return raw.replace(b"\r", b" ").replace(b"\n", b" ") if b"\n" in raw or b"\r" in raw else raw
