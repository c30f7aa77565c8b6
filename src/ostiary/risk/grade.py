"""A server's grade, A to F, from a published formula. docs/risk.md has it in words; the numbers are here alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from ostiary.model import Tool
from ostiary.risk.risk import Risk, RiskClass, Severity
from ostiary.risk.rules import Finding

__all__ = ["Grade", "Reason", "grade"]


class Reason(msgspec.Struct, frozen=True):
    """Points taken off, and what for."""

    points: int
    why: str


class Grade(msgspec.Struct, frozen=True):
    """`letter` is A to F; `score` counts down from 100. Reasons come heaviest first."""

    letter: str
    score: int
    reasons: tuple[Reason, ...]


_PER_FINDING: Final = {Severity.CRITICAL: 70, Severity.HIGH: 30, Severity.MEDIUM: 10, Severity.LOW: 3}
_LETTERS: Final = ((90, "A"), (75, "B"), (60, "C"), (40, "D"))
_GRAVE: Final = frozenset({RiskClass.EXECUTE, RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL})


def grade(tools: Sequence[Tool], risks: Sequence[Risk], findings: Sequence[Finding]) -> Grade:
    """The grade of a server with these tools; of no tools, A."""
    reasons = [*_by_findings(findings), *_by_exposure(risks), *_by_care(tools, risks)]
    reasons = sorted((reason for reason in reasons if reason.points), key=lambda reason: -reason.points)
    score = max(0, 100 - sum(reason.points for reason in reasons))
    letter = next((letter for least, letter in _LETTERS if score >= least), "F")
    return Grade(letter, score, tuple(reasons))


def _by_findings(findings: Sequence[Finding]) -> list[Reason]:
    """Each kind of finding counts once per tool, and a kind for at most three tools."""
    kinds: dict[str, set[str]] = {}
    by_rule = {finding.rule: finding for finding in findings}
    for finding in findings:
        kinds.setdefault(finding.rule, set()).add(finding.tool)
    return [
        Reason(
            _PER_FINDING[by_rule[rule].severity] * min(3, len(tools)),
            f"{by_rule[rule].title}: {_count(len(tools), 'tool')}",
        )
        for rule, tools in kinds.items()
    ]


def _by_exposure(risks: Sequence[Risk]) -> list[Reason]:
    critical = sum(risk.severity is Severity.CRITICAL for risk in risks)
    high = sum(risk.severity is Severity.HIGH and risk.risk_class in _GRAVE for risk in risks)
    private = sum(risk.severity is Severity.HIGH and risk.risk_class is RiskClass.READ for risk in risks)
    free = sum(risk.runs_what_it_is_given for risk in risks)
    return [
        Reason(min(25, 5 * critical), f"One wrong call of {_count(critical, 'tool')} is beyond repair"),
        Reason(min(15, 2 * high), f"{_count(high, 'tool')} can do what is hard to undo"),
        Reason(min(6, 3 * private), f"{_count(private, 'tool')} can read secrets"),
        Reason(10 if free else 0, f"{_count(free, 'tool')} can run whatever code, command or statement they are given"),
    ]


def _by_care(tools: Sequence[Tool], risks: Sequence[Risk]) -> list[Reason]:
    silent = sum(not tool.description.strip() for tool in tools)
    unmarked = sum(
        "destructiveHint" not in tool.annotations and risk.risk_class in _GRAVE
        for tool, risk in zip(tools, risks, strict=True)
    )
    return [
        Reason(min(10, silent), f"{_count(silent, 'tool')} without a description"),
        Reason(
            min(5, unmarked), f"{_count(unmarked, 'tool')} that can do harm without a `destructiveHint` that says so"
        ),
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
