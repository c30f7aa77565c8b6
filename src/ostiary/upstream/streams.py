"""The streams of one session with a stdio server, each of which the agent can take up again."""

from __future__ import annotations

import itertools
from typing import Final, Protocol

from ostiary.ports import Origin, Reply
from ostiary.upstream.common import JSON
from ostiary.upstream.recording import Recording
from ostiary.wire import answers, codes
from ostiary.wire.headers import VERSION

_LAST_EVENT: Final = b"last-event-id"
_PRIMED_SINCE: Final = b"2025-11-25"
_MOST: Final = 32
_STANDING: Final = "s"


class Listened(Protocol):
    """Where the standing stream comes from."""

    async def listen(self, origin: Origin) -> Reply: ...


def is_primed(origin: Origin) -> bool:
    """Whether the agent's version knows streams that begin with an id alone (2025-11-25, Sending Messages)."""
    return any(name == VERSION and value >= _PRIMED_SINCE for name, value in origin.headers)


class Streams:
    """The answers that came as streams, the newest `_MOST` of them, and the standing stream that `listen` opens.

    Where the agent's version knows of that (2025-11-25), the connection that an answer comes on ends after `poll_after`
    seconds, and the agent comes back for the rest.
    """

    def __init__(self, poll_after: float | None = None) -> None:
        self._poll_after = poll_after
        self._numbers = itertools.count(1)
        self._recordings: dict[str, Recording] = {}
        self._standing = Recording(_STANDING, is_primed=False)

    def record(self, reply: Reply, origin: Origin) -> Reply:
        """The reply, its stream recorded; a whole one as it is."""
        if isinstance(reply.body, bytes):
            return reply
        primed = is_primed(origin)
        poll_after = self._poll_after if primed else None
        recording = Recording(str(next(self._numbers)), is_primed=primed, poll_after=poll_after)
        recording.record(reply.body)
        self._recordings[recording.name] = recording
        reader = recording.read()
        if len(self._recordings) > _MOST:
            oldest = next((name for name, one in self._recordings.items() if one.is_finished or not one.is_read), None)
            if oldest is not None:
                self._recordings.pop(oldest).close()
        return Reply(reply.status, reply.headers, reader)

    async def listen(self, upstream: Listened, origin: Origin) -> Reply:
        """The standing stream, or the one that `Last-Event-ID` names, from there on."""
        last = next((value.decode("latin-1") for name, value in origin.headers if name == _LAST_EVENT), None)
        name, _, number = (last or _STANDING).partition("-")
        after = int(number) if number.isdecimal() and len(number) < 20 else None
        if name != _STANDING:
            recording = self._recordings.get(name)
            if recording is None or after is None:
                words = "there is no stream with that Last-Event-ID any more"
                return Reply(400, JSON, answers.error(None, codes.INVALID_REQUEST, words))
            return Reply(200, (), recording.read(after))
        reply = await upstream.listen(origin)
        if isinstance(reply.body, bytes):
            return reply
        self._standing.record(reply.body)
        return Reply(reply.status, reply.headers, self._standing.read(after, is_listening=True))
