"""How long a command that keeps ending is left alone. Pure: times come in, in seconds of one steady clock."""

from __future__ import annotations

from typing import Final

FIRST: Final = 0.5
LONGEST: Final = 30.0
HEALTHY: Final = 10.0
"""A child that lived this long has not failed to start."""


class Backoff:
    """One ending is followed by a new start at once, the next ones by twice the wait each, up to `LONGEST`.

    Children that were started before the last one ended say nothing new: many that end together count once.
    """

    def __init__(self) -> None:
        self._endings = 0
        self._last = float("-inf")

    def record(self, started: float, ended: float) -> None:
        """A child ended that nobody had asked to."""
        if started < self._last:
            return
        self._endings = 1 if ended - started >= HEALTHY else self._endings + 1
        self._last = ended

    def remaining(self, now: float) -> float:
        """Seconds until the next start; 0 where it may be at once."""
        if self._endings < 2:
            return 0.0
        wait: float = min(LONGEST, FIRST * 2.0 ** min(self._endings - 2, 10))
        return max(0.0, self._last + wait - now)
