"""`require` and `deny_if`: nodes → conditions that can be asked about a call.

Policy language, section "Conditions": CEL, `{path, op, value, on_deny?}`, or `{conditions: [...], on_deny}`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, TypeAlias

import msgspec

from ostiary.model import JSON
from ostiary.policy.facts import Facts, Unjudgeable
from ostiary.policy.node import Node
from ostiary.policy.operators import OPERATORS, OperandError
from ostiary.policy.path import PathError, Steps, look_closely, parse_path
from ostiary.policy.reading import Reading

__all__ = ["Condition", "Holds", "read_condition", "read_operator", "sentences"]

Holds: TypeAlias = Callable[[Facts], bool]

_WORDS: Final = {
    "eq": ("must be {}", "is {}"),
    "neq": ("must not be {}", "is not {}"),
    "in": ("must be one of {}", "is one of {}"),
    "not_in": ("must not be one of {}", "is none of {}"),
    "lt": ("must be less than {}", "is less than {}"),
    "lte": ("must be at most {}", "is at most {}"),
    "gt": ("must be more than {}", "is more than {}"),
    "gte": ("must be at least {}", "is at least {}"),
    "regex": ("must match `{}`", "matches `{}`"),
    "contains": ("must contain {}", "contains {}"),
    "starts_with": ("must start with {}", "starts with {}"),
    "ends_with": ("must end with {}", "ends with {}"),
}
"""How each operator is said of a path: as a demand, and as a fact."""


class Condition(msgspec.Struct, frozen=True):
    """One condition. `holds` raises `Unjudgeable`; `demand` says that it must hold, `fact` says that it does.

    `asks` are the arguments it looks at, as steps below `args`.
    """

    rule: str
    holds: Holds
    demand: str
    fact: str
    on_deny: str | None = None
    asks: tuple[Steps, ...] = ()


def read_condition(node: Node, rule: str, reading: Reading) -> Condition | None:
    """The condition at `node`; None where a problem was noted."""
    if isinstance(node.value, str):
        return _read_expression(node, rule, reading)
    if isinstance(node.value, dict) and "conditions" in node.value:
        return _read_group(node, rule, reading)
    if isinstance(node.value, dict):
        return _read_structured(node, rule, reading)
    reading.proof.mistyped(node, "a CEL expression, or a mapping of `path`, `op` and `value`")
    return None


def _read_expression(node: Node, rule: str, reading: Reading) -> Condition | None:
    expression = reading.condition(node, rule)
    if expression is None:
        return None
    source = expression.source
    asks = expression.asks
    return Condition(rule, expression.holds, f"`{source}` must hold", f"`{source}` holds", asks=asks)


def _read_group(node: Node, rule: str, reading: Reading) -> Condition | None:
    proof = reading.proof
    fields = proof.fields(node, ("conditions", "on_deny"))
    on_deny = proof.text(fields["on_deny"]) if "on_deny" in fields else None
    members = proof.sequence(fields["conditions"], "a list of conditions")
    if members is None:
        return None
    if not members:
        proof.refuse(fields["conditions"], "is an empty list", "a group needs a condition", rule=rule)
        return None
    parts = []
    for index, member in enumerate(members):
        if isinstance(member.value, dict) and "conditions" in member.value:
            proof.refuse(member, "a group cannot hold another group", "write its conditions side by side", rule=rule)
            continue
        part = read_condition(member, f"{rule}/conditions/{index}", reading)
        if part is not None:
            parts.append(part)
    demand = " and ".join(part.demand for part in parts)
    fact = " and ".join(part.fact for part in parts)
    asks = tuple(steps for part in parts for steps in part.asks)
    return Condition(rule, _all([part.holds for part in parts]), demand, fact, on_deny, asks)


def _all(parts: list[Holds]) -> Holds:
    """Whether all hold. Every part is asked, so that an error is one wherever it stands in the list."""

    def holds(facts: Facts) -> bool:
        answers = [part(facts) for part in parts]
        return all(answers)

    return holds


def _read_structured(node: Node, rule: str, reading: Reading) -> Condition | None:
    proof = reading.proof
    fields = proof.fields(node, ("path", "op", "value", "on_deny"), required=("path", "op", "value"))
    on_deny = proof.text(fields["on_deny"]) if "on_deny" in fields else None
    path = proof.text(fields["path"]) if "path" in fields else None
    op = read_operator(fields["op"], rule, reading, OPERATORS) if "op" in fields else None
    if path is None or op is None or "value" not in fields:
        return None
    try:
        steps = parse_path(path)
    except PathError as error:
        proof.refuse(fields["path"], str(error), 'write `args.a.b`, `args.list[0]` or `args["odd.key"]`', rule=rule)
        return None
    find = look_closely(steps)
    value = fields["value"].plain()
    try:
        test = OPERATORS[op](value)
    except OperandError as error:
        proof.refuse(fields["value"], f"`{op}` {error}", rule=rule)
        return None

    def holds(facts: Facts) -> bool:
        try:
            return test(find(facts.arguments))
        except Unjudgeable as error:
            raise Unjudgeable(f"`{path}` {error}") from None

    return Condition(rule, holds, *sentences(path, op, value), on_deny, () if op == "exists" else (steps,))


def read_operator(node: Node, rule: str | None, reading: Reading, known: Collection[str]) -> str | None:
    """One of the known operators; None where a problem was noted."""
    if not isinstance(node.value, str):
        reading.proof.mistyped(node, "an operator")
        return None
    if node.value not in known:
        word = _SYNONYMS.get(node.value.lower())
        hint = f"did you mean `{word}`?" if word in known else None
        reading.proof.unknown(node, "operator", known, rule=rule, hint=hint)
        return None
    return node.value


_SYNONYMS: Final = {
    **dict.fromkeys(("equals", "equal", "==", "=", "is"), "eq"),
    **dict.fromkeys(("ne", "!=", "not_eq", "not_equals", "notequals", "<>"), "neq"),
    **dict.fromkeys(("<", "less", "less_than"), "lt"),
    **dict.fromkeys(("<=", "le", "max", "at_most"), "lte"),
    **dict.fromkeys((">", "more", "greater", "greater_than"), "gt"),
    **dict.fromkeys((">=", "ge", "min", "at_least"), "gte"),
    **dict.fromkeys(("matches", "match", "~", "=~", "pattern"), "regex"),
    **dict.fromkeys(("includes", "has"), "contains"),
    **dict.fromkeys(("startswith", "prefix"), "starts_with"),
    **dict.fromkeys(("endswith", "suffix"), "ends_with"),
    **dict.fromkeys(("nin", "notin", "not in"), "not_in"),
    **dict.fromkeys(("present", "exist", "defined"), "exists"),
}


def sentences(path: str, op: str, value: JSON) -> tuple[str, str]:
    """`` `args.amount` must be at most 50000 `` and `` `args.amount` is at most 50000 ``: what a model can act upon."""
    if op == "exists":
        state = "present" if value else "absent"
        return f"`{path}` must be {state}", f"`{path}` is {state}"
    demand, fact = _WORDS[op]
    shown = value if op == "regex" else _shown(value)
    return f"`{path}` {demand.format(shown)}", f"`{path}` {fact.format(shown)}"


def _shown(value: JSON) -> str:
    text = msgspec.json.encode(value, order="deterministic").decode() if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 200 else text[:199] + "…"
