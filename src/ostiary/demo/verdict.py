"""Was it as the script expects? Each call is judged by three witnesses: the answer, the ledger, the database file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from ostiary.demo.play import Answer, Observation, Play
from ostiary.demo.script import HIDDEN, Step
from ostiary.model import Effect

UNKNOWN = "no_such_tool"
"""A tool that neither the server nor the policy knows; what the server says to it is the model of a hidden one."""


class Recorded(msgspec.Struct, frozen=True):
    """What the ledger says of one call; `outcome` is None where it was never sent."""

    tool: str
    effect: Effect
    rule: str
    would: Effect | None
    outcome: str | None


class Answered(Protocol):
    """A call that was made."""

    @property
    def answer(self) -> Answer: ...


Seen = TypeVar("Seen", bound=Answered)


class Verdict(msgspec.Struct, Generic[Seen], frozen=True):
    """One call with everything known of it; `problems` is empty where all is as expected, else one line each."""

    observation: Seen
    recorded: Recorded
    problems: tuple[str, ...]

    @property
    def word(self) -> str:
        """What the gate did, in one word."""
        match self.recorded.effect:
            case Effect.ALLOW:
                return "allowed"
            case Effect.HIDE:
                return "hidden"
            case Effect.REQUIRE_APPROVAL:
                return "held"
            case Effect.DENY:
                said = self.observation.answer.decision or {}
                return "denied" if said.get("retryAfterMs") is None else "limited"


def judge(gated: Play, unknown: Answer, records: Sequence[Recorded]) -> tuple[Verdict[Observation], ...]:
    """Every call of the gated run beside its record. `unknown` is the bare server's answer to `UNKNOWN`."""
    return tuple(
        Verdict(observation, recorded, tuple(_problems(observation, recorded, unknown)))
        for observation, recorded in zip(gated.observations, records, strict=True)
    )


def _problems(observation: Observation, recorded: Recorded, unknown: Answer) -> list[str]:
    step = observation.step
    expected = [
        (
            (observation.statements > 0) is (step.effect is Effect.ALLOW),
            f"{observation.statements} statements reached the database",
        ),
        (observation.has_changed_rows is step.changes, f"rows changed: {observation.has_changed_rows}"),
    ]
    return [
        *account_problems(step, observation.answer, observation.command, recorded, unknown),
        *(problem for holds, problem in expected if not holds),
    ]


def account_problems(step: Step, answer: Answer, command: str | None, recorded: Recorded, unknown: Answer) -> list[str]:
    """What is not as the step expects of a call's answer and its record; `command` is what a person typed before it,
    `unknown` is what the server behind the gate says to a call of `UNKNOWN`."""
    is_allowed = step.effect is Effect.ALLOW
    expected = [
        (recorded.tool == step.tool, f"the ledger has a call of {recorded.tool} here"),
        (recorded.effect is step.effect, f"expected {step.effect}, the ledger says {recorded.effect}"),
        (recorded.rule == step.rule, f"expected rule {step.rule}, the ledger says {recorded.rule}"),
        (recorded.would is step.would, f"expected shadow {step.would}, the ledger says {recorded.would}"),
        (step.says in answer.text, f"expected to read `{step.says}`"),
        (answer.is_error is not is_allowed, "expected a result" if is_allowed else "expected a refusal"),
        ((recorded.outcome is not None) is is_allowed, f"the ledger says it was sent: {recorded.outcome}"),
        ((command is not None) is (step.word is not None), f"a person typed: {command}"),
        (
            (answer.approval is not None) is (step.effect is Effect.REQUIRE_APPROVAL),
            f"the answer names approval {answer.approval}",
        ),
        (_is_true(step, answer, unknown), f"the answer's own account is wrong: {answer.decision}"),
    ]
    return [problem for holds, problem in expected if not holds]


def _is_true(step: Step, answer: Answer, unknown: Answer) -> bool:
    """Whether the answer says of itself what it must: a refusal its rule, a held call its approval, a hidden
    tool nothing that tells it apart."""
    if step.effect is Effect.ALLOW:
        return answer.decision is None
    if step.effect is Effect.HIDE:
        return answer == msgspec.structs.replace(unknown, text=unknown.text.replace(UNKNOWN, step.tool))
    if answer.approval is not None and answer.approval not in answer.text:
        return False
    return answer.decision is not None and answer.decision.get("rule") == step.rule


def list_problems(gated: Play, bare: Play) -> list[str]:
    """Whether exactly the tools that the policy hides are missing from the agent's list."""
    missing = set(bare.tools) - set(gated.tools)
    return [] if missing == HIDDEN else [f"expected {sorted(HIDDEN)} to be hidden, missing are {sorted(missing)}"]
