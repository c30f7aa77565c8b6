"""What to do about a tool: allow, limit, hold for a person, hide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ostiary.model import Tool
from ostiary.risk.names import tokens
from ostiary.risk.nouns import singular, things
from ostiary.risk.risk import Operations, Risk, RiskClass, Severity
from ostiary.risk.rules import POISONING, Finding, tenor

__all__ = ["Recommendation", "lowered", "recommend"]


class Recommendation(msgspec.Struct, frozen=True):
    """`action` is the policy language's; `allowed` names values of the selecting argument that may pass without it."""

    action: str
    reason: str
    rate_limit: str | None = None
    selector: str | None = None
    allowed: tuple[str, ...] = ()


_POISONED: Final = frozenset(rule.id for rule in POISONING)
_RIGHTS: Final = things("permission role grant policy admin administrator iam acl privilege access collaborator")
_LIVE_DATA: Final = things("migration migrate restore failover cutover rollback promote")


def recommend(tool: Tool, risk: Risk, findings: Sequence[Finding] = ()) -> Recommendation:
    """What to do about a tool of this risk, with the findings on it."""
    poisoned = [finding for finding in findings if finding.rule in _POISONED]
    if poisoned:
        return _mistrust(poisoned)
    is_grave, is_high = risk.severity is Severity.CRITICAL, risk.severity.rank >= Severity.HIGH.rank
    words = _words(tool)
    match risk.risk_class:
        case RiskClass.READ if is_high:
            return Recommendation("allow", "Reads what may be secret", "30/minute")
        case RiskClass.READ:
            return Recommendation("allow", "Only reads")
        case RiskClass.WRITE | RiskClass.EXECUTE if is_high and (words & _RIGHTS or {"user", "group"} <= words):
            whole = Recommendation("require_approval", "Changes who may do what; a person should see it first")
            return msgspec.structs.replace(_split(risk, whole), rate_limit="30/minute")
        case RiskClass.WRITE:
            return Recommendation("allow", "Changes something; a limit stops a runaway agent", "30/minute")
        case RiskClass.EXECUTE if is_grave or risk.runs_what_it_is_given:
            return _split(risk, Recommendation("require_approval", "Can run anything it is given"))
        case RiskClass.EXECUTE if is_high and words & _LIVE_DATA:
            whole = Recommendation("require_approval", "Moves or replaces live data; a person should see it first")
            return msgspec.structs.replace(_split(risk, whole), rate_limit="10/minute")
        case RiskClass.EXECUTE:
            return Recommendation("allow", "Sets something going; a limit stops a runaway agent", "10/minute")
        case RiskClass.DESTRUCTIVE if is_grave and risk.operations is None:
            return Recommendation("hide", "Destroys what cannot be brought back")
        case RiskClass.DESTRUCTIVE:
            return _split(risk, Recommendation("require_approval", "Destroys something; a person should see it first"))
        case RiskClass.FINANCIAL:
            return _split(risk, Recommendation("require_approval", "Moves money or commits somebody to pay"))


def _mistrust(poisoned: Sequence[Finding]) -> Recommendation:
    """Text for the model is kept from the model; where only its tenor speaks against it, a person decides."""
    worst = min(poisoned, key=lambda finding: (finding.rule == tenor.RULE.id, -finding.severity.rank))
    action = "require_approval" if worst.rule == tenor.RULE.id else "hide"
    return Recommendation(action, f"Its definition is not to be trusted: {lowered(worst.title)}")


def _words(tool: Tool) -> frozenset[str]:
    return frozenset(form for word in tokens(tool.name) for form in (word, singular(word)))


def _split(risk: Risk, whole: Recommendation) -> Recommendation:
    """Where an argument selects what is done, what only reads may pass."""
    if risk.operations is None or not _IDENTIFIER.fullmatch(risk.operations.argument):
        return whole
    reads = tuple(sorted(_reading(risk.operations)))
    return msgspec.structs.replace(whole, selector=risk.operations.argument, allowed=reads) if reads else whole


def _reading(operations: Operations) -> Iterator[str]:
    return (value for value, risk_class in operations.values.items() if risk_class is RiskClass.READ)


_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")


def lowered(title: str) -> str:
    """A sentence as it stands behind a colon."""
    return title[:1].lower() + title[1:]
