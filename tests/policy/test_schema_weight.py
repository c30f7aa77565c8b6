"""Schemas of servers: what they may cost whoever compares arguments with them."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.policy.schema_weight import why_unbearable


def multiplying(levels: int, reference: str = "#/$defs/a{}", **more: Any) -> dict[str, Any]:
    definitions: dict[str, Any] = {f"a{levels}": {"type": "object", **({"$anchor": f"a{levels}"} if more else {})}}
    for level in range(levels):
        following = {"$ref": reference.format(level + 1)}
        anchor = {"$anchor": f"a{level}"} if more else {}
        definitions[f"a{level}"] = {"allOf": [following, dict(following)], **anchor}
    return {"$ref": reference.format(0), "$defs": definitions}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}},
        {"properties": {f"p{index}": {"type": "string"} for index in range(1000)}},
        {"$ref": "#/$defs/a~1b~0c%20d", "$defs": {"a/b~c d": {"type": "object"}}},
        {"$ref": "#/$defs/gone", "$dynamicRef": "#gone"},
        {"$ref": "#/allOf/0/allOf/9/x", "allOf": [{}]},
        multiplying(8),
        {"const": {"$ref": 1}},
    ],
)
def test_honest_ones_are_bearable(schema: dict[str, Any]) -> None:
    assert why_unbearable(schema) is None


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (multiplying(40), "multiply"),
        (multiplying(40, "#a{}", anchors=True), "multiply"),
        (multiplying(400), "levels deep"),
        ({"properties": {f"p{index}": {} for index in range(30_000)}}, "parts"),
        ({"$ref": "https://evil.example/schema"}, "only references within it"),
        ({"$ref": "other"}, "only references within it"),
    ],
)
def test_bombs_are_not(schema: dict[str, Any], why: str) -> None:
    said = why_unbearable(schema)
    assert said is not None
    assert why in said
