"""What a server answers, with what policy wants redacted masked on its way back.

Every message of the answer passes the mask, those that come before the result included: progress and log messages tell
as much. What cannot be masked is withheld.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

import msgspec

from ostiary.errors import WireError
from ostiary.events import Passed
from ostiary.model import Redaction
from ostiary.ports import Reply
from ostiary.wire import answers, codes
from ostiary.wire.message import peek
from ostiary.wire.sse import Event

_WITHHELD = "the answer is withheld: policy wants it redacted, and it cannot be read in exactly one way"


def veil(reply: Reply, redaction: Redaction | None) -> Reply:
    """The reply masked; the reply itself where nothing is to be redacted."""
    if redaction is None:
        return reply
    from ostiary.enforcement.masking import Unmaskable, mask_for

    mask = mask_for(redaction).message

    def masked(data: bytes) -> bytes:
        try:
            return mask(data) if data else data
        except Unmaskable:
            return _withheld(data)

    if isinstance(reply.body, bytes):
        return Reply(reply.status, reply.headers, masked(reply.body))
    return Reply(reply.status, reply.headers, _Veiled(reply.body, masked))


def _withheld(data: bytes) -> bytes:
    """An error in the place of an answer that can at least be told to whom it belongs; nothing for anything else."""
    try:
        seen = peek(data)
    except WireError:
        return b""
    return answers.error(seen.id, codes.UPSTREAM_FAILED, _WITHHELD) if seen.kind == "response" else b""


class _Veiled(Passed):
    """A stream's events, masked."""

    def __init__(self, body: AsyncGenerator[Event, None], masked: Callable[[bytes], bytes]) -> None:
        super().__init__(body)
        self._masked = masked

    async def asend(self, value: None) -> Event:  # noqa: ARG002 - nothing can be sent
        event = await anext(self._body)
        return msgspec.structs.replace(event, data=self._masked(event.data))
