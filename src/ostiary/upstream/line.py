"""What `StdioUpstream` needs of whatever carries its lines: a child's pipes, or the two halves of HTTP with SSE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ostiary.upstream.child_stderr import ChildStderr


class Line(Protocol):
    """One connection to a server, for one session. Messages go one way by `write`, and come the other way to whatever
    was given when it was opened."""

    @property
    def is_over(self) -> bool:
        """It carries nothing any more."""

    @property
    def epitaph(self) -> str:
        """Why it is over, in half a sentence."""

    @property
    def last_words(self) -> str:
        """What more is known of that, after a semicolon; empty where nothing is."""

    def write(self, line: bytes) -> None:
        """Send one message. Raises `UpstreamNotReached` where it is over."""

    async def drained(self) -> None:
        """Returns once most of what was written is on its way, or it is over."""

    def pause(self) -> None:
        """Take no more of what the server says."""

    def resume(self) -> None: ...

    async def wait(self) -> int:
        """The exit status, once it has ended."""

    async def stop(self, grace: float = 2.0) -> None:
        """End it."""


class Far(Protocol):
    """Where a line leads to."""

    @property
    def label(self) -> str:
        """Its name, fit for people and logs."""

    async def open(
        self, stderr: ChildStderr, received: Callable[[bytes], None], ended: Callable[[], None], largest: int
    ) -> Line:
        """A line, each of its messages given to `received`, at most `largest` bytes; `ended` is called once when it is
        over. Raises `UpstreamNotReached`."""
