"""Nodes of `rate_limit`, `limits` and `budget` → charges. Policy language, sections "Limits" and "Budgets"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from ostiary.model import Algorithm, Limit, RuleOutcome
from ostiary.policy.demands import SCOPES, Amount, Charge, Scope, scope_term
from ostiary.policy.node import Node
from ostiary.policy.path import PathError, Steps, parse_path
from ostiary.policy.reading import Reading
from ostiary.policy.window import in_words, parse_duration, read_duration

__all__ = ["read_budgets", "read_limits", "read_rate_limits"]

_SHORT: Final = re.compile(r"([0-9]{1,9})/([a-z0-9]+)")
_RATE_KEYS: Final = ("max", "window", "per", "algorithm", "burst", "on_outage", "on_deny")
_BUDGET_KEYS: Final = (
    *("amount", "max", "window", "per", "counter", "unit"),
    *("settle", "algorithm", "on_outage", "on_deny"),
)
_LIMIT_KEYS: Final = ("counter", "window", "max", "scope", "increment_from", "on_deny")
_WRITE_RATE: Final = "write `10/minute`, or a mapping of `max` and `window`"
_MAX_DIGITS: Final = 30


def read_rate_limits(node: Node, rule: str, reason: str | None, reading: Reading) -> list[Charge]:
    """`10/minute`, a mapping, or a list of these."""
    if isinstance(node.value, list):
        if not node.value:
            reading.proof.refuse(node, "is an empty list", _WRITE_RATE)
        found = [_read_rate(item, f"{rule}/{index}", reason, reading) for index, item in enumerate(node.value)]
    else:
        found = [_read_rate(node, rule, reason, reading)]
    return [charge for charge in found if charge is not None]


def _read_rate(node: Node, rule: str, reason: str | None, reading: Reading) -> Charge | None:
    proof = reading.proof
    if isinstance(node.value, str):
        limit = _read_short(node, reading)
        return None if limit is None else _charge(rule, limit, SCOPES["session"], reason, reading)
    if not isinstance(node.value, dict):
        proof.refuse(node, f"expected a rate limit, found {node.kind}", _WRITE_RATE)
        return None
    fields = proof.fields(node, _RATE_KEYS, required=("max", "window"))
    most = proof.whole(fields["max"], minimum=1) if "max" in fields else None
    window = read_duration(fields["window"], proof) if "window" in fields else None
    algorithm = _read_algorithm(fields, reading)
    burst = proof.whole(fields["burst"], minimum=1) if "burst" in fields else None
    if "burst" in fields and algorithm is not Algorithm.TOKEN_BUCKET:
        proof.refuse(fields["burst"], "`burst` belongs to a token bucket", "add `algorithm: token_bucket`", rule=rule)
    scope = _read_scope(fields.get("per"), rule, reading)
    reason = _read_own_reason(fields, reason, reading)
    if most is None or window is None or scope is None:
        return None
    if algorithm is Algorithm.TOKEN_BUCKET and burst is None:
        burst = most
    limit = Limit(most, window, algorithm, burst)
    return _charge(rule, limit, scope, reason, reading, on_outage=_read_on_outage(fields, reading))


def _read_short(node: Node, reading: Reading) -> Limit | None:
    found = _SHORT.fullmatch(str(node.value))
    window = parse_duration(found[2]) if found else None
    if found is None or window is None:
        reading.proof.refuse(node, f"cannot read the rate limit `{node.value}`", _WRITE_RATE)
        return None
    if int(found[1]) == 0:
        reading.proof.refuse(node, "a limit of 0 never admits a call", "write `action: deny`")
        return None
    return Limit(int(found[1]), window)


def _read_algorithm(fields: Mapping[str, Node], reading: Reading) -> Algorithm:
    if "algorithm" not in fields:
        return Algorithm.SLIDING
    word = reading.proof.choice(fields["algorithm"], [algorithm.value for algorithm in Algorithm], "algorithm")
    return Algorithm(word) if word else Algorithm.SLIDING


def _read_on_outage(fields: Mapping[str, Node], reading: Reading) -> str:
    node = fields.get("on_outage")
    return reading.proof.choice(node, ("deny", "local")) or "deny" if node is not None else "deny"


def _read_scope(node: Node | None, rule: str, reading: Reading, default: str = "session") -> Scope | None:
    """`session`, …, or a CEL expression over the arguments."""
    if node is None:
        return SCOPES[default]
    if not isinstance(node.value, str):
        reading.proof.mistyped(node, "one of " + ", ".join(f"`{word}`" for word in SCOPES) + ", or a CEL expression")
        return None
    if node.value in SCOPES:
        return SCOPES[node.value]
    if re.fullmatch(r"\w+", node.value):
        reading.proof.unknown(node, "scope", SCOPES, rule=rule)
        return None
    term = reading.term(node, rule)
    return None if term is None else scope_term(term)


def _read_own_reason(fields: Mapping[str, Node], reason: str | None, reading: Reading) -> str | None:
    return reading.proof.text(fields["on_deny"]) if "on_deny" in fields else reason


def read_budgets(node: Node, rule: str, reason: str | None, reading: Reading) -> list[Charge]:
    """A budget or a list of budgets."""
    if isinstance(node.value, list):
        if not node.value:
            reading.proof.refuse(node, "is an empty list", "a budget has `amount`, `max` and `window`")
        found = [_read_budget(item, f"{rule}/{index}", reason, reading) for index, item in enumerate(node.value)]
    else:
        found = [_read_budget(node, rule, reason, reading)]
    return [charge for charge in found if charge is not None]


def _read_budget(node: Node, rule: str, reason: str | None, reading: Reading) -> Charge | None:
    proof = reading.proof
    fields = proof.fields(node, _BUDGET_KEYS, required=("amount", "max", "window"), expected="a budget")
    amount = _read_cost(fields["amount"], rule, reading) if "amount" in fields else None
    settle = _read_settle(fields["settle"], rule, reading) if "settle" in fields else None
    most = (
        _read_sum(fields["max"], reading, can_be_0=amount == 0 or isinstance(amount, Amount))
        if "max" in fields
        else None
    )
    window = read_duration(fields["window"], proof) if "window" in fields else None
    algorithm = _read_algorithm(fields, reading)
    if algorithm is Algorithm.TOKEN_BUCKET:
        proof.refuse(fields["algorithm"], "a budget has no token bucket", "write `sliding` or `calendar`", rule=rule)
    scope = _read_scope(fields.get("per"), rule, reading)
    unit = proof.text(fields["unit"]) if "unit" in fields else None
    counter = proof.text(fields["counter"]) if "counter" in fields else None
    reason = _read_own_reason(fields, reason, reading)
    if amount is None or most is None or window is None or scope is None:
        return None
    limit = Limit(most, window, algorithm)
    return _charge(
        rule,
        limit,
        scope,
        reason,
        reading,
        amount=amount,
        unit=unit or "",
        counter=counter,
        settle=settle,
        on_outage=_read_on_outage(fields, reading),
    )


def _read_amount(node: Node, rule: str, reading: Reading) -> Amount | None:
    path = reading.proof.text(node)
    if path is None:
        return None
    try:
        return Amount(path, parse_path(path))
    except PathError as error:
        reading.proof.refuse(node, str(error), "an amount is a path such as `args.amount`", rule=rule)
        return None


def _read_cost(node: Node, rule: str, reading: Reading) -> Amount | Decimal | int | None:
    """A path of the arguments, or what every call costs; 0 only looks whether there is room."""
    if isinstance(node.value, str):
        return _read_amount(node, rule, reading)
    value = node.value
    if value == 0 and isinstance(value, int) and not isinstance(value, bool):
        return 0
    return _read_sum(node, reading)


def _read_settle(node: Node, rule: str, reading: Reading) -> Steps | None:
    path = reading.proof.text(node)
    hint = "write the place of the amount in the result, such as `result.structuredContent.charged`"
    try:
        steps = parse_path(path, "result") if path else None
    except PathError as error:
        reading.proof.refuse(node, str(error), hint, rule=rule)
        return None
    if steps == ():
        reading.proof.refuse(node, "`result` is no amount", hint, rule=rule)
    return steps or None


def _read_sum(node: Node, reading: Reading, *, can_be_0: bool = False) -> Decimal | int | None:
    """A positive number, or the same in quotes: `500.00` keeps its cents either way."""
    value = node.value
    if isinstance(value, str) and re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", value) and len(value) <= _MAX_DIGITS:
        value = Decimal(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        reading.proof.refuse(node, f"expected a number, found {node.kind}")
        return None
    if value < 0 or (value == 0 and not can_be_0):
        reading.proof.refuse(node, "must be more than 0")
        return None
    if isinstance(value, Decimal) and abs(value.adjusted()) > _MAX_DIGITS:
        reading.proof.refuse(node, f"a sum has at most {_MAX_DIGITS} digits")
        return None
    return value


def read_limits(node: Node, rule: str, reason: str | None, reading: Reading) -> list[Charge]:
    """PolicyLayer's form: a list of `{counter, window, max, scope, increment_from?}`, aligned to the calendar."""
    proof = reading.proof
    charges: list[Charge] = []
    seen: dict[tuple[object, ...], Node] = {}
    for index, item in enumerate(proof.sequence(node, "a list of limits") or []):
        fields = proof.fields(item, _LIMIT_KEYS, required=("counter", "window", "max"), expected="a limit")
        charge = _read_limit(fields, f"{rule}/{index}", reason, reading)
        if charge is None:
            continue
        charges.append(charge)
        counted = (charge.key, charge.limit.window, fields["scope"].value if "scope" in fields else "grant")
        if counted in seen:
            hint = f"it is already on line {seen[counted].line}"
            proof.refuse(fields["counter"], f"duplicate counter `{fields['counter'].value}`", hint, rule=rule)
        seen[counted] = item
    return charges


