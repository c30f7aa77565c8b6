"""Fields of input schemas: nested, referred to, in circles, and of every odd shape."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ostiary.catalog.parameters import count, parameters

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "anyOf", "$ref", "$defs", "enum", "required", "default", "a", "b"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


def named(schema: dict[str, Any]) -> dict[str, str]:
    return {one.path: one.kind for one in parameters(schema)}


def test_nested_fields_have_paths_that_a_policy_can_name() -> None:
    schema: dict[str, Any] = {
        "properties": {"request": {"$ref": "#/$defs/Request"}},
        "required": ["request"],
        "$defs": {
            "Request": {
                "type": "object",
                "description": "What is asked.",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "maxLength": 40},
                    "odd key": {"type": "integer", "default": 3},
                    "hosts": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/Host"}}]},
                },
            },
            "Host": {"type": "object", "properties": {"port": {"type": "integer"}}},
        },
    }
    found = {one.path: one for one in parameters(schema)}
    assert list(found) == ["request", "request.id", "request.odd key", "request.hosts", "request.hosts[].port"]
    assert found["request"].description == "What is asked."
    assert (found["request.id"].condition, found["request.id"].is_required) == ("args.request.id", True)
    assert found["request.id"].limits == ("at most 40 characters",)
    assert (found["request.odd key"].condition, found["request.odd key"].default) == ('args.request["odd key"]', "3")
    assert found["request.hosts"].kind == "string or list of object"
    assert found["request.hosts[].port"].condition == ""
    assert count(schema) == 1


def test_a_circle_ends() -> None:
    schema = {
        "properties": {"node": {"$ref": "#/$defs/N"}},
        "$defs": {"N": {"properties": {"next": {"$ref": "#/$defs/N"}}}},
    }
    assert list(named(schema)) == ["node", "node.next"]


def test_references_to_elsewhere_are_not_followed() -> None:
    assert named({"properties": {"a": {"$ref": "http://127.0.0.1:9/x.json"}}}) == {"a": "anything"}


def test_very_many_fields_are_cut() -> None:
    assert len(parameters({"properties": {f"p{n}": {} for n in range(1000)}})) == 80


@given(JSON)
def test_any_schema_gives_fields(schema: Any) -> None:
    found = parameters(schema if isinstance(schema, dict) else {"properties": schema})
    assert len({one.path for one in found}) == len(found)
