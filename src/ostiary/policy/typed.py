"""CEL checked against a tool's own inputSchema: unknown arguments, and comparisons that no value can pass.

Only what the schema says for certain is a type; everything else stays open. CEL tells integers from doubles and JSON
does not, so numbers are one kind here: an expression is wrong only if it is wrong however they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from cel_expr_python import cel

from ostiary.model import JSON, JSONObject
from ostiary.policy.expression import VARIABLES, ExpressionError, refusal
from ostiary.policy.functions import declared

__all__ = ["type_error"]

_DEEPEST: Final = 4
_LITERAL: Final = re.compile(r"""r?"(?:[^"\\\n]|\\.)*"|r?'(?:[^'\\\n]|\\.)*'""")
_PRESENCE: Final = re.compile(r"\bhas\(([^()]*)\)")
_DOUBLE: Final = re.compile(r"(?<![\w.])\d+\.\d+(?:[eE][+-]?\d+)?")
_BARE: Final = re.compile(r"(?<![\w.])args(?!\s*\.\s*[A-Za-z_])")
_SCALARS: Final = {"string": cel.Type.STRING, "boolean": cel.Type.BOOL}
_DEFINITION: Final = re.compile(r"#/(\$defs|definitions)/([^/~%]+)")
_OBJECT: Final = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
_OPEN: Final = ("$ref", "allOf", "anyOf", "oneOf", "patternProperties", "$dynamicRef", "if")


def type_error(source: str, schema: JSONObject) -> ExpressionError | None:
    """What is wrong with an expression for a tool with this inputSchema; None where nothing is for certain."""
    properties = schema.get("properties")
    if any(word in schema for word in _OPEN) or not isinstance(properties, Mapping):
        return None
    code = _outside_literals(source)
    first: ExpressionError | None = None
    for number, text in ((cel.Type.INT, code), (cel.Type.DOUBLE, code), (cel.Type.INT, _DOUBLE.sub("1", code))):
        names = _names(schema, properties, number, text)
        try:
            cel.NewEnv(variables=names, functions=declared()).compile(text)
        except (RuntimeError, ValueError, TypeError) as error:
            first = first or refusal(str(error), text, [name for name in names if name.startswith("args.")])
            continue
        return None
    return first


def _outside_literals(source: str) -> str:
    """The source with `has(…)` taken for granted: an argument may be asked for that nobody declared."""
    parts: list[str] = []
    end = 0
    for literal in _LITERAL.finditer(source):
        parts += [_PRESENCE.sub("true", source[end : literal.start()]), literal[0]]
        end = literal.end()
    return "".join([*parts, _PRESENCE.sub("true", source[end:])])


def _names(root: JSONObject, properties: Mapping[str, JSON], number: cel.Type, code: str) -> dict[str, cel.Type]:
    names = {name: kind for name, (kind, _) in VARIABLES.items() if name != "args"}
    names |= _declared(root, "args", properties, number, code)
    if _BARE.search(code):
        names["args"] = _OBJECT
    return names


def _declared(
    root: JSONObject, path: str, properties: Mapping[str, JSON], number: cel.Type, code: str, depth: int = 1
) -> dict[str, cel.Type]:
    """A name for every property. An object whose properties are known has none of its own unless it is used whole, so
    that a misspelt member is noticed."""
    names: dict[str, cel.Type] = {}
    for key, member in properties.items():
        name = f"{path}.{key}"
        schema = _resolved(root, member)
        inner = schema.get("properties") if isinstance(schema, Mapping) else None
        is_open = not isinstance(schema, Mapping) or any(word in schema for word in _OPEN)
        if isinstance(inner, Mapping) and inner and not is_open and depth < _DEEPEST:
            names |= _declared(root, name, inner, number, code, depth + 1)
            if re.search(rf"(?<![\w.]){re.escape(name)}(?!\s*\.\s*[A-Za-z_]|\w)", code):
                names[name] = _OBJECT
        else:
            names[name] = cel.Type.DYN if is_open else _kind(schema, number)
    return names


def _resolved(root: JSONObject, schema: JSON) -> JSON:
    """What a schema that is one reference to the definitions beside it refers to; itself otherwise."""
    if not isinstance(schema, Mapping) or "$ref" not in schema:
        return schema
    found = _DEFINITION.fullmatch(str(schema["$ref"]))
    known = root.get(found[1]) if found else None
    return known.get(found[2], schema) if found and isinstance(known, Mapping) else schema


def _kind(schema: JSON, number: cel.Type) -> cel.Type:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if kind in ("integer", "number"):
        return number
    if kind == "array" and isinstance(schema, Mapping):
        return cel.Type.List(_kind(schema.get("items"), number))
    if kind == "object":
        return _OBJECT
    return _SCALARS.get(kind, cel.Type.DYN) if isinstance(kind, str) else cel.Type.DYN
