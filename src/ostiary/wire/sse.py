"""Server-sent events: bytes in, events out, and back."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True):
    """One server-sent event. `data` is one JSON-RPC message, or empty for an event that only carries an id."""

    data: bytes
    id: str | None = None
    name: str | None = None
    retry: int | None = None
