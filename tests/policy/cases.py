"""Decision cases: a policy, perhaps a tool list, and calls decided in order with shared counters.

`expect.errors` lists the ids of the rules that could not be evaluated; what a case does not mention is not compared.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from ostiary.cli.rehearsal import Rehearsal
from ostiary.model import Call, Decision
from ostiary.policy import load
from ostiary.policy.calls import read_calls
from ostiary.policy.toollist import read_tools

CORPUS = Path(__file__).parent.parent / "corpus"
NINE = 1_795_165_200 * 10**9
EXACT = msgspec.json.Encoder(decimal_format="number")


def read_case(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"), parse_float=Decimal)


def calls_of(case: Any) -> list[Call]:
    tools = read_tools(EXACT.encode(case.get("tools", [])), "tools.json")
    return read_calls(EXACT.encode([step["call"] for step in case["calls"]]), "calls.json", tools, "local:me", NINE)


def decided(document: Any, calls: list[Call]) -> list[Decision]:
    rehearsal = Rehearsal(load(EXACT.encode(document), "policy.json"))
    return [rehearsal.decide(call) for call in calls]


def told(decision: Decision, expected: dict[str, Any]) -> dict[str, Any]:
    """The parts of a decision that a case speaks of."""
    everything = {
        "decision": decision.effect.value,
        "rule": decision.rule,
        "reason": decision.reason,
        "errors": [error.partition(": ")[0] for error in decision.errors],
        "retryAfterMs": decision.retry_after_ms,
        "would": decision.would.value if decision.would else None,
    }
    return {key: everything[key] for key in expected}
