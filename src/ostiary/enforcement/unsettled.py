"""Calls whose answer broke off and may still come: an agent takes a stream up again on another one (up to 2025-11-25,
Resumability and Redelivery), and what arrives there ends the call like any answer."""

from __future__ import annotations

from typing import Final, TypeAlias

from ostiary.ports import Origin
from ostiary.relay import Watch
from ostiary.wire.message import Id

PATIENCE: Final = 600 * 10**9
"""Nanoseconds after which nobody waits for the answer any more."""
MOST: Final = 4096

_NEVER_CAME: Final = "the stream broke off, and its answer never came"

Key: TypeAlias = "tuple[str, bytes, Id]"


class Unsettled:
    """Each is known by principal, session and the id of its request. Time is Unix time in nanoseconds."""

    def __init__(self) -> None:
        self._calls: dict[Key, tuple[int, Watch]] = {}

    def keep(self, origin: Origin, id: Id, watch: Watch, now: int) -> None:
        """The oldest is given up where there are too many."""
        self._give_up(now)
        self._calls[_key(origin, id)] = now + PATIENCE, watch

    def take(self, origin: Origin, id: Id | None, now: int) -> Watch | None:
        """What becomes of an answer with this id on one of the session's other streams."""
        if id is None or not self._calls:
            return None
        self._give_up(now)
        found = self._calls.pop(_key(origin, id), None)
        return None if found is None else found[1]

    def close(self) -> None:
        """None of them will be answered."""
        for _, watch in self._calls.values():
            watch.lost(_NEVER_CAME)
        self._calls.clear()

    def _give_up(self, now: int) -> None:
        while self._calls:
            key, (until, watch) = next(iter(self._calls.items()))
            if until > now and len(self._calls) < MOST:
                return
            del self._calls[key]
            watch.lost(_NEVER_CAME)


def _key(origin: Origin, id: Id) -> Key:
    return origin.principal, origin.session, id
