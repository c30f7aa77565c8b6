"""How long deciding and loading take: `python bench/decisions.py`, and a part of `./dev bench`.

Every figure stands beside the yardstick of the same moment, `json.loads` of 110 bytes, since machines differ.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import pairwise

import msgspec

from ostiary.model import Call, Client, JSONObject, Principal, Session, Tool
from ostiary.policy import Policy, check, decide, load
from ostiary.policy.facts import Facts

MESSAGE = json.dumps(
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "pay", "arguments": {"a": 1}}}
)
STRUCTURED = """version: 1
tools:
  pay:
    require:
      - {path: args.amount, op: lte, value: 500}
      - {path: args.amount, op: gt, value: 0}
      - {path: args.currency, op: in, value: [usd, eur]}
      - {path: args.to.name, op: exists, value: true}
      - {path: args.note, op: starts_with, value: order}
      - {path: args.note, op: contains, value: "12"}
    deny_if:
      - {path: args.test, op: eq, value: true}
      - {path: args.currency, op: eq, value: gbp}
      - {path: args.to.name, op: eq, value: root}
      - {path: args.count, op: gt, value: 10}
"""
CEL = "version: 1\ntools: {pay: {require: ['args.count <= 10 && args.currency == \"usd\"']}}\n"
LITTLE = "version: 1\ntools: {pay: {require: [{path: args.count, op: lte, value: 10}]}}\n"
BLOCKS = 1_000


class Figures(msgspec.Struct, frozen=True):
    """Microseconds, but for `load_1000_ms`."""

    json_loads: float
    ten_rules: float
    cel_condition: float
    cel_decision: float
    one_rule: float
    one_rule_among_1000: float
    load_1000_ms: float


def large() -> str:
    """A policy of a thousand blocks, each with conditions and a limit."""
    conditions = "{path: args.amount, op: lte, value: 500}, {path: args.name, op: regex, value: ^a}"
    rule = f"{{require: [{conditions}], rate_limit: 5/minute}}"
    others = "".join(f"  tool_{number}: {rule}\n" for number in range(BLOCKS - 1))
    return f"version: 1\ntools:\n{others}  pay: {{require: [{{path: args.count, op: lte, value: 10}}]}}\n"


def micros(work: Callable[[], object], rounds: int = 15, times: int = 2_000) -> float:
    """The best of several rounds: whatever else the machine does only adds to it."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - began) / times * 1e6)
    return round(min(found), 2)


def deciding(text: str) -> Callable[[], object]:
    policy: Policy = load(text, "bench.yaml")
    arguments: JSONObject = {"amount": 5, "currency": "usd", "to": {"name": "ann"}, "note": "order 123", "count": 1}
    plain: JSONObject = {"currency": "usd", "count": 1}
    call = Call(
        Tool("pay", "shop"),
        arguments if "amount" in text else plain,
        Principal("grant:a", "a"),
        Client(),
        Session("grant:a"),
        10**18,
    )
    assert decide(policy, call).is_allowed
    return lambda: decide(policy, call)


def one_condition() -> Callable[[], object]:
    """A CEL condition by itself: the call shown to CEL, and the condition evaluated."""
    policy = load(CEL, "bench.yaml")
    (check_of_one,) = policy.tools.blocks[0].checks
    arguments: JSONObject = {"currency": "usd", "count": 1}
    call = Call(Tool("pay", "shop"), arguments, Principal("grant:a", "a"), Client(), Session("grant:a"), 10**18)
    return lambda: check_of_one.passes(Facts(call, policy.expressions))


def measure() -> Figures:
    text = large()
    loads = [time.perf_counter()]
    for _ in range(3):
        check(load(text, "large.yaml"))
        loads.append(time.perf_counter())
    return Figures(
        json_loads=micros(lambda: json.loads(MESSAGE)),
        ten_rules=micros(deciding(STRUCTURED)),
        cel_condition=micros(one_condition()),
        cel_decision=micros(deciding(CEL)),
        one_rule=micros(deciding(LITTLE)),
        one_rule_among_1000=micros(deciding(text)),
        load_1000_ms=round(min(after - before for before, after in pairwise(loads)) * 1e3, 1),
    )


def show(figures: Figures) -> None:
    rows = (
        ("json.loads of 110 bytes, the yardstick", f"{figures.json_loads} µs"),
        ("a decision with ten structured rules", f"{figures.ten_rules} µs"),
        ("a CEL condition", f"{figures.cel_condition} µs"),
        ("a decision with a CEL condition", f"{figures.cel_decision} µs"),
        ("a decision with one rule", f"{figures.one_rule} µs"),
        ("  among 1,000 blocks for other tools", f"{figures.one_rule_among_1000} µs"),
        ("loading and checking 1,000 blocks", f"{figures.load_1000_ms} ms"),
    )
    print("\nPolicy, in this process")
    for what, figure in rows:
        print(f"  {what:<42}{figure:>12}")


if __name__ == "__main__":
    show(measure())
