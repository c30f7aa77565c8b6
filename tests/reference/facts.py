"""A call as the naive evaluator sees it, and what CEL says of it, as far as the generator writes CEL."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


class Unclear(Exception):
    """An evaluation error."""


@dataclass
class Call:
    tool: str
    server: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    annotations: dict[str, Any] = field(default_factory=dict)
    risk_class: str | None = None
    severity: str | None = None
    principal: str = "p"
    roles: list[str] = field(default_factory=list)
    at: int = 0


def equal(one: Any, other: Any) -> bool:
    """JSON equality of type and value."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return one == other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return type(one) is type(other) and bool(one == other)


# CEL, as far as the generator writes it: the text, and what it means.
def argument(call: Call, name: str) -> Any:
    if name not in call.arguments:
        raise Unclear
    return call.arguments[name]


def number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unclear
    return value


def known_class(call: Call) -> str:
    if call.risk_class is None:
        raise Unclear
    return call.risk_class


def inside(value: Any) -> Any:
    """What a document in an argument says, as text or as an object."""
    if isinstance(value, dict | list):
        return value
    if not isinstance(value, str):
        raise Unclear
    try:
        return json.loads(value, object_pairs_hook=once, parse_float=Decimal)
    except json.JSONDecodeError:
        raise Unclear from None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key.lower() for key, _ in pairs}) != len(pairs):
        raise Unclear
    return dict(pairs)


def every(document: Any, key: str, wanted: Any) -> bool:
    """Whether the value under a key, or each of its items, is the one that is wanted."""
    if not isinstance(document, dict) or document.get(key) is None:
        raise Unclear
    found = document[key]
    return all(equal(one, wanted) for one in (found if isinstance(found, list) else [found]))


CEL: dict[str, Callable[[Call], bool]] = {
    "true": lambda _: True,
    "args.a == 1": lambda call: equal(argument(call, "a"), 1),
    "args.a > 1": lambda call: number(argument(call, "a")) > 1,
    "has(args.b)": lambda call: "b" in call.arguments,
    "has(args.a) && args.a != 'x'": lambda call: "a" in call.arguments and not equal(call.arguments["a"], "x"),
    "tool.class == 'read'": lambda call: known_class(call) == "read",
    "principal.id == 'p'": lambda call: call.principal == "p",
    "'ops' in principal.roles": lambda call: "ops" in call.roles,
    "each(json(args.j).k).all(x, x == 1)": lambda call: every(inside(argument(call, "j")), "k", 1),
}
