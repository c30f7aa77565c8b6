"""How much one principal may have under way at once, so that nobody uses up what is there for all."""

from __future__ import annotations

from collections.abc import Hashable
from types import TracebackType
from typing import Final

RETRY_AFTER: Final = b"1"
"""Seconds, as the header says it."""


class Crowded(Exception):
    """No more at once; the text says of what."""


class Crowd:
    """Counts what is under way, by whose it is; nothing is kept of who has nothing under way."""

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._under_way: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return sum(self._under_way.values())

    def enter(self, who: Hashable) -> Place:
        """Raises `Crowded`. The place is given back on leaving its `with` block."""
        return Place(self, who)

    def take(self, who: Hashable) -> None:
        """Raises `Crowded`."""
        count = self._under_way.get(who, 0)
        if count >= self._most:
            raise Crowded(f"{self._most} {self._what} at once are the most; end one, or try again")
        self._under_way[who] = count + 1

    def give_back(self, who: Hashable) -> None:
        count = self._under_way[who] - 1
        if count:
            self._under_way[who] = count
        else:
            del self._under_way[who]


class Place:
    """One place in a crowd, taken while entered."""

    __slots__ = ("_crowd", "_who")

    def __init__(self, crowd: Crowd, who: Hashable) -> None:
        self._crowd = crowd
        self._who = who

    def __enter__(self) -> None:
        self._crowd.take(self._who)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._crowd.give_back(self._who)
