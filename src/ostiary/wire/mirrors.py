"""Which parameters `Mcp-Param-*` headers mirror (Streamable HTTP 2026-07-28, Custom Headers from Tool Parameters)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from ostiary.model import JSON, JSONObject

PREFIX: Final = b"mcp-param-"
_ANNOTATION: Final = "x-mcp-header"
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
_TYPES: Final = ("string", "integer", "boolean")
_ONE_SCHEMA: Final = (
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_LIST_OF_SCHEMAS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAP_OF_SCHEMAS: Final = ("$defs", "definitions", "dependentSchemas", "patternProperties")


class Mirror(msgspec.Struct, frozen=True):
    """One parameter: the header's name as the schema spells it, and the path of property names to the value."""

    header: bytes
    path: tuple[str, ...]
    type: str


def mirrors(input_schema: JSONObject | None) -> tuple[Mirror, ...]:
    """The mirrored parameters of a tool, in the schema's order.

    Empty for a schema with an annotation that the specification does not permit: clients drop such a tool, and nobody
    can say what its headers should hold.
    """
    found: dict[bytes, Mirror] = {}
    for path, schema in _schemas(input_schema):
        if _ANNOTATION not in schema:
            continue
        name, type = schema[_ANNOTATION], schema.get("type")
        if not path or not isinstance(name, str) or not _TOKEN.fullmatch(name):
            return ()
        if not isinstance(type, str) or type not in _TYPES or name.lower().encode() in found:
            return ()
        found[name.lower().encode()] = Mirror(b"Mcp-Param-" + name.encode(), path, type)
    return tuple(found.values())


def _schemas(root: JSON) -> Iterator[tuple[tuple[str, ...] | None, JSONObject]]:
    """Every schema in a schema, with its path of `properties` from the root; None where there is another way only.
    Values that are data (`default`, `enum`, …) are no schemas, and references are not followed."""
    waiting: list[tuple[tuple[str, ...] | None, JSON]] = [((), root)]
    while waiting:
        path, schema = waiting.pop()
        if not isinstance(schema, dict):
            continue
        yield path, schema
        inner: list[tuple[tuple[str, ...] | None, JSON]] = [(None, schema.get(keyword)) for keyword in _ONE_SCHEMA]
        for keyword in _LIST_OF_SCHEMAS:
            several = schema.get(keyword)
            inner += [(None, each) for each in several] if isinstance(several, list) else []
        for keyword in _MAP_OF_SCHEMAS:
            named = schema.get(keyword)
            inner += [(None, each) for each in named.values()] if isinstance(named, dict) else []
        properties = schema.get("properties")
        if isinstance(properties, dict):
            inner += [(None if path is None else (*path, key), each) for key, each in properties.items()]
        waiting += reversed(inner)
