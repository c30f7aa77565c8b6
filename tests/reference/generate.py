"""Random policies and calls, written so that everything in them has a good chance to matter."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from tests.reference.evaluator import CLASSES, SECOND, SEVERITIES
from tests.reference.facts import CEL, Call

TOOLS = ("get", "get-all", "pay", "drop", "s/get")
SELECTORS = (
    *(*TOOLS, "*", "get*", "?ay", "g?t*l", "s/*", "s/get*", "t/pay", "s/class:read", "class:read", "class:destructive"),
    *("severity:>=high", "severity:>=low", "annotation:hint", "annotation:destructiveHint"),
)
PATHS = ("args.a", "args.b", "args.a.b", "args.l[0]", "args.l[1].b", "args.s")
STRINGS = ("", "x", "1", "ab", "bab", "é")
SCALARS = (None, True, False, -1, 0, 1, 2, 3, 2**53 + 1, Decimal("0.5"), Decimal("1.0"), Decimal("2.75"), *STRINGS)
DOCUMENTS: tuple[Any, ...] = (
    *(
        '{"k": 1}',
        '{"k": [1, 1.0]}',
        '{"k": [1, "1"]}',
        '{"k": 1, "k": 1}',
        '{"k": 1, "K": 1}',
        '{"k": null}',
        '{"k"',
        "[]",
    ),
    *({"k": 1}, {"k": []}, {"k": True}, [1], 1),
)
NUMBERS = (-1, 0, 1, 2, 3, 2**53, Decimal("0.5"), Decimal("2.5"))


def some(random: Random, chance: float) -> bool:
    return random.random() < chance


def value(random: Random, depth: int = 2) -> Any:
    kind = random.random()
    if depth and kind < 0.1:
        return [value(random, depth - 1) for _ in range(random.randint(0, 2))]
    if depth and kind < 0.2:
        return {key: value(random, depth - 1) for key in "ab" if some(random, 0.6)}
    return random.choice(SCALARS)


def arguments(random: Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if some(random, 0.8):
        found["a"] = random.choice((1, 2, Decimal("0.5"))) if some(random, 0.6) else value(random)
    if some(random, 0.5):
        found["b"] = value(random)
    if some(random, 0.4):
        found["l"] = [value(random) for _ in range(random.randint(0, 2))]
    if some(random, 0.7):
        found["s"] = random.choice(STRINGS) if some(random, 0.9) else value(random)
    if some(random, 0.9):
        found["j"] = random.choice(DOCUMENTS)
    return found


def condition(random: Random, depth: int = 1) -> Any:
    kind = random.random()
    if kind < 0.2:
        return random.choice(sorted(CEL))
    if depth and kind < 0.3:
        return {"conditions": [condition(random, 0) for _ in range(random.randint(1, 2))]}
    op = random.choice(
        (
            "eq",
            "neq",
            "in",
            "not_in",
            "lt",
            "lte",
            "gt",
            "gte",
            "regex",
            "contains",
            "starts_with",
            "ends_with",
            "exists",
        )
    )
    if op in ("in", "not_in"):
        operand: Any = [value(random) for _ in range(random.randint(1, 3))]
    elif op in ("lt", "lte", "gt", "gte"):
        operand = random.choice(NUMBERS)
    elif op == "regex":
        operand = random.choice(("^a", "b$", "^x$", "1", "^(ab|x)$", ""))
    elif op in ("starts_with", "ends_with"):
        operand = random.choice(STRINGS)
    elif op == "exists":
        operand = some(random, 0.5)
    else:
        operand = value(random)
    path = random.choice(("args.s", "args.s", *PATHS) if op in ("regex", "starts_with", "ends_with") else PATHS)
    return {"path": path, "op": op, "value": operand}


def rate_limit(random: Random) -> Any:
    if some(random, 0.3):
        return f"{random.randint(1, 3)}/{random.choice(('minute', 'hour'))}"
    limit: dict[str, Any] = {"max": random.randint(1, 3), "window": random.choice((10, 60, "minute"))}
    if some(random, 0.5):
        limit["per"] = random.choice(("session", "principal", "server", "global", "args.s"))
    if some(random, 0.5):
        limit["algorithm"] = random.choice(("sliding", "token_bucket", "calendar"))
        if limit["algorithm"] == "token_bucket" and some(random, 0.5):
            limit["burst"] = random.randint(1, 4)
    return limit


def budget(random: Random) -> dict[str, Any]:
    amount = random.choice(("args.a", "args.a", "args.b", 1, 2, Decimal("0.5")))
    found: dict[str, Any] = {"amount": amount, "max": random.choice((1, 3, "2.50", Decimal("1.5"))), "window": "minute"}
    if some(random, 0.7):
        found["counter"] = random.choice("xxy")
    if some(random, 0.3):
        found["algorithm"] = random.choice(("sliding", "calendar"))
    if some(random, 0.3):
        found["per"] = random.choice(("global", "principal"))
    return found


def layered_limits(random: Random) -> list[dict[str, Any]]:
    calls = {"counter": "calls", "window": "minute", "max": random.randint(1, 3), "scope": "grant"}
    spend = {"counter": "spend", "window": "hour", "max": 4, "increment_from": "args.a"}
    return random.choice(([calls], [spend], [calls, spend]))


def block(random: Random, *, permits: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if some(random, 0.15):
        found["mode"] = random.choice(("enforce", "shadow"))
    if some(random, 0.2):
        found["when"] = random.choice(sorted(CEL))
    if some(random, 0.12):
        return {**found, "action": random.choice(("deny", "hide"))}
    if permits and some(random, 0.25):
        found["action"] = random.choice(("allow", "require_approval"))
    for key in ("require", "deny_if"):
        if some(random, 0.2):
            found[key] = [condition(random) for _ in range(random.randint(1, 2))]
    if some(random, 0.1):
        found["arguments"] = {"properties": {"a": {"type": "integer", "maximum": 2}}, "required": ["a"]}
    if some(random, 0.25):
        found["rate_limit"] = rate_limit(random) if some(random, 0.7) else [rate_limit(random), rate_limit(random)]
    if some(random, 0.25):
        found["budget"] = budget(random)
    if some(random, 0.1):
        found["limits"] = layered_limits(random)
    return found


def policy(random: Random) -> dict[str, Any]:
    tools: dict[str, Any] = {}
    for selector in random.sample(SELECTORS, random.randint(0, 5)):
        tools[selector] = block(random) if some(random, 0.85) else [block(random), block(random)]
    document: dict[str, Any] = {"version": 1, "tools": tools}
    if some(random, 0.6):
        document["default"] = random.choice(("allow", "allow", "deny", "hide", "require_approval"))
    if some(random, 0.1):
        document["mode"] = "shadow"
    if some(random, 0.2):
        document["hide"] = random.sample(SELECTORS, random.randint(1, 2))
    if some(random, 0.3):
        document["all_tools"] = block(random, permits=False)
    if some(random, 0.15):
        shared = {"amount": "args.a", "window": "minute", "counter": "shared"}
        document["all_tools"] = {"budget": {**shared, "max": random.choice((2, 3))}}
        tools["*"] = {"action": "allow", "budget": {**shared, "max": random.choice((2, "2.5")), "amount": 1}}
    if some(random, 0.3):
        says: Any = (*CLASSES, {"class": "write", "severity": "low"}, {"severity": "critical"})
        document["classes"] = {name: random.choice(says) for name in random.sample((*TOOLS, "get*", "s/*", "*"), 2)}
    return document


def call(random: Random, at: int) -> Call:
    return Call(
        tool=random.choice((*TOOLS, "other")),
        server=random.choice(("", "s", "t")),
        arguments=arguments(random),
        annotations=random.choice(({}, {}, {"hint": True}, {"hint": "yes"}, {"destructiveHint": True})),
        risk_class=random.choice((None, *CLASSES, *CLASSES)),
        severity=random.choice((None, *SEVERITIES, *SEVERITIES)),
        principal=random.choice("ppq"),
        roles=random.choice(([], ["ops"])),
        at=at,
    )


def series(random: Random, length: int) -> list[Call]:
    """Calls in order of time; most of a few tools, so that limits are met."""
    at = 10**18 + random.randint(0, 86400) * SECOND
    calls: list[Call] = []
    for _ in range(length):
        at += random.choice((0, 0, 0, 1, 5, 10, 59, 60, 3600)) * SECOND + random.choice((0, 0, 1, SECOND - 1))
        calls.append(call(random, at))
    if some(random, 0.7):
        for one in calls:
            one.tool, one.server, one.principal = calls[0].tool, calls[0].server, "p"
            one.risk_class, one.severity, one.annotations = calls[0].risk_class, calls[0].severity, calls[0].annotations
    return calls
