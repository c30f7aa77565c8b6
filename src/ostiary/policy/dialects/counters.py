"""The counters that Intercept's rules define, found before any rule is read: rules may look at each other's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from ostiary.model import Algorithm, Limit, RuleOutcome
from ostiary.policy.demands import SCOPES, Amount, Charge
from ostiary.policy.node import Node
from ostiary.policy.window import parse_duration

__all__ = ["GLOBAL", "UNBOUNDED", "WINDOWS", "Counter", "find_counters", "scope_of", "state_charge"]

GLOBAL: Final = "_global"
WINDOWS: Final = ("minute", "hour", "day")
UNBOUNDED: Final = 10**30
"""The maximum of a counter that only counts: another rule looks at it."""


class Counter(msgspec.Struct, frozen=True):
    """One counter; `scope` is the tool whose rules define it, or `_global`; `window` is `minute`, `hour` or `day`."""

    scope: str
    name: str
    window: str

    @property
    def path(self) -> str:
        return f"state.{self.scope}.{self.name}"

    @property
    def nanoseconds(self) -> int:
        return parse_duration(self.window) or 0


def scope_of(selector: str) -> str:
    """The scope of the counters that the rules under a key of `tools` define."""
    return GLOBAL if selector == "*" else selector


def find_counters(root: Node) -> dict[str, Counter]:
    """Every counter that a document defines soundly, by its path."""
    found: dict[str, Counter] = {}
    top = root.value if isinstance(root.value, dict) else {}
    tools = top["tools"].value if "tools" in top else None
    everywhere = [("*", top["all_tools"])] if "all_tools" in top else []
    for selector, member in (*everywhere, *(tools.items() if isinstance(tools, dict) else ())):
        for block in member.value if isinstance(member.value, list) else [member]:
            rules = block.value.get("rules") if isinstance(block.value, dict) else None
            for rule in rules.value if rules is not None and isinstance(rules.value, list) else []:
                counter = _counter(rule, scope_of(selector))
                if counter is not None:
                    found[counter.path] = counter
    return found


def _counter(rule: Node, scope: str) -> Counter | None:
    fields = rule.value if isinstance(rule.value, dict) else {}
    if "rate_limit" in fields:
        _, _, window = str(fields["rate_limit"].value).partition("/")
        return Counter(scope, f"_rate_{window}", window) if window in WINDOWS else None
    state = fields["state"].value if "state" in fields else None
    parts: Mapping[str, Node] = state if isinstance(state, dict) else {}
    name = parts["counter"].value if "counter" in parts else None
    window = str(parts["window"].value) if "window" in parts else ""
    return Counter(scope, name, window) if isinstance(name, str) and name and window in WINDOWS else None


def state_charge(
    rule: str,
    order: str,
    identity: str,
    counter: Counter,
    most: int,
    on_deny: str | None,
    amount: Amount | None = None,
    cost: int = 1,
) -> Charge:
    """What a call books on a counter, aligned to the calendar and shared by everybody, as Intercept counts."""
    limit = Limit(most, counter.nanoseconds, Algorithm.CALENDAR)
    said = f"`{counter.path}` would exceed {most} in this {counter.window}"
    what = f"counts towards `{counter.path}`" if cost or amount else f"looks at `{counter.path}`"
    return Charge(
        rule=rule,
        key=f"{identity}|{counter.path}|",
        limit=limit,
        scope=SCOPES["global"],
        reason=on_deny or said,
        unit="" if amount else "calls",
        amount=amount,
        reserves=RuleOutcome(rule, "reserves", what),
        cost=cost,
        order=order,
    )
