"""Intercept's `rules` as blocks of our own form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from math import ceil, floor
from typing import Any, Final, TypeAlias

from ostiary.policy.dialects.counters import UNBOUNDED, Counter
from ostiary.policy.operators import kind_of

__all__ = ["blocks_of_rules"]

Document: TypeAlias = dict[str, Any]

_PLAIN: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LEAST: Final = Decimal("-1E+390")
_ALWAYS_OF_A_TYPE: Final[dict[str, Document]] = {
    "a string": {"op": "starts_with", "value": ""},
    "a number": {"op": "gte", "value": _LEAST},
    "a bool": {"op": "in", "value": [True, False]},
}
_CEL_TYPES: Final = {"a list": "list", "an object": "map"}


def blocks_of_rules(
    rules: list[Any], scope: str, counters: Mapping[str, Counter]
) -> tuple[dict[str, list[Any]], list[Document]]:
    """What the rules add to a block's `require`, `deny_if` and `budget`, and the blocks that deny."""
    block: dict[str, list[Any]] = {"require": [], "deny_if": [], "budget": []}
    denying: list[Document] = []
    for rule in rules:
        told = {"on_deny": rule["on_deny"]} if rule.get("on_deny") else {}
        if rule.get("action") == "deny":
            denying.append(_denial(rule))
        elif "rate_limit" in rule:
            most, _, window = rule["rate_limit"].partition("/")
            text = rule.get("on_deny") or f"Rate limit of {int(most)} per {window} reached. Try again later."
            counter = Counter(scope, f"_rate_{window}", window)
            block["budget"].append({**_budget(counter, int(most), 1), "on_deny": text})
        elif _evaluate(rule, scope, counters, told, block):
            denying.append(_denial(rule))
    return {key: values for key, values in block.items() if values}, denying


def _denial(rule: Mapping[str, Any]) -> Document:
    return {"action": "deny", "reason": rule.get("on_deny") or f"denied by the rule `{rule['name']}`"}


def _budget(counter: Counter, most: int, amount: Any) -> Document:
    shared = {"window": counter.window, "counter": counter.path, "per": "global", "algorithm": "calendar"}
    return {"amount": amount, "max": most, **shared}


def _evaluate(
    rule: Mapping[str, Any],
    scope: str,
    counters: Mapping[str, Counter],
    told: Document,
    block: dict[str, list[Any]],
) -> bool:
    """Add a rule's conditions and counters to the block; whether it never admits a call, and has to be a denial."""
    bounds: dict[Counter, int] = {}
    group: list[Any] = []
    for condition in rule["conditions"]:
        if condition["path"].startswith("state."):
            counter, most = counters[condition["path"]], _bound(condition)
            bounds[counter] = min(most, bounds.get(counter, most))
        else:
            group += _condition(condition, told, block)
    if group:
        block["require"].append({"conditions": group, **told})
    state, own = rule.get("state"), None
    if state is not None:
        own = Counter(scope, state["counter"], state["window"])
        amount = _path(state["increment_from"]) if "increment_from" in state else state.get("increment", 1) or 1
        most = bounds.get(own, UNBOUNDED)
        if most == 0 and "increment_from" not in state:
            return True
        block["budget"].append({**_budget(own, most, amount), **told})
    for counter, most in bounds.items():
        if counter != own:
            block["budget"].append({**_budget(counter, most, 0), **told})
    return False


def _bound(condition: Mapping[str, Any]) -> int:
    value: int | Decimal = condition["value"]
    return floor(value) if condition["op"] == "lte" else ceil(value) - 1


def _condition(condition: Mapping[str, Any], told: Document, block: dict[str, list[Any]]) -> list[Any]:
    path, op, value = _path(condition["path"]), condition["op"], condition["value"]
    same = {"path": path, "op": op, "value": value}
    if op == "exists" and value is False:
        block["deny_if"].append({"path": path, "op": "eq", "value": None, **told})
    kinds = {"neq": [value], "not_in": value}.get(op, ())
    kind = next((kind_of(one) for one in kinds), "null")
    if kind in _CEL_TYPES:
        return [same, f"type({path}) == {_CEL_TYPES[kind]}"]
    return [same, {"path": path, **_ALWAYS_OF_A_TYPE[kind]}] if kind in _ALWAYS_OF_A_TYPE else [same]


def _path(path: str) -> str:
    """Intercept's path in our spelling."""
    root, *steps = path.split(".")
    return root + "".join(f".{step}" if _PLAIN.fullmatch(step) else f"[{_quoted(step)}]" for step in steps)


def _quoted(step: str) -> str:
    return '"' + step.replace("\\", "\\\\").replace('"', '\\"') + '"'
