"""A second evaluator of the policy language, naive and separate: written from the document, for tests alone.

It takes the document as parsed JSON, knows nothing of the real one's code, and does everything the slow way: every
selector is tried on every call, every window is summed up again, amounts are fractions.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.reference.facts import CEL, Call, Unclear, equal, known_class, number

CLASSES = ["read", "write", "execute", "destructive", "financial"]
SEVERITIES = ["low", "medium", "high", "critical"]
WINDOWS = {"minute": 60, "hour": 3600, "day": 86400}
SECOND = 10**9
MISSING = object()


@dataclass
class Answer:
    effect: str
    errors: set[str]
    retry_after: int | None = None


@dataclass
class Limit:
    rule: str
    key: str
    kind: str
    window: int
    most: Fraction
    burst: Fraction
    cost: Fraction


def find(arguments: Any, path: str) -> Any:
    value = arguments
    for step in re.findall(r"\.(\w+)|\[(\d+)\]", path.removeprefix("args")):
        if step[0]:
            if not isinstance(value, dict) or step[0] not in value:
                return MISSING
            value = value[step[0]]
        else:
            if not isinstance(value, list) or int(step[1]) >= len(value):
                return MISSING
            value = value[int(step[1])]
    return value


def holds(condition: Any, call: Call) -> bool:
    if isinstance(condition, str):
        return CEL[condition](call)
    if "conditions" in condition:
        answers = [holds(one, call) for one in condition["conditions"]]
        return all(answers)
    found, op, value = find(call.arguments, condition["path"]), condition["op"], condition["value"]
    if op == "exists":
        return (found is not MISSING and found is not None) is value
    if found is MISSING:
        return False
    if op in ("eq", "neq"):
        return equal(found, value) is (op == "eq")
    if op in ("in", "not_in"):
        return any(equal(found, one) for one in value) is (op == "in")
    if op in ("lt", "lte", "gt", "gte"):
        it = number(found)
        return bool({"lt": it < value, "lte": it <= value, "gt": it > value, "gte": it >= value}[op])
    if op == "contains" and isinstance(found, list):
        return any(equal(one, value) for one in found)
    if not isinstance(found, str) or not isinstance(value, str):
        raise Unclear
    if op == "regex":
        return re.search(value.replace("$", r"\Z"), found) is not None
    return {"contains": value in found, "starts_with": found.startswith(value), "ends_with": found.endswith(value)}[op]


def fits_schema(schema: Any, arguments: dict[str, Any]) -> bool:
    """As much of JSON Schema as the generator writes."""
    for name, inner in schema.get("properties", {}).items():
        if name in arguments:
            value = arguments[name]
            is_whole = isinstance(value, int | Decimal) and not isinstance(value, bool) and value % 1 == 0
            if not is_whole or value > inner["maximum"]:
                return False
    return all(name in arguments for name in schema.get("required", []))


class Evaluator:
    """One policy, and what its counters have booked: key → [(time, cost)]."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.booked: dict[str, list[tuple[int, Fraction]]] = {}

    def decide(self, call: Call) -> Answer:
        call = self.classified(call)
        is_shadow = self.document.get("mode") == "shadow"
        errors: set[str] = set()
        for index, selector in enumerate([] if is_shadow else self.document.get("hide", [])):
            try:
                if selects(selector, call):
                    return Answer("hide", set())
            except Unclear:
                errors.add(f"/hide/{index}")
        said = self.heard(call, errors, is_shadow)
        effects = [effect for effect, _ in said]
        if "hide" in effects:
            return Answer("hide", errors)
        if "deny" in effects or errors:
            return Answer("deny", errors)
        if not {"allow", "require_approval"} & set(effects):
            effects.append("allow" if is_shadow else self.document.get("default", "deny"))
        for refusal in ("hide", "deny"):
            if refusal in effects:
                return Answer(refusal, errors)
        effect = "require_approval" if "require_approval" in effects else "allow"
        return self.counted(effect, [limit for _, limits in said for limit in limits], call.at)

    def classified(self, call: Call) -> Call:
        """`classes` first, exact names before globs, the worst of several; an annotation may only raise."""
        found = [(name, says) for name, says in self.document.get("classes", {}).items() if selects(name, call)]
        exact = [(name, says) for name, says in found if not set(name) & set("*?")]
        said = [says if isinstance(says, dict) else {"class": says} for _, says in exact or found]
        classes = [one["class"] for one in said if "class" in one]
        severities = [one["severity"] for one in said if "severity" in one]
        if not classes:
            hinted = ["destructive"] if call.annotations.get("destructiveHint") is True else []
            classes = [*hinted, *([call.risk_class] if call.risk_class else [])]
        return Call(
            **{
                **vars(call),
                "risk_class": max(classes, key=CLASSES.index, default=None),
                "severity": max(severities, key=SEVERITIES.index, default=call.severity),
            }
        )

    def blocks(self, call: Call, errors: set[str]) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
        if "all_tools" in self.document:
            yield "/all_tools", None, self.document["all_tools"]
        for selector, member in self.document.get("tools", {}).items():
            pointer = "/tools/" + selector.replace("~", "~0").replace("/", "~1")
            several = member if isinstance(member, list) else [member]
            for index, block in enumerate(several):
                rule = f"{pointer}/{index}" if isinstance(member, list) else pointer
                try:
                    if selects(selector, call):
                        yield rule, selector, block
                except Unclear:
                    if block.get("mode", self.document.get("mode")) != "shadow":
                        errors.add(rule)

    def heard(self, call: Call, errors: set[str], is_shadow: bool) -> list[tuple[str, list[Limit]]]:
        """What every applicable block says, and what it counts."""
        said: list[tuple[str, list[Limit]]] = []
        for rule, selector, block in self.blocks(call, errors):
            if block.get("mode", "shadow" if is_shadow else "enforce") == "shadow":
                continue
            try:
                if "when" in block and not CEL[block["when"]](call):
                    continue
            except Unclear:
                errors.add(f"{rule}/when")
                continue
            only_constrains = selector is None or not selector.split("/")[-1].strip("*")
            said.append((block.get("action", "constrain" if only_constrains else "allow"), []))
            for key, wanted in (("require", True), ("deny_if", False)):
                for index, condition in enumerate(block.get(key, [])):
                    try:
                        if holds(condition, call) is not wanted:
                            said.append(("deny", []))
                    except Unclear:
                        errors.add(f"{rule}/{key}/{index}")
            if "arguments" in block and not fits_schema(block["arguments"], call.arguments):
                said.append(("deny", []))
            for name, limit in limits_of(rule, block):
                try:
                    said.append(("constrain", [asked(name, limit, call)]))
                except Unclear:
                    errors.add(name)
        return said

    def counted(self, effect: str, limits: list[Limit], now: int) -> Answer:
        """All limits are reserved together or not at all; a counter that several rules ask for is asked once."""
        merged: dict[str, Limit] = {}
        for limit in limits:
            other = merged.setdefault(limit.key, limit)
            other.most, other.cost = min(other.most, limit.most), max(other.cost, limit.cost)
        waits = [self.wait(limit, now) for limit in merged.values()]
        if any(waits) or None in waits:
            longest = None if None in waits else max(wait for wait in waits if wait is not None)
            return Answer("deny", set(), None if longest is None else -(-longest // 10**6))
        for limit in merged.values():
            if limit.cost:
                self.booked.setdefault(limit.key, []).append((now, limit.cost))
        return Answer(effect, set())

    def wait(self, limit: Limit, now: int) -> int | None:
        """How long until it fits: 0 where it does, None where it never will."""
        booked = self.booked.get(limit.key, [])
        if limit.cost > (limit.burst if limit.kind == "token_bucket" else limit.most):
            return None
        if limit.kind == "token_bucket":
            level, last = limit.burst, booked[0][0] if booked else now
            for at, cost in [*booked, (now, Fraction(0))]:
                level = min(limit.burst, level + (at - last) * limit.most / limit.window) - cost
                last = at
            short = limit.cost - level
            return max(0, -((-short * limit.window) // limit.most))
        if limit.kind == "calendar":
            used = sum(cost for at, cost in booked if at // limit.window == now // limit.window)
            return 0 if used + limit.cost <= limit.most else limit.window - now % limit.window
        for instant in [now, *sorted(at + limit.window for at, _ in booked if at + limit.window > now)]:
            used = sum(cost for at, cost in booked if at > instant - limit.window)
            if used + limit.cost <= limit.most:
                return instant - now
        raise AssertionError("an empty window has room")


def selects(selector: str, call: Call) -> bool:
    """An exact name, a glob, a class, a severity, an annotation, any of these after `SERVER/`."""
    if "/" in selector and matches(selector, call.tool):
        return True
    if "/" in selector:
        server, rest = selector.split("/", 1)
        return matches(server, call.server) and selects(rest, call)
    kind, _, word = selector.partition(":")
    if kind == "class":
        return known_class(call) == word
    if kind == "severity":
        if call.severity is None:
            raise Unclear
        return SEVERITIES.index(call.severity) >= SEVERITIES.index(word.removeprefix(">="))
    if kind == "annotation":
        return call.annotations.get(word) is True
    return matches(selector, call.tool)


def matches(pattern: str, name: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def limits_of(rule: str, block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ("rate_limit", "budget", "limits"):
        member = block.get(key, [])
        several = member if isinstance(member, list) else [member]
        for index, limit in enumerate(several):
            name = f"{rule}/{key}/{index}" if isinstance(member, list) else f"{rule}/{key}"
            if isinstance(limit, str):
                most, _, window = limit.partition("/")
                yield name, {"max": int(most), "window": window}
            elif key == "limits":
                calendar = {"algorithm": "calendar", "per": limit.get("scope", "grant")}
                layered = {"amount": limit.get("increment_from"), "local": rule + limit["counter"]}
                yield name, {**layered, **limit, **calendar}
            else:
                yield name, limit


def asked(name: str, limit: dict[str, Any], call: Call) -> Limit:
    """What a call asks of a limit: of which counter, and how much."""
    per = limit.get("per", "session")
    scope = {"global": "", "server": call.server}.get(per, call.principal)
    if per.startswith("args."):
        value = find(call.arguments, per)
        is_whole = isinstance(value, Decimal) and value % 1 == 0
        if not is_whole and not isinstance(value, str | int):
            raise Unclear
        scope = repr(int(value) if is_whole else value)
    cost = Fraction(1)
    if limit.get("amount") is not None:
        amount = find(call.arguments, limit["amount"]) if isinstance(limit["amount"], str) else limit["amount"]
        if amount is MISSING or number(amount) < 0:
            raise Unclear
        cost = Fraction(amount)
    window = limit["window"] if isinstance(limit["window"], int) else WINDOWS[limit["window"]]
    kind, most = limit.get("algorithm", "sliding"), Fraction(Decimal(limit["max"]))
    counter = limit.get("local") or (f"counter {limit['counter']}" if "counter" in limit else name)
    key = f"{counter}|{kind}|{window}|{per}|{scope}"
    return Limit(name, key, kind, window * SECOND, most, Fraction(limit.get("burst", most)), cost)
