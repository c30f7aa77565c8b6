"""Pieces that the schemas share. `described` carries what the reference page says of a key."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

__all__ = ["DURATION", "TEXT", "TEXTS", "Schema", "described", "one_or_many", "record", "ref"]

Schema: TypeAlias = dict[str, Any]

TEXT: Final[Schema] = {"type": "string", "minLength": 1}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
DURATION: Final[Schema] = {
    "oneOf": [
        {"type": "integer", "minimum": 1, "maximum": 31622400},
        {"enum": ["minute", "hour", "day"]},
        {"type": "string", "pattern": "^[1-9][0-9]{0,8}[smhd]$"},
    ]
}


def described(schema: Schema, text: str, default: str | None = None) -> Schema:
    """A key's schema with what it means; `default` is in words where it is no value."""
    return {**schema, "description": text, **({} if default is None else {"x-default": default})}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def one_or_many(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "array", "minItems": 1, "items": schema}]}


def record(properties: Schema, required: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object with these members and no others."""
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **needed, **more}
