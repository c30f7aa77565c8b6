"""`arguments`: JSON Schema 2020-12, exact numbers, linear patterns, and never a fetch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import jsonschema_rs

from ostiary.model import JSON, JSONObject, Tool
from ostiary.policy.facts import Facts, Unjudgeable
from ostiary.policy.schema_weight import why_unbearable

__all__ = ["KEYWORDS", "ArgumentSchema", "SchemaError", "StrictArguments"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NAMED_SCHEMAS: Final = frozenset(("properties", "patternProperties", "$defs", "dependentSchemas"))
_SCHEMA_LISTS: Final = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SCHEMAS: Final = frozenset(
    (
        *("additionalProperties", "unevaluatedProperties", "propertyNames", "items", "contains", "unevaluatedItems"),
        *("not", "if", "then", "else", "contentSchema"),
    )
)
_OTHERS: Final = frozenset(
    (
        *("$schema", "$id", "$anchor", "$ref", "$dynamicRef", "$dynamicAnchor", "$comment", "$vocabulary"),
        *("type", "const", "enum", "format", "required", "dependentRequired", "pattern", "minLength", "maxLength"),
        *("multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxItems", "minItems"),
        *("uniqueItems", "maxContains", "minContains", "maxProperties", "minProperties", "title", "description"),
        *("default", "deprecated", "readOnly", "writeOnly", "examples", "contentEncoding", "contentMediaType"),
    )
)
KEYWORDS: Final = _NAMED_SCHEMAS | _SCHEMA_LISTS | _SCHEMAS | _OTHERS
"""Every keyword of JSON Schema 2020-12."""

_MASK: Final = "the value"
_MAX_STRICT: Final = 1024


class SchemaError(Exception):
    """A schema that cannot be used; `steps` lead to the place in it."""

    def __init__(self, message: str, steps: tuple[str | int, ...] = (), word: str | None = None) -> None:
        super().__init__(message)
        self.steps = steps
        self.word = word


def _refusal(error: jsonschema_rs.ValidationError) -> str:
    said = _said(error)
    if said.endswith('is not a "regex"'):
        return "the pattern does not compile; patterns are linear in time, and have no look-around"
    return _foreign(said)


def _foreign(said: str) -> str:
    """What a schema refers to and does not bring along, in our words."""
    if found := re.search(r"Resource '([^']*)'", said):
        return f"`{found[1]}` is elsewhere, and nothing is fetched"
    if found := re.search(r"Unknown format: '([^']*)'", said):
        return f"unknown format `{found[1]}`"
    return said


def _never(uri: str) -> Any:
    raise ValueError(f"`{uri}` is elsewhere, and nothing is fetched")


class ArgumentSchema:
    """A schema out of a policy. Unknown keywords and formats are refused: nothing in it may be without effect."""

    __slots__ = ("_validator",)

    def __init__(self, schema: JSON) -> None:
        """Raises `SchemaError`."""
        if not isinstance(schema, dict | bool):
            raise SchemaError("needs a JSON Schema, or `strict`")
        if isinstance(schema, dict):
            _check_keywords(schema, ())
            if schema.get("$schema", _DIALECT) != _DIALECT:
                raise SchemaError(
                    f"only JSON Schema 2020-12 is understood; remove it or write `{_DIALECT}`", ("$schema",)
                )
        try:
            jsonschema_rs.meta.validate(schema)
            self._validator = jsonschema_rs.Draft202012Validator(
                schema,
                retriever=_never,
                mask=_MASK,
                validate_formats=True,
                ignore_unknown_formats=False,
                pattern_options=jsonschema_rs.RegexOptions(),
            )
        except jsonschema_rs.ValidationError as error:
            raise SchemaError(_refusal(error), tuple(error.instance_path)) from None
        except ValueError as error:
            raise SchemaError(_foreign(str(error))) from None

    def fits(self, facts: Facts) -> bool:
        return _fits(self._validator, facts.arguments)

    def why_not(self, facts: Facts) -> str:
        """What does not fit, in one sentence without a value of the arguments."""
        return _why_not(self._validator, facts.arguments)


class StrictArguments:
    """The tool's own inputSchema, with no undeclared argument. Compiled when a tool is first seen."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[JSONObject, Any]] = {}

    def fits(self, facts: Facts) -> bool:
        return _fits(self._validator(facts.call.tool), facts.arguments)

    def why_not(self, facts: Facts) -> str:
        return _why_not(self._validator(facts.call.tool), facts.arguments)

    def _validator(self, tool: Tool) -> Any:
        """Raises `Unjudgeable` where the definition is unknown or unusable."""
        if tool.input_schema is None:
            raise Unjudgeable("the tool's own definition is not known")
        key = (tool.server, tool.name)
        known = self._known.get(key)
        if known is not None and (known[0] is tool.input_schema or known[0] == tool.input_schema):
            return known[1]
        if len(self._known) >= _MAX_STRICT:
            self._known.clear()
        validator = _strict(tool.input_schema)
        self._known[key] = (tool.input_schema, validator)
        return validator


def _strict(schema: JSONObject) -> Any:
    if (why := why_unbearable(schema)) is not None:
        raise Unjudgeable(f"the tool's own definition cannot be used: {why}")
    is_current = schema.get("$schema", _DIALECT) == _DIALECT
    closed = {key: value for key, value in schema.items() if key != "additionalProperties"}
    closed["unevaluatedProperties" if is_current else "additionalProperties"] = False
    make = jsonschema_rs.Draft202012Validator if is_current else jsonschema_rs.validator_for
    try:
        return make(closed, retriever=_never, mask=_MASK)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        said = _said(error) if isinstance(error, jsonschema_rs.ValidationError) else str(error)
        raise Unjudgeable(f"the tool's own definition cannot be used: {said}") from None


def _fits(validator: Any, arguments: JSONObject) -> bool:
    try:
        return bool(validator.is_valid(arguments))
    except (ValueError, TypeError, RuntimeError) as error:
        raise Unjudgeable(f"the arguments cannot be compared with the schema: {error}") from None


def _why_not(validator: Any, arguments: JSONObject) -> str:
    try:
        found = sorted((_place(error.instance_path), _said(error)) for error in validator.iter_errors(arguments))
    except (ValueError, TypeError, RuntimeError):
        found = []
    if not found:
        return "the arguments do not fit"
    place, said = found[0]
    return f"`{place}`: {said}"


def _place(steps: Iterable[str | int]) -> str:
    return "args" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _said(error: jsonschema_rs.ValidationError) -> str:
    return str(error.message).splitlines()[0]


def _check_keywords(schema: Mapping[str, JSON], steps: tuple[str | int, ...]) -> None:
    for key, value in schema.items():
        if key not in KEYWORDS:
            raise SchemaError(f"unknown keyword `{key}`", (*steps, key), key)
        if key in _NAMED_SCHEMAS and isinstance(value, dict):
            for name, member in value.items():
                if isinstance(member, dict):
                    _check_keywords(member, (*steps, key, name))
        elif key in _SCHEMA_LISTS and isinstance(value, list):
            for index, member in enumerate(value):
                if isinstance(member, dict):
                    _check_keywords(member, (*steps, key, index))
        elif key in _SCHEMAS and isinstance(value, dict):
            _check_keywords(value, (*steps, key))
