"""What the coordinator needs from outside. Adapters in `upstream/` and `stores/` keep these promises."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Sequence
from typing import Protocol, TypeAlias

import msgspec

from ostiary.model import Demand, Exceeded, Grant, JSONObject, Record, Reservation
from ostiary.wire.message import Message
from ostiary.wire.sse import Event

Headers: TypeAlias = "tuple[tuple[bytes, bytes], ...]"
"""HTTP header lines; names in lower case, values without surrounding white space."""


class Reply(msgspec.Struct, frozen=True):
    """An upstream's answer to one message, in HTTP's terms whatever the transport.

    `headers` are those an agent may see (content type of a plain body, `mcp-session-id`, `www-authenticate` never).
    `body` is whole, or a stream of events that ends after the response; whoever takes it closes it (`aclose`).
    A stdio upstream answers 200, and 202 with an empty body to what has no answer.
    """

    status: int
    headers: Headers
    body: bytes | AsyncGenerator[Event, None]


class Origin(msgspec.Struct, frozen=True):
    """Where a message comes from, as far as an upstream has to know: the principal's id, and the MCP headers that go
    along end to end (`mcp-*`, `accept`, `last-event-id`); never credentials or cookies."""

    principal: str
    headers: Headers = ()


class Upstream(Protocol):
    """One MCP server. All methods raise `UpstreamNotReached` if certainly nothing was sent, else `UpstreamError`."""

    async def send(self, message: Message, origin: Origin) -> Reply:
        """Send the message's `raw` bytes and return as soon as the answer's head is known. Cancelling it closes the
        exchange."""

    async def listen(self, origin: Origin) -> Reply:
        """Open the stream of messages that belong to no request (GET of the legacy wire)."""

    async def end(self, origin: Origin) -> Reply:
        """End the session named in the origin's headers (DELETE of the legacy wire)."""

    async def close(self) -> None:
        """Release everything: connections, children and their process groups. May be called twice."""


class CounterStore(Protocol):
    """Counters of limits. Time (Unix nanoseconds) comes in as a value; a clock that steps back frees nothing."""

    async def reserve(self, demands: Sequence[Demand], now: int) -> Reservation | Exceeded:
        """Book all demands or none. A reservation is durable before the next ledger append returns. Raises
        `StoreError`."""

    async def release(self, reservation: Reservation) -> None:
        """Take back a reservation whose call certainly did not reach the upstream. Unknown ids are ignored."""


class Ledger(Protocol):
    """The append-only record; one chain per writer."""

    def append(self, kind: str, body: JSONObject) -> Awaitable[Record]:
        """Chain the record now, in order of calling; the awaitable returns once it is durable, and raises
        `LedgerError` if it is not. Not awaiting it does not lose the record, and a failure is still said on stderr."""

    def note(self, kind: str, body: JSONObject) -> None:
        """Chain the record in order of calling, and have it durable with the next `append`, or within 10 ms. For what
        nothing waits for: it is kept until it can be written, and a failure is said on stderr."""


class GrantStore(Protocol):
    """Grants by token. Reads see what another process changed before the call was made."""

    def authenticate(self, token: str, now: int) -> Grant | None:
        """The live grant of this token; None if it is unknown, expired or revoked. Constant time in the secret."""

    def any(self) -> bool:
        """Whether a grant was ever made, live or not: the end of the last one must not open the door to everybody."""


class Clock(Protocol):
    def now(self) -> int:
        """Unix time in nanoseconds."""
