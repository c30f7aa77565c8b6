"""What must hold of every policy and every call."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ostiary.errors import ConfigurationError
from ostiary.model import Call, Client, Decision, Effect, Principal, Session, Tool
from ostiary.policy import Policy, decide, is_listed, load

TOOLS = ("get", "get-all", "pay", "drop")
SELECTORS = (*TOOLS, "*", "get*", "?ay", "class:read", "class:destructive", "severity:>=high", "annotation:hint", "s/*")
PATHS = ("args.a", "args.b", "args.a.b", "args.l[0]")

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(["", "a", "1", "ab", "é"]),
    st.decimals(-3, 3, places=2),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
arguments = st.fixed_dictionaries({}, optional={"a": values, "b": values, "l": st.lists(values, max_size=2)})
numbers = st.integers(-3, 3) | st.decimals(-3, 3, places=2)
words = st.sampled_from(["a", "1", "ab", ""])
operands: dict[str, st.SearchStrategy[Any]] = {
    "eq": values,
    "neq": values,
    "in": st.lists(values, min_size=1, max_size=3),
    "not_in": st.lists(values, min_size=1, max_size=3),
    "lt": numbers,
    "lte": numbers,
    "gt": numbers,
    "gte": numbers,
    "regex": st.sampled_from(["^a", "b$", "1"]),
    "contains": scalars,
    "starts_with": words,
    "ends_with": words,
    "exists": st.booleans(),
}


def structured(op: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"path": st.sampled_from(PATHS), "op": st.just(op), "value": operands[op]})


leaves = st.sampled_from(sorted(operands)).flatmap(structured) | st.sampled_from(
    ["args.a == 1", "args.b in ['a', 'ab']", "has(args.a) && args.a > 1", "tool.class == 'read'"]
)
conditions = leaves | st.fixed_dictionaries({"conditions": st.lists(leaves, min_size=1, max_size=2)})
mode = {"mode": st.sampled_from(["enforce", "shadow"])}
when = {"when": st.sampled_from(["true", "args.a == 1", "has(args.b)", "args.b > 1"])}
permitting = st.fixed_dictionaries(
    {},
    optional={
        **mode,
        **when,
        "action": st.sampled_from(["allow", "require_approval"]),
        "require": st.lists(conditions, max_size=2),
        "deny_if": st.lists(conditions, max_size=2),
        "rate_limit": st.just("5/minute"),
        "budget": st.just({"amount": "args.a", "max": 5, "window": "day"}),
    },
)
forbidding = st.fixed_dictionaries({"action": st.sampled_from(["deny", "hide"])}, optional={**mode, **when})
blocks = permitting | forbidding
documents = st.fixed_dictionaries(
    {"version": st.just(1), "tools": st.dictionaries(st.sampled_from(SELECTORS), blocks, max_size=4)},
    optional={
        "default": st.sampled_from(["allow", "deny", "hide", "require_approval"]),
        "hide": st.lists(st.sampled_from(SELECTORS), max_size=2, unique=True),
        "all_tools": permitting.filter(lambda block: block.get("action") != "allow"),
        **mode,
    },
)
hints: list[dict[str, object]] = [{}, {"hint": True}, {"hint": "yes"}]
tools = st.tuples(
    st.sampled_from(TOOLS),
    st.sampled_from(["", "s"]),
    st.sampled_from(hints),
    st.sampled_from([None, "read", "destructive"]),
    st.sampled_from([None, "low", "critical"]),
).map(lambda parts: Tool(parts[0], parts[1], annotations=parts[2], risk_class=parts[3], severity=parts[4]))
calls = st.tuples(tools, arguments).map(
    lambda parts: Call(parts[0], parts[1], Principal("grant:a", "a"), Client("c"), Session("grant:a"), 10**18)
)

TEXT = msgspec.json.Encoder(decimal_format="number")


def policy_of(document: dict[str, Any]) -> Policy:
    return load(TEXT.encode(document), "policy.json")


def permits(decision: Decision) -> bool:
    return decision.effect in (Effect.ALLOW, Effect.REQUIRE_APPROVAL)


def upside_down(value: Any) -> Any:
    """The same document, every mapping in the opposite order."""
    if isinstance(value, dict):
        return {key: upside_down(value[key]) for key in reversed(value)}
    return [upside_down(item) for item in value] if isinstance(value, list) else value


@given(documents, calls)
def test_decide_is_total_and_deterministic(document: dict[str, Any], call: Call) -> None:
    policy = policy_of(document)
    decision = decide(policy, call)
    assert decision == decide(policy, call) == decide(policy_of(document), call)
    assert decision.policy == policy.digest
    assert decision.rule
    assert decision.is_allowed or decision.reason
    assert permits(decision) or decision.obligations.reserve == ()


@given(documents, calls)
def test_the_order_of_a_document_never_matters(document: dict[str, Any], call: Call) -> None:
    turned = policy_of(upside_down(document))
    assert turned.digest == policy_of(document).digest
    assert decide(turned, call) == decide(policy_of(document), call)


@given(documents, calls)
def test_what_was_decided_before_never_matters(document: dict[str, Any], call: Call) -> None:
    policy = policy_of(document)
    for name in TOOLS:
        decide(policy, msgspec.structs.replace(call, tool=Tool(name), arguments={}))
    assert decide(policy, call) == decide(policy_of(document), call)


@given(documents, calls, st.sampled_from(SELECTORS), forbidding)
def test_adding_a_refusal_never_allows(
    document: dict[str, Any], call: Call, selector: str, block: dict[str, Any]
) -> None:
    before = decide(policy_of(document), call)
    there = document["tools"].get(selector, [])
    more = [*(there if isinstance(there, list) else [there]), block]
    after = decide(policy_of({**document, "tools": {**document["tools"], selector: more}}), call)
    assert permits(before) or not permits(after)


@given(documents, calls)
def test_without_permission_the_default_decides(document: dict[str, Any], call: Call) -> None:
    decision = decide(policy_of({**document, "default": "deny", "mode": "enforce"}), call)
    permitted = any(one.outcome in ("permits", "holds") and not one.shadow for one in decision.rules)
    assert permitted or not permits(decision)


@given(documents, calls)
def test_an_error_never_allows(document: dict[str, Any], call: Call) -> None:
    decision = decide(policy_of(document), call)
    assert not decision.errors or decision.effect in (Effect.DENY, Effect.HIDE)
    assert len(decision.errors) == sum(one.outcome == "errs" and not one.shadow for one in decision.rules)


@given(documents, calls)
def test_a_block_in_shadow_mode_changes_nothing(document: dict[str, Any], call: Call) -> None:
    plain = {**document, "mode": "enforce"}
    shadowed = {**plain, "tools": {**plain["tools"], "drop*": {"action": "hide", "mode": "shadow"}}}
    with_it, without = decide(policy_of(shadowed), call), decide(policy_of(plain), call)
    assert (with_it.effect, with_it.rule, with_it.obligations) == (
        without.effect,
        without.rule,
        _renamed(without, with_it),
    )


def _renamed(decision: Decision, like: Decision) -> Any:
    """The obligations; counters are named by file, which both policies share."""
    assert like.policy
    return decision.obligations


@given(documents, tools)
def test_a_tool_that_is_not_listed_is_never_allowed(document: dict[str, Any], tool: Tool) -> None:
    policy = policy_of(document)
    call = Call(tool, {"a": 1, "b": "a"}, Principal("p"), Client(), Session("p"), 0)
    if not is_listed(policy, tool, Principal("p")):
        assert decide(policy, call).effect in (Effect.HIDE, Effect.DENY)


@given(st.text(max_size=200))
def test_any_text_loads_or_is_refused_in_one_line_each(text: str) -> None:
    for name in ("p.yaml", "p.json"):
        try:
            load(text, name)
        except ConfigurationError as error:
            assert all(len(str(problem).splitlines()) == 1 for problem in error.problems)
            assert str(error).startswith(name)


@given(documents, st.data())
def test_a_document_cut_or_changed_anywhere_loads_or_is_refused(document: dict[str, Any], data: st.DataObject) -> None:
    text = TEXT.encode(document).decode()
    at = data.draw(st.integers(0, len(text)))
    other = data.draw(st.sampled_from(["", '"', "{", "]", ",", ":", "\n", "\t", "x", "\x00", "é", "-"]))
    for name in ("p.yaml", "p.json"):
        try:
            load(text[:at] + other + text[at + 1 :], name)
        except ConfigurationError as error:
            assert str(error).startswith(name)
