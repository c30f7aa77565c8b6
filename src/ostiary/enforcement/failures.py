"""Failures that come back as success: what in a result's text says that the call failed, though `isError` does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from ostiary.errors import WireError
from ostiary.wire.members import value_at

if TYPE_CHECKING:
    from ostiary.policy.pattern import Pattern

__all__ = ["Failures"]

_PLACES: Final = (("result", "content"), ("result", "result", "content"))
"""Where a tool's answer has its content: its own, and that of a task that has ended (tasks extension)."""


class _Item(msgspec.Struct):
    text: str = ""


_ITEMS: Final = msgspec.json.Decoder(list[_Item])


class Failures:
    """RE2 patterns of one server. The answer itself is never changed by them."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        """Raises `PatternError`."""
        self._patterns: list[Pattern] = []
        if patterns:
            from ostiary.policy.pattern import compile_pattern

            self._patterns = [compile_pattern(pattern) for pattern in patterns]

    def find(self, answer: bytes) -> str | None:
        """The first pattern that a text of the result matches; None where none does."""
        if not self._patterns:
            return None
        texts = _texts(answer)
        return next((each.source for each in self._patterns if any(each.matches(text) for text in texts)), None)


def _texts(answer: bytes) -> list[str]:
    for place in _PLACES:
        try:
            raw = value_at(answer, place)
            if raw is not None:
                return [item.text for item in _ITEMS.decode(raw)]
        except (WireError, msgspec.DecodeError, UnicodeDecodeError):
            continue
    return []
