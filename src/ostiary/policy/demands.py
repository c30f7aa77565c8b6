"""`rate_limit`, `limits` and `budget` → what a call asks of the counters.

Policy language, sections "Limits" and "Budgets". Counting is the store's job: here a limit becomes a `Charge`, and a
charge becomes a `Demand` for one call. A counter's key says the policy, the rule and what is counted together, so that
two rules never share a counter by accident, and a limit whose `max` was changed keeps its count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from ostiary.model import Demand, Limit, RuleOutcome
from ostiary.policy.facts import Facts, Unjudgeable
from ostiary.policy.operators import is_number, kind_of
from ostiary.policy.path import MISSING, Steps, look_closely

if TYPE_CHECKING:
    from ostiary.policy.expression import Expression

__all__ = ["SCOPES", "Amount", "Charge", "Scope", "rehearsed", "scope_term", "together"]

Scope: TypeAlias = Callable[[Facts], str]

_LONGEST_VALUE: Final = 120
_LARGEST: Final = 10**30
_MOST_DECIMALS: Final = 30

SCOPES: Final[dict[str, Scope]] = {
    "session": lambda facts: f"session={facts.call.session.id}",
    "grant": lambda facts: f"grant={facts.call.principal.grant or facts.call.principal.id}",
    "principal": lambda facts: f"principal={facts.call.principal.id}",
    "client": lambda facts: f"client={_short(facts.call.client.name)}",
    "server": lambda facts: f"server={facts.call.tool.server}",
    "global": lambda _: "global",
}


def scope_term(term: Expression) -> Scope:
    """A scope whose value is worked out of the call."""

    def scope(facts: Facts) -> str:
        value = term.value(facts)
        if isinstance(value, str):
            return f"{term.source}={_short(value)!r}"
        if isinstance(value, int):
            return f"{term.source}={value}"
        raise Unjudgeable(f"`{term.source}` is {kind_of(value)}, and only strings and whole numbers can be told apart")

    return scope


def _short(value: str) -> str:
    """The value itself, or its digest where it is long: keys stay small whatever a caller sends."""
    if len(value) <= _LONGEST_VALUE and value.isprintable():
        return value
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


class Amount:
    """The exact amount at a path of the arguments; `steps` lead there."""

    __slots__ = ("_find", "path", "steps")

    def __init__(self, path: str, steps: Steps) -> None:
        self.path = path
        self.steps = steps
        self._find = look_closely(steps)

    def of(self, facts: Facts) -> Decimal | int:
        """Missing, negative, not a number or beyond all bounds makes the call unjudgeable."""
        try:
            value = self._find(facts.arguments)
        except Unjudgeable as error:
            raise Unjudgeable(f"`{self.path}` {error}") from None
        if value is MISSING:
            raise Unjudgeable(f"`{self.path}` is missing, and the amount is counted")
        if not isinstance(value, int | Decimal) or not is_number(value):
            raise Unjudgeable(f"`{self.path}` is {kind_of(value)}, not an amount")
        if value < 0:
            raise Unjudgeable(f"`{self.path}` is negative, and an amount must not be")
        if value > _LARGEST or (isinstance(value, Decimal) and _decimals(value) > _MOST_DECIMALS):
            raise Unjudgeable(f"`{self.path}` has more digits than an amount may have")
        return value.copy_abs() if isinstance(value, Decimal) else value


def _decimals(value: Decimal) -> int:
    return -int(value.as_tuple().exponent)


class Charge(msgspec.Struct, frozen=True):
    """One limit of one rule, ready for any call. `key` is the counter's name without the scope.

    A call counts for `amount`, or where there is none for `cost`; 0 only looks whether there is room. `order` is its
    place among the rules of a list, empty where order says nothing.
    """

    rule: str
    key: str
    limit: Limit
    scope: Scope
    reason: str
    unit: str
    amount: Amount | None
    reserves: RuleOutcome
    cost: Decimal | int = 1
    order: str = ""
    settle: Steps | None = None
    on_outage: str = "deny"

    def demand(self, facts: Facts) -> Demand:
        """What the call asks for. Raises `Unjudgeable` where scope or amount cannot be known."""
        cost = self.cost if self.amount is None else self.amount.of(facts)
        key = self.key + self.scope(facts)
        return Demand(key, self.rule, self.limit, cost, self.reason, self.unit, self.settle, self.on_outage)


def together(demands: list[Demand]) -> tuple[Demand, ...]:
    """The demands with every counter once: where rules share a counter, the strictest limit and the highest cost."""
    if len(demands) < 2:
        return tuple(demands)
    merged: dict[object, Demand] = {}
    for demand in demands:
        counter = (demand.key, demand.limit.algorithm, demand.limit.window)
        other = merged.get(counter)
        if other is None:
            merged[counter] = demand
            continue
        strict, mild = (demand, other) if demand.limit.max < other.limit.max else (other, demand)
        merged[counter] = msgspec.structs.replace(
            strict,
            cost=max(demand.cost, other.cost),
            settle=strict.settle or mild.settle,
            on_outage="deny" if "deny" in (strict.on_outage, mild.on_outage) else "local",
        )
    return tuple(merged.values())


def rehearsed(demands: Sequence[Demand], shadow: Sequence[Demand]) -> tuple[Demand, ...]:
    """Those of a call's demands that rules in shadow mode have a part in, on counters beside the real ones."""
    counters = {(demand.key, demand.limit.algorithm, demand.limit.window) for demand in shadow}
    return tuple(
        msgspec.structs.replace(demand, key=f"shadow|{demand.key}", settle=None)
        for demand in demands
        if (demand.key, demand.limit.algorithm, demand.limit.window) in counters
    )
