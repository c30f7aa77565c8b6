from __future__ import annotations

import pytest

from ostiary.model import JSONObject, Tool
from ostiary.policy import load, type_errors
from ostiary.policy.typed import type_error

HINT = "did you mean `args.name`?"
SCHEMA: JSONObject = {
    "type": "object",
    "properties": {
        "amount": {"type": "number"},
        "count": {"type": "integer"},
        "name": {"type": "string"},
        "to": {"type": "object", "properties": {"city": {"type": "string"}}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "any": {},
        "free": {"type": "object"},
        "maybe": {"type": ["string", "null"]},
        "request": {"$ref": "#/$defs/Request"},
        "loop": {"$ref": "#/$defs/Loop"},
        "far": {"$ref": "https://example.com/x"},
        "either": {"anyOf": [{"type": "string"}, {"type": "number"}]},
    },
    "$defs": {
        "Request": {"type": "object", "properties": {"id": {"type": "string"}}},
        "Loop": {"type": "object", "properties": {"loop": {"$ref": "#/$defs/Loop"}}},
    },
}


@pytest.mark.parametrize(
    "source",
    [
        "args.amount <= 500",
        "args.amount == 5 && args.amount > 0.5",
        "args.count <= 5.5",
        "args.count in [1.0, 2]",
        "double(args.count) > 1.5",
        "args.to.city == 'x' && size(args.to) > 0",
        "has(args.unheard) && args.name == 'has(args.q) 1.5'",
        "args.tags[0] == 'x' && args.tags.size() > 1",
        "args['name'] == 'x' && 'other' in args",
        "args.any > 5 && args.free.whatever == 1 && args.maybe == 1 && args.either == 2",
        "args.request.id == 'x' && args.loop.loop.loop.loop.loop.loop == 1 && args.far.whatever == 1",
        "tool.name == 'x' && now > timestamp('2026-01-01T00:00:00Z')",
    ],
)
def test_what_may_be_right_is_no_error(source: str) -> None:
    assert type_error(source, SCHEMA) is None


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("args.name <= 5", "CEL, at `<= 5`: `<=` does not apply to (string, int)", None),
        ("args.count == '5'", "CEL, at `== '5'`: `==` does not apply to (int, string)", None),
        ("args.name in [1, 2]", "CEL, at `in [1, 2]`: `@in` does not apply to (string, list(int))", None),
        ("args.amuont > 5", "there is no argument `args.amuont`", "did you mean `args.amount`?"),
        ("args.request.di == 'x'", "there is no argument `args.request.di`", "did you mean `args.request.id`?"),
        ("args.request.id > 1", "CEL, at `> 1`: `>` does not apply to (string, int)", None),
        ("args.to.ctiy == 'x'", "there is no argument `args.to.ctiy`", "did you mean `args.to.city`?"),
        ("args.tags.exists(t, t == 1)", "CEL, at `== 1)`: `==` does not apply to (string, int)", None),
    ],
)
def test_what_no_call_can_make_right(source: str, message: str, hint: str | None) -> None:
    error = type_error(source, SCHEMA)
    assert error is not None
    assert (str(error), error.hint) == (message, hint)


@pytest.mark.parametrize("schema", [{}, {"type": "object"}, {"$ref": "#/$defs/a"}, {"properties": {}, "anyOf": [{}]}])
def test_a_schema_that_says_nothing_for_certain_finds_nothing(schema: JSONObject) -> None:
    assert type_error("args.whatever == 1", schema) is None


def test_errors_name_the_place_of_the_expression() -> None:
    text = """version: 1
tools:
  pay:
    when: args.name > 1
    require:
      - args.count > 0
      - conditions: [args.nmae == "x"]
    rate_limit: {max: 5, window: 1m, per: args.cnt}
  "pa*": {when: args.unknown == 1}
  class:read: {when: args.unknown == 1}
"""
    found = type_errors(load(text, "p.yaml"), [Tool("pay", input_schema=SCHEMA), Tool("bare")])
    pay = "rule `/tools/pay"
    assert [str(problem) for problem in found] == [
        f"p.yaml:4:11: {pay}/when`: for `pay`: CEL, at `> 1`: `>` does not apply to (string, int)",
        f"p.yaml:7:22: {pay}/require/1/conditions/0`: for `pay`: there is no argument `args.nmae`; {HINT}",
        f"p.yaml:8:43: {pay}/rate_limit`: for `pay`: there is no argument `args.cnt`; did you mean `args.count`?",
    ]
