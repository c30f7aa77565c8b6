"""Errands whose agent is being asked something, until it comes back with the answer."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

from ostiary.wire.message import Request

if TYPE_CHECKING:
    from ostiary.upstream.eras.errand import Errand

PATIENCE: Final = 600.0
"""Seconds that an agent may take for an answer; a person may have to be found first."""
MOST: Final = 256

_SAME: Final = ("name", "uri", "arguments", "argument", "ref")


class Held:
    """Each is named by a state that nobody can guess, that works once, and only for the same principal and call."""

    def __init__(self, patience: float = PATIENCE, most: int = MOST) -> None:
        self._patience = patience
        self._most = most
        self._errands: dict[str, tuple[Errand, asyncio.TimerHandle]] = {}

    def keep(self, errand: Errand) -> str:
        """The `requestState` that brings it back. Where too many are kept the oldest is cancelled."""
        if len(self._errands) >= self._most:
            self._expire(next(iter(self._errands)))
        state = secrets.token_urlsafe(24)
        timer = asyncio.get_running_loop().call_later(self._patience, self._expire, state)
        self._errands[state] = errand, timer
        return state

    def take(self, state: object, request: Request, principal: str) -> Errand | None:
        """The errand that goes on with this request; None where there is none, or it is not this request's."""
        if not isinstance(state, str) or state not in self._errands:
            return None
        errand, timer = self._errands[state]
        first = errand.request
        if errand.principal != principal or first.method != request.method:
            return None
        if any(first.params.get(key) != request.params.get(key) for key in _SAME):
            return None
        del self._errands[state]
        timer.cancel()
        return errand

    def _expire(self, state: str) -> None:
        errand, timer = self._errands.pop(state)
        timer.cancel()
        errand.cancel()
