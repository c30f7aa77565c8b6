"""JSON as clients write it: with comments and trailing commas, tabs or spaces, and a reader that keeps its places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final

from ostiary.clients.documents.document import KeyPath, Span, Splice, Tangled, before_items, broken
from ostiary.model import JSON

__all__ = ["JsonDocument"]

_STRING: Final = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_COMMENT: Final = re.compile(rf"({_STRING})|//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_COMMA: Final = re.compile(rf"({_STRING}|[{{\[,]\s*,)|,(?=\s*[}}\]])", re.DOTALL)
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_VISIBLE: Final = re.compile(r"[^\r\n]")
_DECODER: Final = json.JSONDecoder()


class JsonDocument:
    """Raises `ConfigurationError` for what is not JSON, comments and trailing commas aside. Nothing but comments is an
    empty object."""

    def __init__(self, text: str, file: str) -> None:
        self.text = self._plain = text
        try:
            self.data: JSON = self._strict()
        except json.JSONDecodeError as error:
            raise broken(file, text, error.pos, f"is no JSON: {_lower(error.msg)}") from None
        except RecursionError:
            raise broken(file, text, 0, "is nested too deeply") from None

    def _strict(self) -> JSON:
        """The data; `_plain` is then strict JSON with everything in its place."""
        with suppress(json.JSONDecodeError):
            strict: JSON = json.loads(self.text)
            return strict
        self._plain = _COMMA.sub(_blanked, _COMMENT.sub(_blanked, self.text))
        lenient: JSON = json.loads(self._plain) if self._plain.strip() else {}
        return lenient

    def keys(self, path: KeyPath) -> Sequence[Span]:
        return (self._member(path)[0],)

    def value(self, path: KeyPath) -> Span:
        return self._member(path)[1]

    def literal(self, value: JSON) -> str:
        return json.dumps(value, ensure_ascii=False)

    def key_literal(self, key: str) -> str:
        return json.dumps(key, ensure_ascii=False)

    def prepend(self, path: KeyPath, items: Sequence[str]) -> Splice:
        opening = self.value(path).start
        first = next(self._items(opening), None)
        return before_items(self.text, opening, first and first.start, [self.literal(item) for item in items])

    def without_first(self, path: KeyPath, count: int) -> Splice:
        spans = list(self._items(self.value(path).start))
        end = spans[count].start if count < len(spans) else spans[-1].end
        return Splice(spans[0].start, end, "")

    def add(self, after: KeyPath, key: str, value: JSON) -> Splice:
        name, sibling = self._member(after)
        margin = self._margin(name.start)
        is_dense = not margin and self.text[name.end : sibling.start] == ":"
        margin = margin or ("" if is_dense else " ")
        separators = (",", ":") if is_dense else (", ", ": ")
        literal = json.dumps(value, ensure_ascii=False, separators=separators)
        return Splice(sibling.end, sibling.end, f",{margin}{self.key_literal(key)}{':' if is_dense else ': '}{literal}")

    def without(self, path: KeyPath) -> Splice:
        before = 0
        for key, _, value in self._members(self._at(path[:-1])):
            if key == path[-1] and before:
                return Splice(before, value.end, "")
            before = value.end
        raise Tangled

    def _margin(self, at: int) -> str:
        """What stands between a comma and the member at `at`: a line break and its indentation, a space, or nothing."""
        start = at
        while start and self.text[start - 1] in " \t":
            start -= 1
        if start and self.text[start - 1] == "\n":
            start -= 2 if self.text[start - 2 : start - 1] == "\r" else 1
            return self.text[start:at]
        return " " if start < at else ""

    def _at(self, path: KeyPath) -> int:
        if not path:
            return self._skip(0)
        return self._member(path)[1].start

    def _member(self, path: KeyPath) -> tuple[Span, Span]:
        at = self._skip(0)
        found: list[tuple[Span, Span]] = []
        for key in path:
            found = [(name, value) for one, name, value in self._members(at) if one == key]
            if len(found) != 1:
                raise Tangled("it is there twice" if found else "it is not there")
            at = found[0][1].start
        return found[0]

    def _members(self, at: int) -> Iterator[tuple[str, Span, Span]]:
        """Key, its place and its value's, of the object at `at`."""
        if self._plain[at : at + 1] != "{":
            raise Tangled("it is no object")
        at = self._skip(at + 1)
        while self._plain[at] == '"':
            key, end = scanstring(self._plain, at + 1)
            value = self._value(self._skip(self._skip(end) + 1))
            yield key, Span(at, end), value
            at = self._skip(value.end)
            at = self._skip(at + 1) if self._plain[at] == "," else at

    def _items(self, at: int) -> Iterator[Span]:
        if self._plain[at : at + 1] != "[":
            raise Tangled("it is no list")
        at = self._skip(at + 1)
        while self._plain[at] != "]":
            value = self._value(at)
            yield value
            at = self._skip(value.end)
            at = self._skip(at + 1) if self._plain[at] == "," else at

    def _value(self, at: int) -> Span:
        return Span(at, _DECODER.raw_decode(self._plain, at)[1])

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._plain, at)
        return found.end() if found else at


def _blanked(found: re.Match[str]) -> str:
    """What is kept, as it is; anything else as so many spaces, line breaks kept."""
    return found[0] if found[1] is not None else _VISIBLE.sub(" ", found[0])


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
