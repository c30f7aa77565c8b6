"""YAML: PyYAML says what it means and where each node stands; what is shared by an anchor is left alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import yaml

from ostiary.clients.documents.document import KeyPath, Span, Splice, Tangled, before_items, broken
from ostiary.errors import ConfigurationError, Problem
from ostiary.model import JSON

__all__ = ["YamlDocument"]

_PLAIN: Final = re.compile(r"-{0,2}[A-Za-z_/][A-Za-z0-9_./-]*|--")
_WORDS: Final = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))


class YamlDocument:
    """Raises `ConfigurationError` for what is not one YAML document. An empty one is an empty mapping."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        try:
            self._root = yaml.compose(text, yaml.SafeLoader)
            self.data: JSON = yaml.safe_load(text) or {}
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise broken(file, text, mark.index if mark else 0, f"is no YAML: {error.problem}") from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise ConfigurationError(Problem(file, 0, 0, f"is no YAML: {' '.join(str(error).split())}")) from None
        self._shared = {id(node) for node, uses in Counter(_walk(self._root)).items() if uses > 1}

    def keys(self, path: KeyPath) -> Sequence[Span]:
        return (_span(self._member(path)[0]),)

    def value(self, path: KeyPath) -> Span:
        return _span(self._member(path)[1])

    def literal(self, value: JSON) -> str:
        match value:
            case Mapping():
                return "{" + ", ".join(f"{self.literal(key)}: {self.literal(one)}" for key, one in value.items()) + "}"
            case list() | tuple():
                return f"[{', '.join(map(self.literal, value))}]"
            case str() if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
                return value
            case _:
                return json.dumps(value, ensure_ascii=False)

    def key_literal(self, key: str) -> str:
        return self.literal(key)

    def prepend(self, path: KeyPath, items: Sequence[str]) -> Splice:
        node = self._list(path)
        start = node.start_mark.index
        literals = [self.literal(one) for one in items]
        if node.flow_style:
            return before_items(self.text, start, node.value[0].start_mark.index if node.value else None, literals)
        margin = self._newline() + " " * node.start_mark.column
        return Splice(start, start, "".join(f"- {literal}{margin}" for literal in literals))

    def without_first(self, path: KeyPath, count: int) -> Splice:
        node = self._list(path)
        first, last = node.value[0].start_mark.index, _span(node.value[-1]).end
        if node.flow_style:
            return Splice(first, node.value[count].start_mark.index if count < len(node.value) else last, "")
        if count < len(node.value):
            end = self.text.rindex("-", 0, node.value[count].start_mark.index)
            return Splice(node.start_mark.index, end, "")
        return Splice(node.start_mark.index, last, "[]")

    def add(self, after: KeyPath, key: str, value: JSON) -> Splice:
        name, node = self._member(after)
        end = _span(node).end
        written = f"{self.literal(key)}: {self.literal(value)}"
        if self._parent(after).flow_style:
            return Splice(end, end, f", {written}")
        line_end = self.text.find("\n", end)
        line_end = len(self.text) if line_end < 0 else line_end
        at = line_end - (self.text[line_end - 1 : line_end] == "\r")
        return Splice(at, at, f"{self._newline()}{' ' * name.start_mark.column}{written}")

    def without(self, path: KeyPath) -> Splice:
        name, node = self._member(path)
        parent = self._parent(path)
        if parent.flow_style:
            place = next(place for place, (key, _) in enumerate(parent.value) if key is name)
            if not place:
                raise Tangled
            return Splice(_span(parent.value[place - 1][1]).end, _span(node).end, "")
        start = self.text.rfind("\n", 0, name.start_mark.index)
        if start < 0:
            raise Tangled
        return Splice(start - (self.text[start - 1 : start] == "\r"), _span(node).end, "")

    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _list(self, path: KeyPath) -> yaml.SequenceNode:
        node = self._member(path)[1]
        if not isinstance(node, yaml.SequenceNode):
            raise Tangled("it is no list")
        return node

    def _parent(self, path: KeyPath) -> yaml.MappingNode:
        node = self._member(path[:-1])[1] if len(path) > 1 else self._root
        if not isinstance(node, yaml.MappingNode):
            raise Tangled("it is no mapping")
        return node

    def _member(self, path: KeyPath) -> tuple[yaml.Node, yaml.Node]:
        node, name = self._root, self._root
        for key in path:
            if not isinstance(node, yaml.MappingNode):
                raise Tangled("it is no mapping")
            found = [(one, value) for one, value in node.value if one.value == key]
            if len(found) != 1:
                raise Tangled("it is there twice" if found else "it is not there")
            name, node = found[0]
            if id(node) in self._shared:
                raise Tangled("it shares its value with another entry by an anchor (`&`, `*`)")
        if self.text[node.start_mark.index : node.start_mark.index + 1] in ("&", "!", "|", ">"):
            raise Tangled("its value has an anchor, a tag, or is a block of text")
        return name, node


def _walk(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Every node once for each place that it stands in; what is below a node that was met before, not again."""
    waiting, met = [node] if node is not None else [], set[int]()
    while waiting:
        one = waiting.pop()
        yield one
        if id(one) in met:
            continue
        met.add(id(one))
        if isinstance(one, yaml.MappingNode):
            waiting += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            waiting += one.value


def _span(node: yaml.Node) -> Span:
    """From the first to the last character; a block ends where its last item does, not where the next begins."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        end = _span(last[1] if isinstance(last, tuple) else last).end
    return Span(start, end)
