"""A file that people change while a gateway runs, read again when they did.

It is looked at rather than watched: the same on every file system, container mount and editor. It is only read once it
has held still for one look, so that a half-written one is never taken for a shorter one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeAlias, TypeVar

from ostiary.errors import ConfigurationError
from ostiary.model import JSONObject

LOOK_EVERY: Final = 0.25
"""Seconds between two looks at a file."""

T = TypeVar("T")
Announce: TypeAlias = Callable[[str, JSONObject], object]
"""Takes what is recorded of a file: the kind and the body."""
Stamp: TypeAlias = "tuple[int, int, int] | None"


class Watched(Generic[T]):
    """`load` reads the file; it raises `ConfigurationError` where that cannot be used."""

    def __init__(self, path: Path, load: Callable[[Path], T]) -> None:
        self.path = path
        self._load = load
        self._taken: Stamp = _stamp(path)
        self._seen: Stamp = self._taken

    def open(self) -> T:
        """What it says now. Raises `ConfigurationError`."""
        return self._load(self.path)

    async def look(self) -> T | ConfigurationError | None:
        """What it says, or what is wrong with it, if it has changed and held still since the last look.

        It is read in a thread: calls go on meanwhile."""
        seen = _stamp(self.path)
        is_still, self._seen = seen == self._seen, seen
        if seen == self._taken or not is_still:
            return None
        try:
            found: T | ConfigurationError = await asyncio.to_thread(self._load, self.path)
        except ConfigurationError as error:
            found = error
        if _stamp(self.path) != seen:  # it was written to while it was read: look again
            return None
        self._taken = seen
        return found


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
