"""A tool's class, severity and the evidence for them, from its definition alone. Deterministic, and no model asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from ostiary.model import Tool
from ostiary.risk import clues, guard
from ostiary.risk.context import Context, context, surroundings
from ostiary.risk.families import Family
from ostiary.risk.naming import titled
from ostiary.risk.operations import operations, spoken_operations
from ostiary.risk.risk import Evidence, Risk, RiskClass, Source
from ostiary.risk.schema import arguments, signals
from ostiary.risk.severity import severity
from ostiary.risk.verbs import VERBS
from ostiary.risk.weighing import NAME

__all__ = ["classify", "classify_all"]

_LEAD: Final = 0.95
_SLIGHT: Final = 1.4
_LOST: Final = (RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL)
_DANGEROUS: Final = (RiskClass.EXECUTE, *_LOST)
_UNKNOWN: Final = "Nothing in the definition says what it does; a tool is not taken to be harmless for want of words."


def classify(tool: Tool, siblings: Sequence[Tool] = ()) -> Risk:
    """The risk of one tool; `siblings` are the other tools of its server (itself may be among them).

    Each piece of evidence adds its weight to a class, and the class with the greatest sum is the tool's; of equal
    sums the worse. Reading takes positive evidence. See docs/risk.md for the weights.
    """
    return _classify(tool, context(tool, surroundings(tool.server, siblings or (tool,))))


def classify_all(tools: Sequence[Tool]) -> list[Risk]:
    """The risks of all tools of one server, in their order."""
    around = surroundings(tools[0].server, tools) if tools else None
    return [_classify(tool, context(tool, around)) for tool in tools if around is not None]


def _classify(tool: Tool, known: Context) -> Risk:
    found = arguments(tool.input_schema)
    said = signals(found)
    evidence = titled(tool, known)
    destroys = any(one.speaks_for in _LOST or _runs(one) for one in evidence)
    looks = any(one.speaks_for is RiskClass.READ and one.weight >= NAME[3] for one in evidence)
    evidence += clues.described(tool, known, destroys=destroys)
    chosen = operations(found, tool, known, looks=looks)
    evidence += [told for _, told in chosen] or spoken_operations(found, tool, known)
    evidence += clues.spoken_of(said, tool)
    if not any(one.weight for one in evidence):
        evidence.append(Evidence(Source.NAME, tool.name, _UNKNOWN, RiskClass.WRITE, 0.5))
    scores = _scores(evidence)
    risk_class = _winner(scores)
    if risk_class is RiskClass.READ and (doubts := guard.doubts(tool, known, evidence, found)):
        evidence += doubts
        scores = _scores(evidence)
        risk_class = _winner(scores)
    hints = tuple(clues.annotated(tool))
    grade = severity(risk_class, tool, said, known)
    if hints and risk_class is RiskClass.READ:
        risk_class = RiskClass.WRITE
        grade = max(grade, severity(risk_class, tool, said, known), key=lambda one: one.rank)
    evidence += hints
    return Risk(
        risk_class,
        grade,
        _confidence(scores, risk_class),
        tuple(sorted(evidence, key=lambda one: -one.weight)),
        said,
        chosen[0][0] if chosen else None,
        {one.value: round(scores[one], 3) for one in RiskClass},
    )


def _runs(said: Evidence) -> bool:
    """Whether a name says plainly that something is run."""
    return said.speaks_for is RiskClass.EXECUTE and VERBS.get(said.quote.lower()) is Family.RUN and said.weight > 1


def _winner(scores: dict[RiskClass, float]) -> RiskClass:
    """The class of the greatest sum, of equal sums the worse; reading has to lead what is dangerous by `_LEAD`."""
    found = max(RiskClass, key=lambda one: (round(scores[one], 6), one.rank))
    if found is not RiskClass.READ:
        return found
    worst = max(_DANGEROUS, key=lambda one: (round(scores[one], 6), one.rank))
    return worst if scores[worst] > _SLIGHT and scores[found] - scores[worst] < _LEAD else found


def _scores(evidence: Sequence[Evidence]) -> dict[RiskClass, float]:
    scores = dict.fromkeys(RiskClass, 0.0)
    for one in evidence:
        if one.speaks_for is not None:
            scores[one.speaks_for] += one.weight
    return scores


def _confidence(scores: dict[RiskClass, float], risk_class: RiskClass) -> float:
    share = math.exp(scores[risk_class]) / sum(math.exp(value) for value in scores.values())
    return round(max(0.5, min(1.0, share)), 2)
