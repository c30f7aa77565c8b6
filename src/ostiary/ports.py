"""What the coordinator needs from outside. Adapters in `upstream/` and `stores/` keep these promises."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import msgspec

from ostiary.model import Demand, Exceeded, Grant, JSONObject, Operator, Record, Reservation
from ostiary.wire.headers import SESSION
from ostiary.wire.message import Message
from ostiary.wire.sse import Event

if TYPE_CHECKING:
    from ostiary.approvals import Approval, Case, Happened

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


@runtime_checkable
class Waits(Protocol):
    """A reply's stream that waits for a person first."""

    def leave(self) -> None:
        """The agent does not hear it any longer: where nothing is decided yet, nothing is sent for it."""


class Origin(msgspec.Struct, frozen=True):
    """Where a message comes from, as far as an upstream has to know: the principal's id, and the MCP headers that go
    along end to end (`mcp-*`, `accept`, `last-event-id`); never credentials or cookies."""

    principal: str
    headers: Headers = ()

    @property
    def session(self) -> bytes:
        """The session that the message names; empty where it names none."""
        return next((value for name, value in self.headers if name == SESSION), b"")


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

    async def settle(self, reservation: Reservation, demand: Demand, cost: Decimal | int) -> None:
        """Count one of a reservation's demands for what it really came to, be that more than its limit. What counts no
        longer is ignored. Raises `StoreError`."""


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


class OperatorStore(Protocol):
    """Operators by token. Reads see what another process changed before the call was made."""

    def authenticate(self, token: str, now: int) -> Operator | None:
        """The live operator of this token; None if it is unknown, expired or revoked. Constant time in the secret."""

    def is_live(self, name: str, now: int) -> bool:
        """Whether there is a live operator of that name."""


class ApprovalStore(Protocol):
    """Approvals, and what is kept with each. What one process changes, every other one sees. All methods raise
    `StoreError`; what they change is durable before the next ledger append returns."""

    async def ask(self, case: Case) -> Case:
        """Keep a new case, unless one for the same call is open: then that one, and nothing is kept."""

    async def get(self, id: str) -> Case | None:
        """The case of that id."""

    async def newest(self, key: str) -> Case | None:
        """The newest case of a binding's `key`."""

    async def granted(self, family: str) -> Sequence[Case]:
        """The granted cases of a binding's `family`, oldest first."""

    async def change(
        self, id: str, conduct: Callable[[Approval], Sequence[Happened]]
    ) -> tuple[Case, Sequence[Happened]]:
        """Let happen what `conduct` makes of the approval as it is, alone: of many that redeem one use, one does.

        `conduct` may be called more than once; where it raises, nothing has changed. Gives the case after it, and what
        happened. Raises `KeyError` for an unknown id."""

    async def take_reservation(self, id: str) -> Reservation | None:
        """What the case has reserved; from now on it belongs to the caller alone."""

    async def due(self, now: int) -> Sequence[str]:
        """The ids of those whose time is over and that have not ended."""

    async def cases(self, *, since: int = 0, only_open: bool = False) -> Sequence[Case]:
        """Those asked since an instant, oldest first."""

    async def count(self, principal: str, since: int) -> int:
        """How many questions a principal's calls have raised since an instant."""

    async def changes(self, after: int) -> tuple[int, Sequence[str]]:
        """A cursor, and the ids of what changed after an earlier one: whoever waits for those has to be woken. The
        first cursor is that of `after=-1`, which names nothing."""

    async def forget(self, before: int) -> None:
        """Drop what ended and was asked before an instant."""


class Errand(msgspec.Struct, frozen=True):
    """One message about an approval to one target. `id` is the same at every try: whoever gets it twice can tell."""

    id: str
    approval: str
    target: str
    tries: int
    due: int


class ErrandStore(Protocol):
    """Messages about approvals that still have to go out. What is written belongs to this turn's transaction."""

    def add(self, approval: str, target: str, now: int) -> None:
        """Keep a message."""

    def claim(self, now: int, until: int, most: int) -> list[Errand]:
        """Those that are due, oldest first, at most so many; nobody else gets them before `until`."""

    def retry(self, id: str, due: int) -> None:
        """Try it again then."""

    def drop(self, id: str) -> None:
        """It arrived, or is of no use any longer."""

    def hear(self, id: str, now: int) -> bool:
        """Whether a signed message from outside is heard for the first time; it is not, ever again."""


class KeptTask(msgspec.Struct, frozen=True):
    """A task at a server: whose it is, and the call that it answers, as the ledger knows it."""

    principal: str
    call: str


class TaskStore(Protocol):
    """Whose task is whose, by server and the server's own id. What one process keeps, every other one sees; what is
    written belongs to this turn's transaction. All methods raise `StoreError`. Time is Unix nanoseconds."""

    def keep(self, server: str, id: str, task: KeptTask, now: int, until: int) -> bool:
        """Keep it until that instant, unless the server has one of that id now that is another's; whether it is kept.
        Where a principal has too many its oldest is forgotten."""

    def find(self, server: str, id: str, now: int) -> KeptTask | None:
        """The task of that id; None where there is none, or its time is over."""

    def end(self, server: str, id: str) -> bool:
        """Note that it has ended; whether that is heard for the first time."""


class Clock(Protocol):
    def now(self) -> int:
        """Unix time in nanoseconds."""
