"""How much work a schema that somebody else wrote can make: a few lines of references can take longer than the sun."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ostiary.model import JSON, JSONObject, keys_of

MOST_PARTS: Final = 20_000
MOST_VISITS: Final = 100_000
"""Subschemas that one look at an instance may come by, each counted as often as references lead there."""
DEEPEST: Final = 300
"""References and keywords, one within the other."""

_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")


class _Unbearable(Exception):
    """The text says why."""


def why_unbearable(schema: JSONObject) -> str | None:
    """Why nothing should be compared with this schema; None where it can be."""
    try:
        _count_parts(schema)
        _Weight(schema).of(schema, 0)
    except _Unbearable as reason:
        return str(reason)
    return None


def _count_parts(schema: JSONObject) -> None:
    waiting: list[JSON] = [schema]
    count = 0
    while waiting:
        count += 1
        if count > MOST_PARTS:
            raise _Unbearable(f"it has more than {MOST_PARTS} parts")
        waiting += _members(waiting.pop())


def _members(value: JSON) -> Iterator[JSON]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (member for member in inner if isinstance(member, dict | list))


class _Weight:
    """What each part of one schema weighs: itself, what is in it, and what it refers to. A part that refers to itself
    weighs no more for that: it is visited again for a part of the instance."""

    def __init__(self, root: JSONObject) -> None:
        self._root = root
        self._known: dict[int, int] = {}

    def of(self, part: JSON, depth: int) -> int:
        if depth > DEEPEST:
            raise _Unbearable(f"it refers and nests more than {DEEPEST} levels deep")
        if id(part) in self._known:
            return self._known[id(part)]
        self._known[id(part)] = 1
        weight = 1 + sum(self.of(inner, depth + 1) for inner in self._inner(part))
        if weight > MOST_VISITS:
            raise _Unbearable("its references multiply")
        self._known[id(part)] = weight
        return weight

    def _inner(self, part: JSON) -> Iterator[JSON]:
        if isinstance(part, dict):
            yield from (member for key, member in part.items() if key not in ("$defs", "definitions"))
            for keyword in ("$ref", "$dynamicRef"):
                if isinstance(reference := part.get(keyword), str):
                    yield self._target(reference)
        elif isinstance(part, list):
            yield from part

    def _target(self, reference: str) -> JSON:
        """What a reference leads to; nothing where it leads nowhere, which whoever compiles the schema says."""
        if not reference.startswith("#"):
            raise _Unbearable(f"it refers to {reference[:60]!a}, and only references within it (`#…`) are followed")
        if not reference.startswith("#/"):
            return self._root if reference == "#" else self._anchored(reference[1:])
        found: JSON = self._root
        plain = _PERCENT.sub(lambda code: bytes([int(code[1], 16)]), reference[2:].encode("utf-8", "replace"))
        for key in keys_of(f"/{plain.decode('utf-8', 'replace')}"):
            if isinstance(found, Mapping):
                found = found.get(key)
            elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            else:
                return None
        return found

    def _anchored(self, name: str) -> JSON:
        waiting: list[JSON] = [self._root]
        while waiting:
            part = waiting.pop()
            if isinstance(part, dict) and name in (part.get("$anchor"), part.get("$dynamicAnchor")):
                return part
            waiting += _members(part)
        return None
