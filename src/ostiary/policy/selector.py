"""Which tools a block is about. Names are compared exactly: no case folding, no normalisation, no trimming."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

from ostiary.model import Tool
from ostiary.policy.facts import Unjudgeable

__all__ = ["CLASSES", "SEVERITIES", "Selector", "SelectorError", "glob", "parse_name", "parse_selector"]

CLASSES: Final = ("read", "write", "execute", "destructive", "financial")
SEVERITIES: Final = ("low", "medium", "high", "critical")
_ANNOTATION: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

Match: TypeAlias = Callable[[Tool], bool]


class SelectorError(Exception):
    """A text that selects nothing; `options` are the words it could have used."""

    def __init__(self, message: str, word: str = "", options: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.word = word
        self.options = options


class Selector(msgspec.Struct, frozen=True):
    """A parsed selector. `name` is set where it names exactly one tool on any server: it is found by index then.

    `is_wildcard` where it matches every tool (of a server); `reads_traits` where it looks beyond the names: then
    `matches` raises `Unjudgeable` where the tool's class or severity is asked for and not known.
    """

    text: str
    matches: Match
    name: str | None = None
    is_wildcard: bool = False
    reads_traits: bool = False

    @property
    def is_glob(self) -> bool:
        """Whether it may match several names."""
        return _is_glob(self.text)


def glob(pattern: str) -> Callable[[str], bool]:
    """A matcher of whole strings: `*` is any run of characters, `?` any one; time is linear in the text."""
    first, *rest = [".".join(map(re.escape, part.split("?"))) for part in pattern.split("*")]
    source = first
    if rest:
        source += "".join(f"(?>.*?{part})" for part in rest[:-1] if part) + f".*{rest[-1]}"
    fullmatch = re.compile(source, re.DOTALL).fullmatch
    return lambda text: fullmatch(text) is not None


def parse_selector(text: str) -> Selector:
    """Raises `SelectorError`."""
    plain = _parse_unqualified(text)
    server, slash, rest = text.partition("/")
    if not slash or not server or not rest:
        return plain
    inner = _parse_unqualified(rest)
    of_server = _names(server)
    matches_name, matches_inner = plain.matches, inner.matches
    return Selector(
        text,
        lambda tool: matches_name(tool) or (of_server(tool.server) and matches_inner(tool)),
        is_wildcard=inner.is_wildcard,
        reads_traits=inner.reads_traits,
    )


def parse_name(text: str) -> Selector:
    """A selector of names alone, for what is no tool: a resource's URI, a prompt's name."""
    matches = _names(text)
    exact = None if _is_glob(text) else text
    return Selector(text, lambda tool: matches(tool.name), exact, is_wildcard=not text.strip("*"))


def _parse_unqualified(text: str) -> Selector:
    kind, colon, word = text.partition(":")
    if colon and kind == "class":
        if word not in CLASSES:
            raise SelectorError(f"unknown class `{word}`", word, CLASSES)
        return Selector(text, lambda tool: _known(tool.risk_class, "class") == word, reads_traits=True)
    if colon and kind == "severity":
        return _parse_severity(text, word)
    if colon and kind == "annotation":
        if not _ANNOTATION.fullmatch(word):
            raise SelectorError("`annotation:` needs the name of one, such as `destructiveHint`")
        return Selector(text, lambda tool: tool.annotations.get(word) is True, reads_traits=True)
    return parse_name(text)


def _parse_severity(text: str, word: str) -> Selector:
    level = word.removeprefix(">=")
    if level not in SEVERITIES:
        raise SelectorError(f"unknown severity `{level}`", level, SEVERITIES)
    if not word.startswith(">="):
        raise SelectorError(f"write `severity:>={level}`: it selects {level} and above")
    wanted = SEVERITIES[SEVERITIES.index(level) :]
    return Selector(text, lambda tool: _known(tool.severity, "severity") in wanted, reads_traits=True)


def _known(trait: str | None, what: str) -> str:
    if trait is None:
        raise Unjudgeable(f"the {what} of the tool is not known")
    return trait


def _is_glob(text: str) -> bool:
    return "*" in text or "?" in text


def _names(text: str) -> Callable[[str], bool]:
    return glob(text) if _is_glob(text) else text.__eq__
