"""Intercept's `rules`: nodes → checks and charges. Policy language, "A block"; differences: docs/dialects.md.

A rule is denied by the first of its conditions that fails. Rules of a tool come before those of `"*"`, in the order of
the list, and the first that fails gives the message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ostiary.model import RuleOutcome
from ostiary.policy.block import Check
from ostiary.policy.demands import Amount, Charge
from ostiary.policy.dialects.counters import GLOBAL, UNBOUNDED, WINDOWS, Counter, scope_of, state_charge
from ostiary.policy.dialects.rule_conditions import ArgumentCondition, CounterBound, read_rule_condition, steps_of
from ostiary.policy.facts import Facts
from ostiary.policy.node import Node
from ostiary.policy.path import Steps
from ostiary.policy.reading import Reading

__all__ = ["never", "read_rules"]

_KEYS: Final = ("name", "action", "conditions", "on_deny", "rate_limit", "state")
_STATE_KEYS: Final = ("counter", "window", "increment", "increment_from")
_RATE: Final = re.compile(r"([0-9]{1,9})/(minute|hour|day)")


def never(_: Facts) -> bool:
    """The condition of a rule whose action is `deny`."""
    return False


def read_rules(node: Node, selector: str | None, reading: Reading) -> tuple[list[Check], list[Charge]]:
    """The rules under a key of `tools`, None for `all_tools`."""
    checks: list[Check] = []
    charges: list[Charge] = []
    scope = GLOBAL if selector is None else scope_of(selector)
    place = "1" if scope == GLOBAL else "0"
    counters: dict[str, Node] = {}
    for index, item in enumerate(reading.proof.sequence(node, "a list of rules") or []):
        fields = reading.proof.fields(item, _KEYS, required=("name",), expected="a rule")
        name = reading.proof.text(fields["name"]) if "name" in fields else None
        rule = _Rule(fields, item, name or "", f"{place}{index:06}", scope, reading)
        rule.read()
        checks += rule.checks
        charges += rule.charges
        if rule.counter is not None:
            if rule.counter.path in counters:
                hint = f"it is already on line {counters[rule.counter.path].line}"
                reading.proof.refuse(item, f"duplicate counter `{rule.counter.name}`", hint)
            counters[rule.counter.path] = item
    return checks, charges


class _Rule:
    """One rule being read."""

    def __init__(
        self, fields: Mapping[str, Node], node: Node, name: str, order: str, scope: str, reading: Reading
    ) -> None:
        self.fields = fields
        self.node = node
        self.name = name
        self.order = order
        self.scope = scope
        self.reading = reading
        self.proof = reading.proof
        self.on_deny = self._read_on_deny()
        self.counter: Counter | None = None
        self.checks: list[Check] = []
        self.charges: list[Charge] = []

    def read(self) -> None:
        action = "evaluate"
        if "action" in self.fields:
            action = self.proof.choice(self.fields["action"], ("evaluate", "deny"), "action") or "deny"
        if action == "deny":
            self._exclude("`action: deny`", "conditions", "rate_limit", "state")
            self._check(never, self.on_deny or f"denied by the rule `{self.name}`", "denies the tool")
        elif "rate_limit" in self.fields:
            self._exclude("`rate_limit`", "conditions", "state")
            self._read_rate(self.fields["rate_limit"])
        else:
            self._read_evaluate()

    def _read_on_deny(self) -> str | None:
        node = self.fields.get("on_deny")
        return None if node is None or node.value == "" else self.proof.text(node)

    def _exclude(self, beside: str, *keys: str) -> None:
        for key in keys:
            node = self.fields.get(key)
            if node is not None and node.value != []:
                self.proof.refuse(node, f"`{key}` has no effect beside {beside}", "write two rules")

    def _check(self, holds: object, refusal: str, fact: str, asks: tuple[Steps, ...] = ()) -> None:
        passed = RuleOutcome(self.name, "passes", fact)
        self.checks.append(Check(self.name, holds, refusal, passed, asks, order=self.order))  # type: ignore[arg-type]

    def _read_rate(self, node: Node) -> None:
        found = _RATE.fullmatch(node.value) if isinstance(node.value, str) else None
        if found is None or int(found[1]) == 0:
            self.proof.refuse(
                node, f"cannot read the rate limit `{node.plain()}`", "in a rule it is `N/minute`, `N/hour` or `N/day`"
            )
            return
        most, window = int(found[1]), found[2]
        self.counter = Counter(self.scope, f"_rate_{window}", window)
        self._charge(self.counter, most, self.on_deny or f"Rate limit of {most} per {window} reached. Try again later.")

    def _charge(
        self, counter: Counter, most: int, reason: str | None, amount: Amount | None = None, cost: int = 1
    ) -> None:
        identity = self.reading.identity
        self.charges.append(state_charge(self.name, self.order, identity, counter, most, reason, amount, cost))

    def _read_evaluate(self) -> None:
        conditions = self.fields.get("conditions")
        items = self.proof.sequence(conditions, "a list of conditions") if conditions else []
        if items == []:
            hint = "`action: deny` denies always"
            self.proof.refuse(conditions or self.node, "a rule needs at least one condition", hint)
        on_arguments: list[ArgumentCondition] = []
        bounds: dict[Counter, int] = {}
        for item in items or []:
            condition = read_rule_condition(item, self.reading)
            match condition:
                case ArgumentCondition():
                    on_arguments.append(condition)
                case CounterBound(counter, most):
                    bounds[counter] = min(most, bounds.get(counter, most))
                case None:
                    pass
        if on_arguments:
            self._check_arguments(on_arguments)
        self._count(bounds)

    def _check_arguments(self, conditions: list[ArgumentCondition]) -> None:
        def holds(facts: Facts) -> bool:
            answers = [condition.holds(facts) for condition in conditions]
            return all(answers)

        demand = " and ".join(condition.demand for condition in conditions)
        fact = " and ".join(condition.fact for condition in conditions)
        self._check(holds, self.on_deny or demand, fact, tuple(condition.steps for condition in conditions))

    def _count(self, bounds: dict[Counter, int]) -> None:
        """Book on the rule's own counter, and look at the others that its conditions name."""
        if "state" in self.fields:
            self._read_state(self.fields["state"], bounds)
        for counter, most in bounds.items():
            if counter != self.counter:
                self._charge(counter, most, self.on_deny, cost=0)

    def _read_state(self, node: Node, bounds: dict[Counter, int]) -> None:
        fields = self.proof.fields(node, _STATE_KEYS, required=("counter", "window"), expected="a counter's state")
        name = self.proof.text(fields["counter"]) if "counter" in fields else None
        window = self.proof.choice(fields["window"], WINDOWS, "window") if "window" in fields else None
        cost = self.proof.whole(fields["increment"]) if "increment" in fields else 1
        amount = self._read_amount(fields["increment_from"]) if "increment_from" in fields else None
        if name is not None and window is not None:
            self.counter = Counter(self.scope, name, window)
            self._charge(self.counter, bounds.get(self.counter, UNBOUNDED), self.on_deny, amount, cost or 1)

    def _read_amount(self, node: Node) -> Amount | None:
        path = self.proof.text(node)
        steps = steps_of(path) if path else None
        if path and steps is None:
            self.proof.refuse(node, f"cannot read the path `{path}`", "an amount is a path such as `args.amount`")
        return Amount(path, steps) if path and steps is not None else None
