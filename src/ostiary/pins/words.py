"""What changed in a text, word by word, as a person can see it: nothing hidden, nothing that steers a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import Enum, auto
from typing import Final

import msgspec

from ostiary.risk.rules import shown

__all__ = ["Mark", "Piece", "reveal", "word_changes"]

_TOKEN: Final = re.compile(r"\w+|\n|[^\S\n]+|[^\w\s]")
_MOST: Final = 3000
"""Words compared one by one; texts that differ in more are shown whole."""
_CONTEXT: Final = 12
"""Tokens shown on each side of a change."""
_ALIKE: Final = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL")
"""Scripts with letters that pass for Latin ones."""


class Mark(Enum):
    SAME = auto()
    GONE = auto()
    NEW = auto()
    CUT = auto()
    """Something that did not change is left out here."""


class Piece(msgspec.Struct, frozen=True):
    text: str
    mark: Mark


def word_changes(before: str, after: str) -> list[Piece]:
    """The words that went and came, with some around them. Letters that pass for Latin ones are shown as what they are
    where the other text has none."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    latin = not _has_lookalike(before) or not _has_lookalike(after)
    pieces: list[Piece] = []
    steps = list(_steps(old, new))
    for number, (tag, was, now) in enumerate(steps):
        if tag == "equal":
            pieces += _context(was, is_first=number == 0, is_last=number == len(steps) - 1)
            continue
        if was:
            pieces.append(Piece("".join(_plain(token, latin=latin) for token in was), Mark.GONE))
        if now:
            pieces.append(Piece("".join(_plain(token, latin=latin) for token in now), Mark.NEW))
    return pieces


def reveal(text: str) -> str:
    """All of a text on one line, with what cannot be seen written as an escape."""
    return "".join(_plain(token, latin=False) for token in _TOKEN.findall(text))


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    head = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - head
    tail = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    was, now = old[head : len(old) - tail], new[head : len(new) - tail]
    if head:
        yield "equal", old[:head], new[:head]
    if max(len(was), len(now)) > _MOST:
        yield "replace", was, now
    else:
        for tag, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            yield tag, was[a:b], now[c:d]
    if tail:
        yield "equal", old[len(old) - tail :], new[len(new) - tail :]


def _context(tokens: Sequence[str], *, is_first: bool, is_last: bool) -> Iterator[Piece]:
    lead = 0 if is_first else _CONTEXT
    rest = 0 if is_last else _CONTEXT
    if len(tokens) <= lead + rest + 2:
        yield _same(tokens)
        return
    if lead:
        yield _same(tokens[:lead])
    yield Piece(" … ", Mark.CUT)
    if rest:
        yield _same(tokens[-rest:])


def _same(tokens: Sequence[str]) -> Piece:
    return Piece("".join(_plain(token, latin=False) for token in tokens), Mark.SAME)


def _plain(token: str, *, latin: bool) -> str:
    if token == "\n":
        return "⏎ "
    if token.isspace():
        return token if token in (" ", "  ") else f"⟨{len(token)} blanks⟩"
    if latin and not token.isascii():
        return "".join(f"\\u{{{ord(one):x}}}" if _is_lookalike(one) else shown(one) for one in token)
    return shown(token, len(token))


def _has_lookalike(text: str) -> bool:
    return not text.isascii() and any(map(_is_lookalike, text))


def _is_lookalike(character: str) -> bool:
    return character > "\x7f" and unicodedata.name(character, "").startswith(_ALIKE)
