from __future__ import annotations

from typing import Any

import pytest

from ostiary.model import JSONObject
from ostiary.wire.mirrors import Mirror, mirrors


def mark(name: object, type: object = "string") -> dict[str, Any]:
    return {"type": type, "x-mcp-header": name}


def test_paths_through_properties() -> None:
    schema: JSONObject = {
        "type": "object",
        "properties": {
            "region": mark("Region"),
            "query": {"type": "string", "default": {"x-mcp-header": "data, no schema"}},
            "deep": {"type": "object", "properties": {"er": {"properties": {"flag": mark("Flag", "boolean")}}}},
            "n": mark("N", "integer"),
        },
    }
    assert mirrors(schema) == (
        Mirror(b"Mcp-Param-Region", ("region",), "string"),
        Mirror(b"Mcp-Param-Flag", ("deep", "er", "flag"), "boolean"),
        Mirror(b"Mcp-Param-N", ("n",), "integer"),
    )


@pytest.mark.parametrize("schema", [None, {}, {"properties": {}}, {"properties": []}, {"properties": {"a": True}}])
def test_none(schema: Any) -> None:
    assert mirrors(schema) == ()


@pytest.mark.parametrize(
    "schema",
    [
        mark("Root"),
        {"properties": {"a": mark("")}},
        {"properties": {"a": mark("A B")}},
        {"properties": {"a": mark("A\r\nX: y")}},
        {"properties": {"a": mark("é")}},
        {"properties": {"a": mark(5)}},
        {"properties": {"a": mark("A", "number")}},
        {"properties": {"a": mark("A", "object")}},
        {"properties": {"a": mark("A", ["string", "null"])}},
        {"properties": {"a": {"x-mcp-header": "A"}}},
        {"properties": {"a": mark("A"), "b": mark("a")}},
        {"properties": {"a": {"items": mark("A")}}},
        {"properties": {"a": {"anyOf": [mark("A")]}}},
        {"allOf": [{"properties": {"a": mark("A")}}]},
        {"if": {"properties": {"a": mark("A")}}},
        {"$defs": {"a": mark("A")}},
        {"patternProperties": {".*": mark("A")}},
        {"properties": {"good": mark("Good"), "a": {"properties": {"b": {"not": mark("A")}}}}},
    ],
)
def test_an_annotation_that_is_not_permitted_spoils_the_tool(schema: dict[str, Any]) -> None:
    assert mirrors(schema) == ()


def test_a_deep_schema_does_not_recurse() -> None:
    schema: dict[str, Any] = mark("A")
    for _ in range(5000):
        schema = {"properties": {"a": schema}}
    assert len(mirrors(schema)[0].path) == 5000
