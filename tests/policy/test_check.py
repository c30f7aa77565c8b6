from __future__ import annotations

import pytest

from ostiary.errors import ConfigurationError
from ostiary.model import Tool
from ostiary.policy import check, load
from ostiary.policy.toollist import read_tools

UNKNOWN = "the class of the tool is not known; say it under `classes`"
PERMIT_IT = "permit it under `tools`, or say `action: deny` so that readers see it is meant"


def warnings(text: str, tools: list[Tool] | None = None) -> list[str]:
    return [str(problem) for problem in check(load("version: 1\n" + text, "p.yaml"), tools)]


def schema(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties}


def test_a_policy_in_order_has_no_warnings() -> None:
    assert warnings("tools: {get: {}}", [Tool("get")]) == []


def test_a_selector_that_selects_nothing() -> None:
    assert warnings("hide: [drop*]\ntools: {get_item: {}, 'class:read': {}}", [Tool("get_items")]) == [
        "p.yaml:2:8: rule `/hide/0`: `drop*` selects none of the 1 tools",
        "p.yaml:3:9: rule `/tools/get_item`: `get_item` selects none of the 1 tools; did you mean `get_items`?",
        f"p.yaml: rule `/tools/class:read`: every call of `get_items` is denied: {UNKNOWN}",
    ]
    known = Tool("get_items", risk_class="write")
    assert warnings("tools: {'class:read': {}}", [known]) == [
        "p.yaml:2:9: rule `/tools/class:read`: `class:read` selects none of the 1 tools",
        f"p.yaml: nothing permits `get_items`; {PERMIT_IT}",
    ]


def test_a_block_under_a_hidden_tool_never_applies() -> None:
    assert warnings("hide: ['get*']\ntools: {get_item: {}}") == [
        "p.yaml:3:9: rule `/tools/get_item`: never applies: `get_item` is hidden by `get*`; remove one of the two"
    ]


@pytest.mark.parametrize(
    "tool", [Tool("drop", risk_class="destructive"), Tool("drop", annotations={"destructiveHint": True})]
)
def test_harm_without_a_limit_or_an_approval(tool: Tool) -> None:
    expected = "`drop` is destructive, and allowed without a limit or an approval"
    assert any(expected in warning for warning in warnings("tools: {drop: {}}", [tool]))
    assert any(expected in warning for warning in warnings("default: allow", [tool]))
    for text in ("{rate_limit: 1/day}", "{action: require_approval}", "{action: deny}", "{action: hide}"):
        assert warnings(f"tools: {{drop: {text}}}", [tool]) == []


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("require: [{path: args.ammount, op: lte, value: 5}]", "has no argument `ammount`; did you mean `amount`?"),
        ("deny_if: [args.ammount > 5]", "has no argument `ammount`; did you mean `amount`?"),
        ("require: [{path: args.to.naem, op: eq, value: x}]", "has no argument `to.naem`; did you mean `to.name`?"),
        ("budget: {amount: args.sum, max: 5, window: day}", "has no argument `sum`"),
        ("require: [{path: args.ammount, op: exists, value: false}]", None),
        ("require: [has(args.ammount) || args.amount < 5]", None),
        ("require: ['args.amount < 5 && \"args.x\" != args.to.name']", None),
        ("require: [{path: 'args.list[0].id', op: eq, value: x}]", None),
        ("require: [{path: args.free.form, op: eq, value: x}]", None),
    ],
)
def test_conditions_on_arguments_the_tool_does_not_have(block: str, message: str | None) -> None:
    tool = Tool(
        "pay",
        input_schema=schema(amount={}, to=schema(name={}), list={"items": schema(id={})}, free={"type": "object"}),  # type: ignore[arg-type]
    )
    found = warnings(f"tools: {{pay: {{{block}}}}}", [tool])
    assert [warning.partition("`pay` ")[2] for warning in found] == ([] if message is None else [message])


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "a", "inputSchema": {"type": "object"}}, {"name": "b"}]',
        '{"tools": [{"name": "a", "inputSchema": {"type": "object"}}, {"name": "b"}], "nextCursor": "x"}',
        '{"id": 1, "result": {"tools": [{"name": "a", "inputSchema": {"type": "object"}}, {"name": "b"}]}}',
    ],
)
def test_a_tool_list_comes_in_three_forms(text: str) -> None:
    assert read_tools(text, "t.json") == (Tool("a", input_schema={"type": "object"}), Tool("b"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}', "t.json:1:1: expected a list of tools, or an object with `tools`, found a mapping"),
        ('{"tools": 5}', "t.json:1:11: expected a list of tools, or an object with `tools`, found a number"),
        ('[{"name": "a"}, {"name": "a"}]', "t.json:1:17: a second tool is called `a`"),
        ('[{"title": "a"}]', "t.json:1:2: a tool without `name`"),
        ("[5]", "t.json:1:2: expected a tool: an object with `name`, found a number"),
    ],
)
def test_what_is_no_tool_list_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_tools(text, "t.json")
    assert str(caught.value) == message
