"""A tool's definition in one canonical form: what makes no difference is gone, everything else is there.

The order of an object's members makes no difference, nor does how a number is written, nor the order of those lists in
a schema that are sets in JSON Schema 2020-12 (`required`, `enum`, `type`, `allOf`, `anyOf`, `oneOf`,
`dependentRequired`). Everything else does, in whatever member: what a server may send, a model may read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, auto
from typing import Final

import msgspec

from ostiary.model import JSON, JSONObject

__all__ = ["Place", "canonical", "digest", "place_of"]


class Place(Enum):
    """Where in a definition a value stands, which says what its order means."""

    DATA = auto()
    DEFINITION = auto()
    SCHEMA = auto()
    SCHEMAS = auto()
    """A list of schemas whose order says nothing."""
    NAMED_SCHEMAS = auto()
    SET = auto()
    """A list of data whose order says nothing."""
    NAMED_SETS = auto()

    @property
    def is_unordered(self) -> bool:
        """Whether the order of a list that stands here says nothing."""
        return self is Place.SET or self is Place.SCHEMAS


_IN_DEFINITION: Final = dict.fromkeys(("inputSchema", "outputSchema"), Place.SCHEMA)
_IN_SCHEMA: Final = {
    **dict.fromkeys(("required", "enum", "type"), Place.SET),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), Place.SCHEMAS),
    **dict.fromkeys(
        ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"), Place.NAMED_SCHEMAS
    ),
    **dict.fromkeys(("dependentRequired", "dependencies"), Place.NAMED_SETS),
    **dict.fromkeys(("items", "prefixItems", "additionalItems", "contains", "unevaluatedItems"), Place.SCHEMA),
    **dict.fromkeys(("additionalProperties", "propertyNames", "unevaluatedProperties"), Place.SCHEMA),
    **dict.fromkeys(("not", "if", "then", "else", "contentSchema"), Place.SCHEMA),
}
_ENCODER: Final = msgspec.json.Encoder(order="deterministic", decimal_format="number")


def place_of(place: Place, key: str, value: JSON) -> Place:
    """Where the member `key` of an object at `place` stands. Data in a schema (`default`, `const`, what `enum` has) is
    data, whatever it looks like."""
    match place:
        case Place.DEFINITION:
            return _IN_DEFINITION.get(key, Place.DATA)
        case Place.SCHEMA | Place.SCHEMAS:
            return _IN_SCHEMA.get(key, Place.DATA)
        case Place.NAMED_SCHEMAS:
            return Place.SCHEMA
        case Place.NAMED_SETS:
            return Place.SCHEMA if isinstance(value, Mapping) else Place.SET
        case Place.DATA | Place.SET:
            return Place.DATA


def digest(definition: JSONObject) -> str:
    """`sha256:` and the digest of a definition's canonical form."""
    return f"sha256:{hashlib.sha256(canonical(definition)).hexdigest()}"


def canonical(value: JSON, place: Place = Place.DEFINITION) -> bytes:
    """The same bytes for the same value at this place, and for no other."""
    return _ENCODER.encode(_plain(value, place))


def _plain(value: JSON, place: Place) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(member, place_of(place, key, member)) for key, member in value.items()}
    if isinstance(value, list | tuple):
        inner = {Place.SET: Place.DATA, Place.SCHEMAS: Place.SCHEMA}.get(place, place)
        members = [_plain(member, inner) for member in value]
        return sorted(members, key=_ENCODER.encode) if place.is_unordered else members
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return _number(value)


def _number(value: float | Decimal) -> Decimal:
    """One number, one way to write it: no zeros at its end."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    sign, digits, exponent = exact.as_tuple()
    end = len(digits)
    while end and digits[end - 1] == 0:
        end -= 1
    if not end or not isinstance(exponent, int):
        return Decimal(0) if exact.is_finite() else exact
    return Decimal((sign, digits[:end], exponent + len(digits) - end))
