"""One tree of errors: you misused us, or the world misbehaved.

Every message is one line that says what is wrong, where, and what to do.
"""

from __future__ import annotations

__all__ = [
    "ConfigurationError",
    "LedgerError",
    "OstiaryError",
    "Problem",
    "StoreError",
    "UpstreamError",
    "UpstreamNotReached",
    "UpstreamOver",
    "WireError",
]

import msgspec


class OstiaryError(Exception):
    """Anything that Ostiary itself raises."""


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong in a document a person wrote; lines and columns count from 1, 0 means the whole file."""

    file: str
    line: int
    column: int
    message: str
    rule: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: "
        rule = f"rule `{self.rule}`: " if self.rule else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{place}{rule}{self.message}{hint}"


class ConfigurationError(OstiaryError):
    """A policy, configuration or command line that cannot be used. Exit code 2."""

    def __init__(self, *problems: Problem | str) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class WireError(OstiaryError):
    """A peer sent what cannot be accepted; `code` is the JSON-RPC error code of the answer."""

    def __init__(self, code: int, message: str, *, status: int = 400, id: str | int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.id = id


class UpstreamError(OstiaryError):
    """The upstream failed after something may have reached it: nobody can say whether it happened."""


class UpstreamNotReached(UpstreamError):
    """The upstream failed before a byte of the message was sent: it certainly did not happen."""


class UpstreamOver(UpstreamError):
    """The upstream has ended: what it still owed will never come, on no other stream either."""


class StoreError(OstiaryError):
    """A store could not read or keep what it was given."""


class LedgerError(StoreError):
    """A record could not be appended: what it announces must not happen."""
