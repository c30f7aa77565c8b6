"""The conditions of Intercept's rules: on arguments, or on counters.

Where Intercept compares printed texts or calls a null present, a condition here holds only if it holds either way: a
value of another type than the one compared with is neither different from it nor absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import ceil, floor
from typing import Final, TypeAlias

import msgspec

from ostiary.model import JSON
from ostiary.policy.conditions import Holds, read_operator, sentences
from ostiary.policy.dialects.counters import Counter
from ostiary.policy.facts import Facts, Unjudgeable
from ostiary.policy.node import Node
from ostiary.policy.operators import OPERATORS, OperandError, Operator, Test, kind_of
from ostiary.policy.path import MISSING, Steps, look_closely
from ostiary.policy.reading import Reading

__all__ = ["ArgumentCondition", "CounterBound", "RuleCondition", "read_rule_condition", "steps_of"]

_LARGEST: Final = 10**30


class ArgumentCondition(msgspec.Struct, frozen=True):
    """One condition on an argument; `demand` and `fact` say it as a person would."""

    holds: Holds
    demand: str
    fact: str
    steps: Steps


class CounterBound(msgspec.Struct, frozen=True):
    """The most that a counter may come to with the call counted."""

    counter: Counter
    most: int


RuleCondition: TypeAlias = ArgumentCondition | CounterBound


def steps_of(path: str) -> Steps | None:
    """The steps of `args.a.b`: every dot descends, and brackets are part of a name. None for anything else."""
    root, *steps = path.split(".")
    return tuple(steps) if root == "args" and steps and all(steps) else None


def read_rule_condition(node: Node, reading: Reading) -> RuleCondition | None:
    """The condition at `node`; None where a problem was noted."""
    proof = reading.proof
    fields = proof.fields(node, ("path", "op", "value"), required=("path", "op", "value"), expected="a condition")
    path = proof.text(fields["path"]) if "path" in fields else None
    op = read_operator(fields["op"], None, reading, _OPERATORS) if "op" in fields else None
    if path is None or op is None or "value" not in fields:
        return None
    if path.startswith("state."):
        return _on_counter(fields, path, op, reading)
    steps = steps_of(path)
    if steps is None:
        hint = "a rule looks at `args.NAME` or at `state.TOOL.COUNTER`"
        proof.refuse(fields["path"], f"cannot read the path `{path}`", hint)
        return None
    value = fields["value"].plain()
    try:
        test = _OPERATORS[op](value)
    except OperandError as error:
        proof.refuse(fields["value"], f"`{op}` {error}")
        return None
    return ArgumentCondition(_holding(path, steps, test), *sentences(path, op, value), () if op == "exists" else steps)


def _holding(path: str, steps: Steps, test: Test) -> Holds:
    find = look_closely(steps)

    def holds(facts: Facts) -> bool:
        try:
            return test(find(facts.arguments))
        except Unjudgeable as error:
            raise Unjudgeable(f"`{path}` {error}") from None

    return holds


def _on_counter(fields: Mapping[str, Node], path: str, op: str, reading: Reading) -> CounterBound | None:
    proof = reading.proof
    counter = reading.counters.get(path)
    if counter is None:
        known = ", ".join(f"`{known}`" for known in list(reading.counters)[:5]) or "there is none"
        proof.refuse(
            fields["path"], f"no rule defines the counter `{path}`", f"define it with `state`; defined: {known}"
        )
    if op not in ("lt", "lte"):
        hint = "write `lt` or `lte`: anything else is never counted up to"
        proof.refuse(fields["op"], f"a counter cannot be held to `{op}`", hint)
    most = _bound(fields["value"], op, reading)
    return None if counter is None or most is None else CounterBound(counter, most)


def _bound(node: Node, op: str, reading: Reading) -> int | None:
    """The most that a counter may come to, as a whole number; None where a problem was noted."""
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        reading.proof.refuse(node, f"`{op}` needs a number, found {node.kind}")
        return None
    if not 0 <= value <= _LARGEST:
        reading.proof.refuse(node, "must be at least 0 and have at most 30 digits")
        return None
    most = floor(value) if op == "lte" else ceil(value) - 1
    if most < 0:
        reading.proof.refuse(node, "no call is ever admitted", "`action: deny` says so")
    return most if most >= 0 else None


def _different(value: JSON) -> Test:
    test = OPERATORS["neq"](value)
    kind = kind_of(value)
    if value is None:
        return test
    return lambda found: found is not MISSING and kind_of(found) == kind and test(found)


def _in_none(value: JSON) -> Test:
    test = OPERATORS["not_in"](value)
    kinds = {kind_of(option) for option in value} if isinstance(value, list) else set()
    if len(kinds) > 1:
        raise OperandError("needs values of one type; write a rule for each type")
    return lambda found: found is not MISSING and kinds == {kind_of(found)} and test(found)


def _present(value: JSON) -> Test:
    OPERATORS["exists"](value)
    if value is True:
        return lambda found: found is not MISSING and found is not None
    return lambda found: found is MISSING


_OPERATORS: Final[Mapping[str, Operator]] = {
    **{op: test for op, test in OPERATORS.items() if op not in ("starts_with", "ends_with")},
    "neq": _different,
    "not_in": _in_none,
    "exists": _present,
}
