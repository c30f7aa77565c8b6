"""The demo must not praise itself: whatever differs from the script is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from msgspec.structs import replace

from ostiary.demo.desk import Snapshot
from ostiary.demo.play import Answer, Observation, Play
from ostiary.demo.script import HIDDEN, STEPS, Step
from ostiary.demo.verdict import UNKNOWN, Recorded, judge, list_problems
from ostiary.model import Effect

Case: TypeAlias = "tuple[Observation, Recorded]"

EMPTY = Snapshot((), (), (), 0)
REFUND = replace(EMPTY, refunds=((1, 1001, 4900, "lost"),), statements=1)
SERVER_SAYS = Answer(f"Unknown tool: {UNKNOWN}", True, None)


def as_expected(step: Step) -> Case:
    """A call that went exactly as the script says."""
    is_allowed = step.effect is Effect.ALLOW
    answer = Answer(f"Policy violation: {step.says}", True, {"rule": step.rule})
    after = EMPTY
    if step.effect is Effect.REQUIRE_APPROVAL:
        answer = Answer(f"Waiting for approval ap_1; {step.says}", True, {"rule": step.rule, "approvalId": "ap_1"})
    elif is_allowed:
        answer = Answer(step.says, False, None)
        after = REFUND if step.changes else replace(EMPTY, statements=1)
    elif step.effect is Effect.HIDE:
        answer = Answer(f"Unknown tool: {step.tool}", True, None)
    outcome = "returned" if is_allowed else None
    recorded = Recorded(step.tool, step.effect, step.rule, step.would, outcome)
    command = None if step.word is None else "ostiary approvals refuse ap_1"
    return Observation(step, answer, EMPTY, after, command), recorded


def problems(case: Case) -> tuple[str, ...]:
    observation, recorded = case
    (verdict,) = judge(Play((), (observation,)), SERVER_SAYS, [recorded])
    return verdict.problems


def first(effect: Effect) -> Case:
    return as_expected(next(step for step in STEPS if step.effect is effect))


def held() -> Case:
    return first(Effect.REQUIRE_APPROVAL)


def spoken_of() -> Case:
    return as_expected(next(step for step in STEPS if step.word is not None))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.tool}: {step.story}")
def test_what_the_script_expects_is_no_problem(step: Step) -> None:
    assert problems(as_expected(step)) == ()


def observed(case: Case, **changes: object) -> Case:
    return replace(case[0], **changes), case[1]


def recorded(case: Case, **changes: object) -> Case:
    return case[0], replace(case[1], **changes)


def answered(case: Case, **changes: object) -> Case:
    return observed(case, answer=replace(case[0].answer, **changes))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda: observed(first(Effect.DENY), after=REFUND), id="a denied call reached the database"),
        pytest.param(lambda: observed(first(Effect.ALLOW), after=EMPTY), id="an allowed call did not"),
        pytest.param(lambda: observed(first(Effect.ALLOW), after=REFUND), id="a reading call wrote"),
        pytest.param(lambda: recorded(first(Effect.DENY), rule="/default"), id="another rule decided"),
        pytest.param(lambda: recorded(first(Effect.DENY), effect=Effect.ALLOW), id="the ledger says allowed"),
        pytest.param(lambda: recorded(first(Effect.DENY), outcome="returned"), id="the ledger says it was sent"),
        pytest.param(lambda: recorded(first(Effect.ALLOW), outcome=None), id="the ledger says it was not sent"),
        pytest.param(lambda: recorded(first(Effect.ALLOW), tool="other"), id="the ledger has another tool"),
        pytest.param(lambda: recorded(first(Effect.ALLOW), would=Effect.DENY), id="a shadow rule spoke up"),
        pytest.param(lambda: answered(first(Effect.DENY), decision=None), id="a refusal without a decision"),
        pytest.param(lambda: answered(first(Effect.DENY), decision={"rule": "/x"}), id="a refusal by another rule"),
        pytest.param(lambda: answered(first(Effect.ALLOW), is_error=True), id="an allowed call failed"),
        pytest.param(lambda: answered(first(Effect.ALLOW), text="else"), id="another answer"),
        pytest.param(lambda: answered(first(Effect.HIDE), text="Unknown tool: it"), id="a telling unknown-tool answer"),
        pytest.param(lambda: answered(held(), decision={"rule": held()[0].step.rule}), id="held for no approval"),
        pytest.param(lambda: answered(held(), text=held()[0].step.says), id="the agent cannot read which approval"),
        pytest.param(lambda: recorded(held(), effect=Effect.DENY), id="refused where a person was to be asked"),
        pytest.param(lambda: observed(held(), after=REFUND), id="a held call reached the database"),
        pytest.param(lambda: observed(spoken_of(), command=None), id="nobody said a word"),
        pytest.param(lambda: observed(first(Effect.DENY), command="ostiary"), id="somebody spoke unasked"),
        pytest.param(lambda: answered(first(Effect.HIDE), decision={"rule": "/hide/0"}), id="a hidden tool betrayed"),
    ],
)
def test_whatever_differs_is_a_problem(spoil: Callable[[], Case]) -> None:
    assert problems(spoil())


def test_the_list_must_lack_the_hidden_tools_and_no_other() -> None:
    everything = Play(("get_order", *HIDDEN), ())
    assert list_problems(Play(("get_order",), ()), everything) == []
    assert list_problems(everything, everything)
    assert list_problems(Play((), ()), everything)
