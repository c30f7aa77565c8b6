"""A tool's parameters as a reader wants them: every field of the input, with its path, its type and what it may be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from ostiary.model import JSON, JSONObject, keys_of

__all__ = ["Parameter", "count", "parameters"]

_MOST: Final = 80
_DEEPEST: Final = 5
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Parameter(msgspec.Struct, frozen=True):
    """One field. `path` descends with dots, `[]` for the elements of a list; `kind` says what it may be, in words;
    `limits` are the schema's own bounds, in words; `condition` is its path in a policy, empty where it has none."""

    path: str
    kind: str
    is_required: bool = False
    description: str = ""
    default: str = ""
    values: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    condition: str = ""


def count(schema: JSONObject | None) -> int:
    """How many parameters a tool takes: the properties of its input."""
    properties = (schema or {}).get("properties")
    return len(properties) if isinstance(properties, Mapping) else 0


def parameters(schema: JSONObject | None) -> tuple[Parameter, ...]:
    """The fields of an input schema, those of nested objects after the object itself; 80 at most.

    References within the schema are followed, in a circle only once; others never.
    """
    if schema is None:
        return ()
    walk = _Walk(schema)
    found: dict[str, Parameter] = {}
    for one in walk.fields(schema, "", "args", ()):
        found[one.path] = _merged(found[one.path], one) if one.path in found else one
        if len(found) == _MOST:
            break
    return tuple(found.values())


def _merged(first: Parameter, second: Parameter) -> Parameter:
    """One field that several alternatives have, each in its own way."""
    return msgspec.structs.replace(
        first,
        kind=" or ".join(dict.fromkeys([*first.kind.split(" or "), *second.kind.split(" or ")])),
        is_required=first.is_required and second.is_required,
        description=first.description or second.description,
        values=tuple(dict.fromkeys([*first.values, *second.values])) if first.values and second.values else (),
        limits=(),
    )


class _Walk:
    def __init__(self, root: JSONObject) -> None:
        self._root = root

    def fields(self, schema: JSONObject, path: str, condition: str, inside: tuple[str, ...]) -> Iterator[Parameter]:
        """The fields of an object's schema; `inside` are the references that led here."""
        properties = schema.get("properties")
        if not isinstance(properties, Mapping) or len(inside) > _DEEPEST or path.count(".") > _DEEPEST:
            return
        required = schema.get("required")
        needed = set(map(str, required)) if isinstance(required, Sequence) and not isinstance(required, str) else set()
        for name, definition in properties.items():
            within = f"{path}.{name}" if path else name
            place = _joined(condition, name)
            yield self._field(definition, within, place, name in needed, inside)
            for inner, suffix, led in self._objects(definition, inside):
                yield from self.fields(inner, within + suffix, "" if suffix else place, led)

    def _field(
        self, definition: JSON, path: str, condition: str, is_required: bool, inside: tuple[str, ...]
    ) -> Parameter:
        schema, _ = self._resolved(definition, inside)
        outer = definition if isinstance(definition, Mapping) else {}
        description = outer.get("description") or schema.get("description")
        default = outer.get("default", schema.get("default"))
        return Parameter(
            path,
            " or ".join(dict.fromkeys(self._kinds(definition, inside))) or "anything",
            is_required,
            description if isinstance(description, str) else "",
            "" if default is None else _text(default),
            tuple(dict.fromkeys(self._values(schema, inside)))[:60],
            tuple(_limits(schema)),
            condition,
        )

    def _resolved(self, definition: JSON, inside: tuple[str, ...]) -> tuple[JSONObject, tuple[str, ...]]:
        """A definition with its reference followed, and the references that led to it."""
        while isinstance(definition, Mapping) and isinstance(reference := definition.get("$ref"), str):
            if reference in inside or not reference.startswith("#"):
                return {}, inside
            inside = (*inside, reference)
            definition = self._at(reference)
        return (definition if isinstance(definition, Mapping) else {}), inside

    def _at(self, reference: str) -> JSON:
        value: JSON = self._root
        for key in keys_of(reference[1:]):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def _kinds(self, definition: JSON, inside: tuple[str, ...]) -> Iterator[str]:
        schema, led = self._resolved(definition, inside)
        for variant in _variants(schema):
            yield from self._kinds(variant, led)
        kind = schema.get("type")
        for name in kind if isinstance(kind, Sequence) and not isinstance(kind, str) else [kind]:
            if name == "array" and len(led) <= _DEEPEST and "items" in schema:
                inner = " or ".join(dict.fromkeys(self._kinds(schema["items"], (*led, "[]"))))
                yield f"list of {inner}" if inner else "list"
            elif isinstance(name, str):
                yield "list" if name == "array" else name

    def _values(self, schema: JSONObject, inside: tuple[str, ...]) -> Iterator[str]:
        values = schema.get("enum")
        if isinstance(values, Sequence) and not isinstance(values, str):
            yield from (value if isinstance(value, str) else _text(value) for value in values)
        if isinstance(schema.get("const"), str):
            yield str(schema["const"])
        if len(inside) <= _DEEPEST:
            for variant in _variants(schema):
                inner, led = self._resolved(variant, (*inside, "|"))
                yield from self._values(inner, led)

    def _objects(self, definition: JSON, inside: tuple[str, ...]) -> Iterator[tuple[JSONObject, str, tuple[str, ...]]]:
        """The schemas of objects that a field may hold, with `[]` for each list around them."""
        schema, led = self._resolved(definition, inside)
        if len(led) > _DEEPEST:
            return
        if "properties" in schema:
            yield schema, "", led
        if "items" in schema:
            for inner, suffix, further in self._objects(schema["items"], (*led, "[]")):
                yield inner, f"[]{suffix}", further
        for variant in _variants(schema):
            yield from self._objects(variant, (*led, "|"))


def _text(value: JSON) -> str:
    return _ENCODER.encode(value).decode()


def _variants(schema: JSONObject) -> Iterator[JSON]:
    for key in ("anyOf", "oneOf", "allOf"):
        inner = schema.get(key)
        if isinstance(inner, Sequence) and not isinstance(inner, str):
            yield from inner[:20]


_WORDS: Final = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} elements",
    "maxItems": "at most {} elements",
    "pattern": "matches {}",
    "format": "{}",
}


def _limits(schema: JSONObject) -> Iterator[str]:
    for key, words in _WORDS.items():
        value = schema.get(key)
        if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
            yield words.format(value)


def _joined(condition: str, name: str) -> str:
    """The path of a member in a policy."""
    if not condition:
        return ""
    return f"{condition}.{name}" if _IDENTIFIER.fullmatch(name) else f"{condition}[{json.dumps(name)}]"
