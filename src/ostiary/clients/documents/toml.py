"""TOML: the standard library says what it means, a syntax tree says where each key and value stands."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec
import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from ostiary.clients.documents.document import KeyPath, Span, Splice, Tangled, before_items, broken
from ostiary.model import JSON

__all__ = ["TomlDocument"]

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_KEYS: Final = ("bare_key", "quoted_key", "dotted_key")
_PLACE: Final = re.compile(r" \(at line (\d+), column (\d+)\)\Z| \(at end of document\)\Z")


class _Written(msgspec.Struct, frozen=True):
    """One `key = value`, or the header of a table, which has no value. `keys` are the segments written here, the last
    ones of `path`."""

    path: KeyPath
    keys: tuple[Span, ...]
    value: Node | None = None
    is_inline: bool = False


class TomlDocument:
    """Raises `ConfigurationError` for what is not TOML."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self._raw = text.encode()
        try:
            self.data: JSON = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = _PLACE.search(str(error))
            at = _index(text, place) if place else 0
            raise broken(file, text, at, f"is no TOML: {_lower(_PLACE.sub('', str(error)))}") from None

    def keys(self, path: KeyPath) -> Sequence[Span]:
        depth = len(path)
        found = [
            one.keys[depth - 1 - (len(one.path) - len(one.keys))]
            for one in self._written
            if one.path[:depth] == path and len(one.path) - len(one.keys) < depth
        ]
        if not found:
            raise Tangled("it is not there")
        return found

    def value(self, path: KeyPath) -> Span:
        return self._span(self._pair(path)[1])

    def literal(self, value: JSON) -> str:
        match value:
            case Mapping():
                members = ", ".join(f"{self.key_literal(key)} = {self.literal(one)}" for key, one in value.items())
                return f"{{ {members} }}" if members else "{}"
            case str():
                return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
            case list() | tuple():
                return f"[{', '.join(map(self.literal, value))}]"
            case _:
                return json.dumps(value)

    def key_literal(self, key: str) -> str:
        return key if _BARE.fullmatch(key) else self.literal(key)

    def prepend(self, path: KeyPath, items: Sequence[str]) -> Splice:
        spans = self._items(path)
        opening = self.value(path).start
        return before_items(self.text, opening, spans[0].start if spans else None, [self.literal(one) for one in items])

    def without_first(self, path: KeyPath, count: int) -> Splice:
        spans = self._items(path)
        return Splice(spans[0].start, spans[count].start if count < len(spans) else spans[-1].end, "")

    def add(self, after: KeyPath, key: str, value: JSON) -> Splice:
        sibling, node = self._pair(after)
        start, end = self._span(node)
        written = f"{self.key_literal(key)} = {self.literal(value)}"
        if sibling.is_inline:
            return Splice(end, end, f", {written}")
        line_start = self.text.rfind("\n", 0, sibling.keys[0].start) + 1
        lead = self.text[line_start : sibling.keys[-1].start]
        line_end = self.text.find("\n", max(start, end - 1))
        line_end = len(self.text) if line_end < 0 else line_end
        is_crlf = self.text[line_end - 1 : line_end] == "\r"
        at = line_end - is_crlf
        newline = "\r\n" if is_crlf or (line_end == len(self.text) and "\r\n" in self.text) else "\n"
        return Splice(at, at, f"{newline}{lead}{written}")

    def without(self, path: KeyPath) -> Splice:
        pair, node = self._pair(path)
        end = self._span(node).end
        if pair.is_inline:
            siblings = [one for one in self._written if one.value and one.path[:-1] == path[:-1]]
            place = siblings.index(pair)
            if not place:
                raise Tangled
            before = siblings[place - 1].value
            return Splice(self._span(before).end if before else 0, end, "")
        start = self.text.rfind("\n", 0, pair.keys[0].start)
        if start < 0:
            raise Tangled
        return Splice(start - (self.text[start - 1 : start] == "\r"), end, "")

    def _pair(self, path: KeyPath) -> tuple[_Written, Node]:
        found = [(one, one.value) for one in self._written if one.path == path and one.value is not None]
        if len(found) != 1:
            raise Tangled("it is a table of its own" if any(one.path == path for one in self._written) else "not there")
        return found[0]

    def _items(self, path: KeyPath) -> list[Span]:
        node = self._pair(path)[1]
        if node.type != "array":
            raise Tangled("it is no list")
        return [self._span(one) for one in node.named_children if one.type != "comment"]

    def _span(self, node: Node) -> Span:
        start = len(self._raw[: node.start_byte].decode())
        return Span(start, start + len(self._raw[node.start_byte : node.end_byte].decode()))

    @cached_property
    def _written(self) -> list[_Written]:
        root = Parser(Language(tree_sitter_toml.language())).parse(self._raw).root_node
        if root.has_error:
            raise Tangled("the file is written in an unusual way")
        return list(self._walk(root, (), is_inline=False))

    def _walk(self, node: Node, path: KeyPath, *, is_inline: bool) -> Iterator[_Written]:
        for child in node.named_children:
            match child.type:
                case "table":
                    header = next(one for one in child.named_children if one.type in _KEYS)
                    names, spans = self._segments(header)
                    yield _Written(names, spans)
                    yield from self._walk(child, names, is_inline=False)
                case "pair":
                    key, value = (one for one in child.named_children if one.type != "comment")
                    names, spans = self._segments(key)
                    yield _Written(path + names, spans, value, is_inline)
                    if value.type == "inline_table":
                        yield from self._walk(value, path + names, is_inline=True)
                case _:
                    pass

    def _segments(self, key: Node) -> tuple[KeyPath, tuple[Span, ...]]:
        if key.type == "dotted_key":
            parts = [self._segments(one) for one in key.named_children if one.type in _KEYS]
            return tuple(n for names, _ in parts for n in names), tuple(s for _, spans in parts for s in spans)
        span = self._span(key)
        written = self.text[span.start : span.end]
        name = written if key.type == "bare_key" else next(iter(tomllib.loads(f"{written} = 0")))
        return (name,), (span,)


def _index(text: str, place: re.Match[str]) -> int:
    if place[1] is None:
        return len(text)
    at = 0
    for _ in range(int(place[1]) - 1):
        at = text.index("\n", at) + 1
    return at + int(place[2]) - 1


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
