"""What a scan found, as documents: JSON for programs, SARIF for code scanning."""

from __future__ import annotations

from typing import Final

from ostiary import __version__
from ostiary.model import JSON
from ostiary.risk import RULES, Assessed, Assessment, Finding, Severity

__all__ = ["as_json", "as_sarif", "finding"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_SCORES: Final = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0"}


def as_json(found: Assessment, version: str, notes: tuple[str, ...]) -> dict[str, JSON]:
    """The document that `ostiary scan --format json` prints."""
    head: dict[str, JSON] = {"server": found.server}
    if version:
        head["version"] = version
    return {
        **head,
        "grade": found.grade.letter,
        "score": found.grade.score,
        "reasons": [{"points": reason.points, "why": reason.why} for reason in found.grade.reasons],
        "tools": [_tool(one) for one in found.tools],
        "findings": [finding(one) for one in found.findings],
        "notes": list(notes),
    }


def _tool(one: Assessed) -> dict[str, JSON]:
    told: dict[str, JSON] = {
        "name": one.tool.name,
        "class": one.risk.risk_class.value,
        "severity": one.risk.severity.value,
        "confidence": one.risk.confidence,
        "evidence": [
            {"source": piece.source.value, "quote": piece.quote, "why": piece.why, "weight": piece.weight}
            | ({"class": piece.speaks_for.value} if piece.speaks_for else {})
            for piece in one.risk.evidence
        ],
        "signals": list(one.risk.signals),
    }
    if one.risk.operations is not None:
        values = {value: risk_class.value for value, risk_class in one.risk.operations.values.items()}
        told["operations"] = {"argument": one.risk.operations.argument, "values": values}
    recommended: dict[str, JSON] = {"action": one.recommended.action}
    if one.recommended.rate_limit is not None:
        recommended["rate_limit"] = one.recommended.rate_limit
    annotations = {key: value for key, value in one.tool.annotations.items() if isinstance(value, bool | str | int)}
    return {
        **told,
        "annotations": annotations,
        "recommended": {**recommended, "reason": one.recommended.reason},
        "digest": one.digest,
    }


def finding(one: Finding) -> dict[str, JSON]:
    """One finding, as every report gives it."""
    return {
        "rule": one.rule,
        "title": one.title,
        "severity": one.severity.value,
        "tool": one.tool,
        "where": one.where,
        "quote": one.quote,
        "why": one.why,
        "owasp": list(one.owasp),
    }


def as_sarif(found: Assessment, artifact: str) -> dict[str, JSON]:
    """SARIF 2.1.0. `artifact` is the URI that results point at: the list's file, or the server."""
    rules: list[JSON] = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
            "properties": {
                "tags": ["security", *(f"OWASP {entry}" for entry in (*rule.llm, *rule.mcp))],
                "security-severity": _SCORES[rule.severity],
            },
        }
        for rule in RULES
    ]
    driver: dict[str, JSON] = {"name": "ostiary", "version": __version__, "rules": rules}
    results: list[JSON] = [_result(one, found.server, artifact) for one in found.findings]
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(one: Finding, server: str, artifact: str) -> dict[str, JSON]:
    numbers = {rule.id: number for number, rule in enumerate(RULES)}
    place: dict[str, JSON] = {"artifactLocation": {"uri": artifact}, "region": {"startLine": 1}}
    name = f"{server}/{one.tool}{one.where}"
    return {
        "ruleId": one.rule,
        "ruleIndex": numbers[one.rule],
        "level": _LEVELS[one.severity],
        "message": {"text": f"{one.tool}: {one.why} At {one.where}: {one.quote}"},
        "locations": [
            {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": name, "kind": "member"}]}
        ],
        "partialFingerprints": {"toolAndRule/v1": f"{server}/{one.tool}/{one.rule}{one.where}"},
    }
