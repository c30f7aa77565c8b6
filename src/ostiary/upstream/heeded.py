"""A server whose word that its tools have changed is heard, even where no agent listens for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ostiary.errors import WireError
from ostiary.upstream.child_stderr import ChildStderr
from ostiary.upstream.line import Far, Line
from ostiary.wire.message import peek

_CHANGED: Final = "notifications/tools/list_changed"
_LONGEST: Final = 4096
"""Bytes that such a notification has at most: longer lines are not looked into."""


class Heeded:
    """The same server; `changed` is called when it says so on any of its lines, before anybody else hears of it."""

    def __init__(self, far: Far, changed: Callable[[], None]) -> None:
        self._far = far
        self._changed = changed

    @property
    def label(self) -> str:
        return self._far.label

    async def open(
        self, stderr: ChildStderr, received: Callable[[bytes], None], ended: Callable[[], None], largest: int
    ) -> Line:
        def look(line: bytes) -> None:
            if len(line) <= _LONGEST and _says_so(line):
                self._changed()
            received(line)

        return await self._far.open(stderr, look, ended, largest)


def _says_so(line: bytes) -> bool:
    """A word in a batch counts too; one in another message does no harm."""
    if b"list_changed" in line:
        return True
    if b"\\u" not in line:
        return False
    try:
        return peek(line).method == _CHANGED
    except WireError:
        return False
