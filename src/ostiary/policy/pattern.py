"""Regular expressions: RE2's syntax, linear in the text, `$` matches at the very end only."""

from __future__ import annotations

import re2

__all__ = ["Pattern", "PatternError", "compile_pattern"]


class PatternError(Exception):
    """A pattern that RE2 does not accept."""


class Pattern:
    """A compiled pattern; `search` may match anywhere in the text."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str, compiled: re2._Regexp) -> None:
        self.source = source
        self._compiled = compiled

    def matches(self, text: str) -> bool:
        """Whether it is found in `text`. Raises `UnicodeEncodeError` for half a surrogate pair."""
        return self._compiled.search(text) is not None


def compile_pattern(source: str) -> Pattern:
    """Raises `PatternError` with RE2's own words."""
    options = re2.Options()
    options.log_errors = False
    try:
        return Pattern(source, re2.compile(source, options))
    except re2.error as error:
        said = error.args[0]
        raise PatternError(said.decode() if isinstance(said, bytes) else str(said)) from None
