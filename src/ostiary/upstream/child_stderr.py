"""What a child writes on standard error: passed on line by line, the last lines kept for whoever asks why it died."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from typing import Final

_LONGEST: Final = 16 * 1024
_KEPT: Final = 5
_SHOWN: Final = 200


def to_stderr(data: bytes) -> None:
    """Write to our own standard error, at once; what nobody reads any more is dropped."""
    try:
        sys.stderr.buffer.write(data)
        sys.stderr.buffer.flush()
    except (OSError, ValueError):
        return


class ChildStderr:
    """`prefix` begins every line (`[name] ` under `serve`, nothing under `run`).

    The last lines are kept for whoever runs the command alone: with a prefix there are other agents, and what a server
    writes here is not for them.
    """

    def __init__(self, prefix: str = "", write: Callable[[bytes], None] = to_stderr) -> None:
        self._prefix = prefix.encode()
        self._write = write
        self._rest = b""
        self._last: deque[bytes] = deque(maxlen=_KEPT)

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST:
            lines.append(self._rest)
            self._rest = b""
        self._pass_on(lines)

    def end(self) -> None:
        """No more will come: what is left is a line too."""
        if self._rest:
            self._pass_on([self._rest])
            self._rest = b""

    @property
    def last(self) -> str:
        """The last lines that say something, as one, fit to be shown; empty where there are none."""
        texts = (line.decode("utf-8", "replace").strip() for line in self._last)
        whole = " | ".join("".join(c if c.isprintable() else " " for c in text) for text in texts)
        return whole if len(whole) <= _SHOWN * 2 else f"…{whole[-_SHOWN * 2 :]}"

    def _pass_on(self, lines: list[bytes]) -> None:
        if not self._prefix:
            self._last.extend(line for line in lines if line.strip())
        if lines:
            self._write(b"".join(b"%b%b\n" % (self._prefix, line) for line in lines))
