# ruff: noqa: RUF001  # words and marks of many languages
"""Sentences as rows of notions, and what may be said of them: who is told to do what with which thing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from ostiary.risk.rules.words import NOTIONS, SCRIPTS, SHAPES

__all__ = ["Sentence", "Wording", "sentences", "wording"]

_LONGEST: Final = 48
_MOST: Final = 400
_SCRIPT: Final = "\u0590-\u07ff\u0900-\u0dff\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN: Final = re.compile(
    rf"[{_SCRIPT}][{_SCRIPT} ]*|"
    r"[`'\"]\w+[`'\"]|(?:https?|s3|ftp)://[^\s)\"'`>]+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|git@\S+|(?:~|\$home|%\w+%)?/[\w.@/*-]*[\w*]"
    r"|(?:~|\.{1,2})(?:/[\w.@*-]+)+|\.[a-z][\w./-]*|\+?\d[\d .:-]{5,24}\d"
    r"|[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?\b"
    r"|(?<= )[-–•*→](?= )|[^\W_](?:[\w'’.-]*\w)?(?:s')?|[.!?;:,\n。！？；，]"
)
_ENDS: Final = frozenset(".!?;\n-–•*→。！？；")


class Sentence(msgspec.Struct, frozen=True):
    """`notions` are those of each word in order; `starts` and `ends` are the words' places in the text."""

    notions: tuple[frozenset[str], ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    present: frozenset[str]


class _Lexicon:
    """The words of all notions, arranged for one look-up per word."""

    def __init__(self, notions: Mapping[str, str]) -> None:
        self.words: dict[str, set[str]] = {}
        self.stems: dict[str, set[str]] = {}
        self.rows: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for notion, spelled in notions.items():
            for word in spelled.split():
                self._add(notion, word.strip("'") if word.startswith("'") else word)
        self.lengths = sorted({len(stem) for stem in self.stems}, reverse=True)

    def _add(self, notion: str, word: str) -> None:
        if "_" in word and not word.startswith("."):
            parts = tuple(word.split("_"))
            self.rows.setdefault(parts[0], []).append((parts, notion))
        elif word.endswith("*"):
            self.stems.setdefault(word[:-1], set()).add(notion)
        else:
            self.words.setdefault(word, set()).add(notion)

    @lru_cache(maxsize=8192)  # noqa: B019  # one lexicon, for as long as the program runs
    def of(self, word: str) -> frozenset[str]:
        word = _ELISION.sub("", word)
        found = set(self.words.get(word, ()))
        for length in self.lengths:
            if length <= len(word):
                found |= self.stems.get(word[:length], set())
        found.update(notion for notion, shape in SHAPES if shape.fullmatch(word.replace(" ", "")))
        return frozenset(found)


_ELISION: Final = re.compile(r"^(?:l|d|n|s|j|c|qu|all|dell|sull|nell)'(?=\w{3})")
_LEXICON: Final = _Lexicon(NOTIONS)
_PHRASES: Final[Mapping[str, frozenset[str]]] = {
    phrase: frozenset(notion for notion, spelled in SCRIPTS.items() if phrase in spelled.split())
    for phrases in SCRIPTS.values()
    for phrase in phrases.split()
}
_PHRASE: Final = re.compile("|".join(sorted(map(re.escape, _PHRASES), key=len, reverse=True)))
_JOINTS: Final = frozenset(
    (
        "then",
        "please",
        "kindly",
        "also",
        "always",
        "must",
        "should",
        "shall",
        "and",
        "but",
        "so",
        "simply",
        "just",
        "will",
    )
)


class _Words:
    """The words of one sentence as they come."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.notions: list[set[str]] = []
        self.places: list[tuple[int, int]] = []
        self.opens = True

    def add(self, word: str, place: tuple[int, int]) -> None:
        found = set(_PHRASES.get(word) or _LEXICON.of(word))
        if self.opens:
            found |= {"^", *(f"^{notion}" for notion in found)}
        self.opens = word in _JOINTS
        self.said.append(word)
        self.notions.append(found)
        self.places.append(place)

    def sentence(self) -> Sentence:
        for start, word in enumerate(self.said):
            for parts, notion in _LEXICON.rows.get(word, ()):
                if _is_row(self.said, start, parts):
                    self.notions[start].add(notion)
                    if "^" in self.notions[start]:
                        self.notions[start].add(f"^{notion}")
        notions = tuple(map(frozenset, self.notions))
        starts, ends = zip(*self.places, strict=True)
        return Sentence(notions, starts, ends, frozenset().union(*notions))


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in plain lower case; bounded in number and length."""
    found: list[Sentence] = []
    words = _Words()
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word in (",", ":", "，"):
            words.opens = True
            continue
        if word in _ENDS or len(words.said) >= _LONGEST:
            if words.said:
                found.append(words.sentence())
                words = _Words()
            if len(found) == _MOST:
                break
        if word not in _ENDS:
            _take(words, word.replace("’", "'"), match.start())
    if words.said:
        found.append(words.sentence())
    return tuple(found)


def _take(words: _Words, word: str, start: int) -> None:
    parts = [(part[0], part.start()) for part in _PHRASE.finditer(word)] if not word.isascii() else []
    for part, offset in parts or [(word, 0)]:
        words.add(part, (start + offset, start + offset + len(part)))


def _is_row(words: Sequence[str], start: int, parts: Sequence[str]) -> bool:
    for offset, part in enumerate(parts):
        if start + offset >= len(words):
            return False
        word = words[start + offset]
        if not (word.startswith(part[:-1]) if part.endswith("*") else word == part):
            return False
    return True


class Wording(msgspec.Struct, frozen=True):
    """Rows of notions that must all be said in one sentence, in any order. In a row the order counts, and how many
    words may stand between each notion and the one before."""

    rows: tuple[tuple[tuple[str, int], ...], ...]
    needed: frozenset[str]

    def find(self, sentence: Sentence, *, is_asked: bool = False) -> tuple[int, int] | None:
        """The places in the text, first and last, of the words that say so. `is_asked` leaves out what is forbidden."""
        if not self.needed <= sentence.present:
            return None
        spans = [_find(row, sentence.notions, is_asked) for row in self.rows]
        if None in spans:
            return None
        found = [span for span in spans if span is not None]
        return sentence.starts[min(first for first, _ in found)], sentence.ends[max(last for _, last in found)]


def _find(row: Sequence[tuple[str, int]], said: Sequence[frozenset[str]], is_asked: bool) -> tuple[int, int] | None:
    """The first and last word of a row. `begun` has the words that can end it so far, each with its first."""
    begun = {
        place: place
        for place, notions in enumerate(said)
        if row[0][0] in notions and not (is_asked and any("not" in one for one in said[max(0, place - 6) : place]))
    }
    for notion, gap in row[1:]:
        reached: dict[int, int] = {}
        for place, first in begun.items():
            for following in range(place + 1, min(place + 2 + gap, len(said))):
                if notion in said[following]:
                    reached.setdefault(following, first)
        begun = reached
    return next(((first, last) for last, first in begun.items()), None)


def wording(text: str) -> Wording:
    """`not 3 tell 5 person & give`: in this order with at most so many words between, and somewhere the other."""
    rows = []
    for part in text.split("&"):
        words = part.split()
        rows.append(tuple(zip(words[::2], (0, *map(int, words[1::2])), strict=True)))
    wording = Wording(tuple(rows), frozenset(notion for row in rows for notion, _ in row))
    if not wording.needed <= KNOWN:
        raise ValueError(f"`{text}`: no such notion: {', '.join(sorted(wording.needed - KNOWN))}")
    return wording


KNOWN: Final = frozenset(f"{mark}{name}" for name in [*NOTIONS, *(name for name, _ in SHAPES)] for mark in ("", "^"))
