"""A document of Intercept's, and what it is converted to, decide every series of calls alike."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ostiary.cli.rehearsal import Rehearsal
from ostiary.model import Call, Client, Principal, Session, Tool
from ostiary.policy import load
from ostiary.policy.dialects.convert import convert
from ostiary.policy.yaml_writer import write_yaml

TEXT = msgspec.json.Encoder(decimal_format="number")
NAMES = ("pay", "get_a", "s/x")
SECOND = 10**9

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 4), st.sampled_from(["", "a", "1"]), st.decimals(-2, 4, places=1)
)
values = st.one_of(scalars, st.lists(scalars, max_size=2), st.dictionaries(st.sampled_from("bc"), scalars, max_size=2))
numbers = st.integers(-2, 4) | st.decimals(-2, 4, places=1)
strings = st.sampled_from(["a", "1", ""])
operands: dict[str, st.SearchStrategy[Any]] = {
    "eq": values,
    "neq": values,
    "in": st.lists(values, min_size=1, max_size=3),
    "not_in": st.lists(strings, min_size=1, max_size=2) | st.lists(numbers, min_size=1, max_size=2),
    **dict.fromkeys(("lt", "lte", "gt", "gte"), numbers),
    "regex": st.sampled_from(["^a", "1$"]),
    "contains": scalars,
    "exists": st.booleans(),
}
paths = st.sampled_from(["args.a", "args.a.b", "args.n", "args.l[0]"])
on_arguments = st.sampled_from(sorted(operands)).flatmap(
    lambda op: st.fixed_dictionaries({"path": paths, "op": st.just(op), "value": operands[op]})
)
told = {"on_deny": st.sampled_from(["", "no", "no: really"])}


def rules_of(scope: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rules of a tool: one counter of its own at most, and rate limits over windows that differ."""
    name = {"name": st.sampled_from(["one", "two", "three"])}
    state = st.fixed_dictionaries(
        {"counter": st.just("n"), "window": st.just("minute")},
        optional={"increment": st.integers(0, 2), "increment_from": st.sampled_from(["args.n", "args.a.b"])},
    )
    bound = st.fixed_dictionaries(
        {"path": st.just(f"state.{scope}.n"), "op": st.sampled_from(["lt", "lte"]), "value": st.integers(1, 4)}
    )
    evaluate = st.fixed_dictionaries(
        {**name, "conditions": st.lists(on_arguments, min_size=1, max_size=2)}, optional=told
    )
    counting = st.fixed_dictionaries(
        {**name, "conditions": st.tuples(bound, on_arguments).map(list) | bound.map(lambda one: [one]), "state": state},
        optional=told,
    )
    looking = st.fixed_dictionaries({**name, "conditions": bound.map(lambda one: [one])}, optional=told)
    rate = st.fixed_dictionaries({**name, "rate_limit": st.sampled_from(["1/hour", "2/hour", "3/hour"])}, optional=told)
    deny = st.fixed_dictionaries({**name, "action": st.just("deny")}, optional=told)
    counted = st.tuples(counting, st.lists(looking, max_size=1)).map(lambda pair: [pair[0], *pair[1]])
    return st.tuples(
        st.lists(evaluate | deny, max_size=1) | st.lists(evaluate, max_size=2),
        counted | st.just([]),
        st.lists(rate, max_size=1),
    ).map(lambda parts: [rule for part in parts for rule in part])


tools = st.fixed_dictionaries(
    {},
    optional={
        **{name: rules_of(name).map(lambda rules: {"rules": rules}) for name in (*NAMES, "get_*")},
        "*": rules_of("_global").map(lambda rules: {"rules": rules}),
    },
)
documents = st.fixed_dictionaries(
    {"version": st.just("1"), "tools": tools},
    optional={
        "default": st.sampled_from(["allow", "deny"]),
        "hide": st.lists(st.sampled_from(["pay", "get_a"]), max_size=1),
    },
)
arguments = st.fixed_dictionaries({}, optional={"a": values, "n": scalars, "l[0]": scalars})
calls = st.lists(st.tuples(st.sampled_from((*NAMES, "get_b", "x")), arguments, st.integers(0, 90)), max_size=8)


def call(name: str, given_arguments: Any, at: int) -> Call:
    return Call(Tool(name, "s"), given_arguments, Principal("p"), Client(), Session("p"), at * SECOND)


@given(documents, calls)
def test_decisions_survive_the_conversion(document: dict[str, Any], series: list[tuple[str, Any, int]]) -> None:
    text = TEXT.encode(document)
    converted = convert(text, "p.json")
    yaml = write_yaml(converted)
    before, after = Rehearsal(load(text, "p.json")), Rehearsal(load(yaml, "p.yaml"))
    assert load(TEXT.encode(converted), "q.json").digest == after.policy.digest
    at = 0
    for name, given_arguments, seconds in series:
        at += seconds
        one, other = (rehearsal.decide(call(name, given_arguments, at)) for rehearsal in (before, after))
        assert (one.effect, one.retry_after_ms) == (other.effect, other.retry_after_ms), yaml
