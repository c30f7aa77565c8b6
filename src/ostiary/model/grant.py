"""A grant: the bearer token of one agent for one server, with at most one policy of its own."""

from __future__ import annotations

import msgspec


class Grant(msgspec.Struct, frozen=True):
    """Times are Unix nanoseconds. `policy` is a path, None where the server's own policy applies."""

    id: str
    name: str
    server: str
    policy: str | None
    created: int
    expires: int | None = None
    revoked: int | None = None
