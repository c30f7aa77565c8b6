"""What every format offers: the data, and where in the text each of its members stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from ostiary.errors import ConfigurationError, Problem
from ostiary.model import JSON

__all__ = ["Document", "KeyPath", "Span", "Splice", "Tangled", "before_items", "broken", "spliced"]

KeyPath: TypeAlias = "tuple[str, ...]"


class Span(NamedTuple):
    """A range of the text, the end not included."""

    start: int
    end: int


class Splice(NamedTuple):
    """Put `text` where `start` to `end` stood."""

    start: int
    end: int
    text: str


class Tangled(Exception):
    """A member is written in a way that cannot be changed without touching something else."""


class Document(Protocol):
    """A file's text. A path names members by their keys; one that is not there, or that stands in no single place, is
    `Tangled`."""

    text: str
    data: JSON

    def keys(self, path: KeyPath) -> Sequence[Span]:
        """Every place where the last key of the path is written: at least one."""
        ...

    def value(self, path: KeyPath) -> Span: ...

    def literal(self, value: JSON) -> str:
        """A value as it is written in this format, in one line."""
        ...

    def key_literal(self, key: str) -> str: ...

    def prepend(self, path: KeyPath, items: Sequence[str]) -> Splice:
        """New items before all others of a list."""
        ...

    def without_first(self, path: KeyPath, count: int) -> Splice:
        """Undoes `prepend`."""
        ...

    def add(self, after: KeyPath, key: str, value: JSON) -> Splice:
        """A new member behind the one at `after`, whose value is a scalar or stands in one line."""
        ...

    def without(self, path: KeyPath) -> Splice:
        """Undoes `add`."""
        ...


def spliced(text: str, splices: Sequence[Splice]) -> str:
    """The text with all splices made; they do not overlap."""
    for splice in sorted(splices, reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


def broken(file: str, text: str, at: int, message: str) -> ConfigurationError:
    """What is wrong at an index of the text, with its line and column."""
    line = text.count("\n", 0, at) + 1
    return ConfigurationError(Problem(file, line, at - (text.rfind("\n", 0, at) + 1) + 1, message))


_GAP: Final = re.compile(r"(?:\r?\n)?[ \t]*\Z")


def before_items(text: str, opening: int, first: int | None, items: Sequence[str]) -> Splice:
    """Items for a list in brackets: `opening` is the index of its bracket, `first` that of its first item, if any.

    They stand in one line, and where the list has a line for each item, on a line of their own.
    """
    if first is None:
        return Splice(opening + 1, opening + 1, ", ".join(items))
    gap = text[opening + 1 : first]
    found = _GAP.search(gap) if "\n" in gap else None
    return Splice(first, first, f"{', '.join(items)},{found[0] if found else ' '}")
