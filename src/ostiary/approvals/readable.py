"""Arguments as a person has to read them: all of them, and nothing in them that hides or moves what is beside it."""

from __future__ import annotations

import unicodedata
from typing import Final

import msgspec

__all__ = ["as_lines", "visible"]

_HIDING: Final = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
"""Unicode categories that are not seen or that change what is seen: controls, directional marks, unassigned."""
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\u00ad\u034f")
"""Letters and marks by category that look like nothing."""


def visible(text: str) -> str:
    r"""The text on one line, with every character that is unseen or steers a display as its escape, `\u202e`; so
    is a space that is not the usual one.

    A backslash stays as it is: in JSON it is already doubled, so the two cannot be mistaken for one another there.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def as_lines(arguments: str) -> list[str]:
    """JSON text, indented, a line each; no value is shortened and no number rounded."""
    return [visible(line) for line in msgspec.json.format(arguments, indent=2).split("\n")]


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    is_odd_space = category == "Zs" and character != " "
    if category in _HIDING or is_odd_space or character in _BLANK:
        code = ord(character)
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character
