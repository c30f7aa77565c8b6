"""Decision cases in JSON: a policy, perhaps a tool list, and calls decided in order with shared counters.

`expect.errors` lists the ids of the rules that could not be evaluated; what a case does not mention is not compared.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ostiary.model import Call, Decision, Exceeded
from ostiary.policy import decide, load, refuse_exceeded
from ostiary.policy.rehearsal import read_calls
from ostiary.policy.toollist import read_tools
from ostiary.stores.memory import MemoryCounters

CASES = sorted((Path(__file__).parent.parent / "corpus" / "decisions").glob("*.json"))
NINE = 1_795_165_200 * 10**9
EXACT = msgspec.json.Encoder(decimal_format="number")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_is_decided_as_the_case_says(path: Path) -> None:
    case = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    policy = load(EXACT.encode(case["policy"]), "policy.json")
    tools = read_tools(EXACT.encode(case.get("tools", [])), "tools.json")
    calls = read_calls(
        EXACT.encode([step["call"] for step in case["calls"]]), "calls.json", tools, "local:somebody", NINE
    )
    counters = MemoryCounters()
    for step, call in zip(case["calls"], calls, strict=True):
        decision = decide(policy, call)
        if decision.obligations.reserve:
            answer = counters.reserve_now(decision.obligations.reserve, call.at)
            decision = refuse_exceeded(decision, answer) if isinstance(answer, Exceeded) else decision
        assert told(decision, step["expect"]) == step["expect"], f"{call.tool.name} {shown(call)}"


def shown(call: Call) -> str:
    return EXACT.encode(call.arguments).decode()[:200]


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