def _read_limit(fields: Mapping[str, Node], rule: str, reason: str | None, reading: Reading) -> Charge | None:
    proof = reading.proof
    counter = proof.text(fields["counter"]) if "counter" in fields else None
    word = proof.choice(fields["window"], ("minute", "hour", "day")) if "window" in fields else None
    most = _read_sum(fields["max"], reading) if "max" in fields else None
    amount = _read_amount(fields["increment_from"], rule, reading) if "increment_from" in fields else None
    scope = _read_scope(fields.get("scope"), rule, reading, default="grant")
    reason = _read_own_reason(fields, reason, reading)
    window = parse_duration(word) if word else None
    if counter is None or window is None or most is None or scope is None:
        return None
    limit = Limit(most, window, Algorithm.CALENDAR)
    unit = "calls" if amount is None else counter
    within = f"{rule.rpartition('/')[0]}:{counter}"
    return _charge(rule, limit, scope, reason, reading, amount=amount, unit=unit, counted=within)


def _charge(
    rule: str,
    limit: Limit,
    scope: Scope,
    reason: str | None,
    reading: Reading,
    *,
    amount: Amount | Decimal | int | None = None,
    unit: str = "calls",
    counter: str | None = None,
    counted: str | None = None,
    settle: Steps | None = None,
    on_outage: str = "deny",
) -> Charge:
    per = in_words(limit.window)
    noun = "call" if unit == "calls" and limit.max == 1 else unit
    what = f"{limit.max} {noun} per {per}".replace("  ", " ")
    said = f"the limit of {what} is reached" if amount is None else f"the budget of {what} does not cover this call"
    counted = counted or (f"counter:{counter}" if counter else rule)
    key = f"{reading.identity}|{counted}|"
    outcome = RuleOutcome(rule, "reserves", f"counts towards {what}")
    return Charge(
        rule=rule,
        key=key,
        limit=limit,
        scope=scope,
        reason=f"{reason}: {said}" if reason else said,
        unit=unit,
        amount=amount if isinstance(amount, Amount) else None,
        reserves=outcome,
        cost=1 if amount is None or isinstance(amount, Amount) else amount,
        settle=settle,
        on_outage=on_outage,
    )
