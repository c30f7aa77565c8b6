"""Digest and difference agree: what only stands otherwise changes neither, any other single change both."""

from __future__ import annotations

import copy
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.risk import compare, digest
from ostiary.risk.definition import Place, place_of

scalars = st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=6)
words = st.sampled_from(["a", "b/c", "d~e", "type", "required", "properties", "anyOf", "x-mcp-header", "default"])
data = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)


@st.composite
def schemas(draw: st.DrawFn, depth: int = 1) -> dict[str, Any]:
    inner = schemas(depth - 1) if depth else st.just({})
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["object", "string"])
                | st.lists(st.sampled_from(["null", "array"]), unique=True),
                "description": st.text(max_size=8),
                "required": st.lists(words, unique=True, max_size=3),
                "enum": st.lists(data, max_size=3),
                "default": data,
                "properties": st.dictionaries(words, inner, max_size=2),
                "anyOf": st.lists(inner, max_size=3),
                "prefixItems": st.lists(inner, max_size=2),
                "dependentRequired": st.dictionaries(words, st.lists(words, unique=True), max_size=2),
                "x-unknown": data,
            },
        )
    )


definitions = st.fixed_dictionaries(
    {"name": st.text(min_size=1, max_size=6)},
    optional={
        "title": st.text(max_size=6),
        "description": st.text(max_size=12),
        "inputSchema": schemas(),
        "outputSchema": schemas(),
        "annotations": st.dictionaries(words, scalars, max_size=2),
        "_meta": data,
        "x-vendor": data,
    },
)


def shuffled(value: Any, place: Place, chance: random.Random) -> Any:
    """The same with its members, and the lists whose order says nothing, in another order."""
    if isinstance(value, dict):
        keys = chance.sample(list(value), len(value))
        return {key: shuffled(value[key], place_of(place, key, value[key]), chance) for key in keys}
    if isinstance(value, list):
        inner = {Place.SET: Place.DATA, Place.SCHEMAS: Place.SCHEMA}.get(place, place)
        items = [shuffled(item, inner, chance) for item in value]
        return chance.sample(items, len(items)) if place.is_unordered else items
    return value


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, member in pairs for leaf in leaves(member, (*path, key))]
    return [path]


def read(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@settings(deadline=None)
@given(definitions, st.randoms(use_true_random=False))
def test_another_order_is_no_change(definition: dict[str, Any], chance: random.Random) -> None:
    other = shuffled(definition, Place.DEFINITION, chance)
    assert digest(other) == digest(definition)
    assert compare(definition, other) == ()


@settings(deadline=None)
@given(definitions, st.data())
def test_any_other_leaf_is_one(definition: dict[str, Any], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(leaves(definition)))
    other = copy.deepcopy(definition)
    read(other, path[:-1])[path[-1]] = "something that was never drawn"
    assert digest(other) != digest(definition)
    assert compare(definition, other)


@settings(deadline=None)
@given(definitions, definitions)
def test_there_is_a_difference_exactly_where_the_digest_differs(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert bool(compare(one, other)) == (digest(one) != digest(other))
