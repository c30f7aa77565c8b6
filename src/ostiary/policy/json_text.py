"""JSON text → nodes. Strict (RFC 8259), keys occur once, and every value knows its place."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final

from ostiary.errors import ConfigurationError
from ostiary.model import pointer_to
from ostiary.policy.node import MAX_DEPTH, MAX_DIGITS, Node, Value, complaint, number

__all__ = ["read_json"]

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: Final = {"true": True, "false": False, "null": None}
_WORD: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*|.")


def read_json(text: str, file: str) -> Node:
    """The document's root. Raises `ConfigurationError` at the first thing that is not JSON."""
    reader = _Reader(text, file)
    root, end = reader.value(reader.skip(0), "", 0)
    if (end := reader.skip(end)) < len(text):
        raise reader.refuse(end, "the document goes on after its end", "remove what follows")
    return root


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, at: int) -> tuple[int, int]:
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1

    def refuse(self, at: int, message: str, hint: str | None = None) -> ConfigurationError:
        return complaint(self._file, *self.place(at), message, hint)

    def skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def value(self, at: int, pointer: str, depth: int) -> tuple[Node, int]:
        """The value at `at`, and where it ends."""
        if depth > MAX_DEPTH:
            raise self.refuse(at, f"nested deeper than {MAX_DEPTH} levels")
        match self._text[at : at + 1]:
            case "{":
                return self._mapping(at, pointer, depth)
            case "[":
                return self._sequence(at, pointer, depth)
            case '"':
                text, end = self._string(at)
                return self._node(text, at, pointer), end
            case _:
                return self._word(at, pointer)

    def _node(self, value: Value, at: int, pointer: str) -> Node:
        line, column = self.place(at)
        return Node(value, self._file, line, column, pointer)

    def _mapping(self, start: int, pointer: str, depth: int) -> tuple[Node, int]:
        members: dict[str, Node] = {}
        keys: dict[str, Node] = {}
        line, column = self.place(start)
        node = Node(members, self._file, line, column, pointer, keys)
        at = self.skip(start + 1)
        if self._text[at : at + 1] == "}":
            return node, at + 1
        while True:
            if self._text[at : at + 1] != '"':
                raise self._unexpected(at, "a key in double quotes")
            key, end = self._string(at)
            if key in keys:
                raise self.refuse(at, f"duplicate key `{key}`", f"it is already on line {keys[key].line}")
            keys[key] = self._node(key, at, pointer_to(pointer, key))
            at = self.skip(end)
            if self._text[at : at + 1] != ":":
                raise self._unexpected(at, "`:` after the key")
            members[key], end = self.value(self.skip(at + 1), pointer_to(pointer, key), depth + 1)
            at, is_last = self._after(end, "}")
            if is_last:
                return node, at

    def _sequence(self, start: int, pointer: str, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        node = self._node(items, start, pointer)
        at = self.skip(start + 1)
        if self._text[at : at + 1] == "]":
            return node, at + 1
        while True:
            item, end = self.value(at, pointer_to(pointer, len(items)), depth + 1)
            items.append(item)
            at, is_last = self._after(end, "]")
            if is_last:
                return node, at

    def _after(self, end: int, closing: str) -> tuple[int, bool]:
        """Where to go on after a member, and whether it was the last one."""
        at = self.skip(end)
        match self._text[at : at + 1]:
            case ",":
                at = self.skip(at + 1)
                if self._text[at : at + 1] in ("}", "]"):
                    raise self.refuse(at, "a comma before the end", "remove the comma")
                return at, False
            case mark if mark == closing:
                return at + 1, True
            case _:
                raise self._unexpected(at, f"`,` or `{closing}`")

    def _string(self, at: int) -> tuple[str, int]:
        try:
            text, end = scanstring(self._text, at + 1, True)
        except json.JSONDecodeError as error:
            message = error.msg[0].lower() + error.msg[1:].removesuffix(" starting at").removesuffix(" at")
            raise self.refuse(error.pos, message) from None
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise self.refuse(at, "half of a surrogate pair is not a character")
        return text, end

    def _word(self, at: int, pointer: str) -> tuple[Node, int]:
        if found := _NUMBER.match(self._text, at):
            value = number(found.group())
            if value is None:
                raise self.refuse(at, f"a number of more than {MAX_DIGITS} digits")
            if self._text[found.end() : found.end() + 1].isalnum():
                raise self.refuse(at, "not a JSON number", "write it in decimal, without leading zeros")
            return self._node(value, at, pointer), found.end()
        word = _WORD.match(self._text, at)
        if word is None or word.group() not in _WORDS:
            raise self._unexpected(at, "a value")
        return self._node(_WORDS[word.group()], at, pointer), word.end()

    def _unexpected(self, at: int, expected: str) -> ConfigurationError:
        word = _WORD.match(self._text, at)
        found = f"`{word.group()}`" if word else "the end of the document"
        return self.refuse(at, f"expected {expected}, found {found}")
