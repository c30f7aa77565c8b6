"""The policy we recommend: what to do about each tool, and the document a person would have written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ostiary.model import Tool
from ostiary.risk.risk import Operations, Risk, RiskClass, Severity
from ostiary.risk.rules import POISONING, Finding, tenor

__all__ = ["Recommendation", "is_exact", "policy_text", "recommend", "scalar"]


class Recommendation(msgspec.Struct, frozen=True):
    """`action` is the policy language's; `allowed` names values of the selecting argument that may pass without it."""

    action: str
    reason: str
    rate_limit: str | None = None
    selector: str | None = None
    allowed: tuple[str, ...] = ()


_FREE: Final = frozenset({"free-form:code", "free-form:command", "free-form:sql"})
_POISONED: Final = frozenset(rule.id for rule in POISONING)


def recommend(risk: Risk, findings: Sequence[Finding] = ()) -> Recommendation:
    """What to do about a tool of this risk, with the findings on it."""
    poisoned = [finding for finding in findings if finding.rule in _POISONED]
    if poisoned:
        worst = min(poisoned, key=lambda finding: (finding.rule == tenor.RULE.id, -finding.severity.rank))
        action = "require_approval" if worst.rule == tenor.RULE.id else "deny"
        return Recommendation(action, f"Its definition is not to be trusted: {_lower(worst.title)}")
    grave = risk.severity is Severity.CRITICAL
    match risk.risk_class:
        case RiskClass.READ if risk.severity is Severity.HIGH:
            return Recommendation("allow", "Reads what may be secret", "30/minute")
        case RiskClass.READ:
            return Recommendation("allow", "Only reads")
        case RiskClass.WRITE:
            return Recommendation("allow", "Changes something; a limit stops a runaway agent", "30/minute")
        case RiskClass.EXECUTE if grave or not _FREE.isdisjoint(risk.signals):
            return _split(risk, Recommendation("require_approval", "Can run anything it is given"))
        case RiskClass.EXECUTE:
            return Recommendation("allow", "Sets something going; a limit stops a runaway agent", "10/minute")
        case RiskClass.DESTRUCTIVE if grave and risk.operations is None:
            return Recommendation("hide", "Destroys what cannot be brought back")
        case RiskClass.DESTRUCTIVE:
            return _split(risk, Recommendation("require_approval", "Destroys something; a person should see it first"))
        case RiskClass.FINANCIAL:
            return _split(risk, Recommendation("require_approval", "Moves money or commits somebody to pay"))


def _split(risk: Risk, whole: Recommendation) -> Recommendation:
    """Where an argument selects what is done, what only reads may pass."""
    if risk.operations is None or not _IDENTIFIER.fullmatch(risk.operations.argument):
        return whole
    reads = tuple(sorted(_reading(risk.operations)))
    return msgspec.structs.replace(whole, selector=risk.operations.argument, allowed=reads) if reads else whole


def _reading(operations: Operations) -> Iterator[str]:
    return (value for value, risk_class in operations.values.items() if risk_class is RiskClass.READ)


_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_GROUPS: Final = (
    (RiskClass.READ, "What only reads"),
    (RiskClass.WRITE, "What changes something: a limit stops a runaway agent"),
    (RiskClass.EXECUTE, "What sets something going: limited, or held for a person"),
    (RiskClass.DESTRUCTIVE, "What destroys: held for a person"),
    (RiskClass.FINANCIAL, "What moves money: held for a person"),
)


def policy_text(server: str, tools: Sequence[Tool], risks: Sequence[Risk], advice: Sequence[Recommendation]) -> str:
    """The recommended policy as YAML, grouped and commented. A name that the policy language would read as a pattern is
    left to `default: deny`."""
    rows = [(tool.name, risk, one) for tool, risk, one in zip(tools, risks, advice, strict=True)]
    rows = list({name: (name, risk, one) for name, risk, one in rows if is_exact(name)}.values())
    hidden = sorted(name for name, _, one in rows if one.action == "hide")
    lines = ["version: 1"]
    if server:
        lines.append(f"name: {scalar(server[:100])}")
    lines += ["default: deny                     # a tool that appears later needs a decision first", ""]
    if hidden:
        lines += ["# What destroys beyond repair is not offered to agents at all.", "hide:"]
        lines += [f"  - {scalar(name)}" for name in hidden] + [""]
    shown = [row for row in rows if row[2].action != "hide"]
    lines.append("tools:" if shown else "tools: {}")
    for risk_class, title in _GROUPS:
        group = sorted((row for row in shown if row[1].risk_class is risk_class), key=lambda row: row[0])
        if group:
            lines.append(f"  # {title}")
            for name, _, one in group:
                lines += _block(name, one)
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _block(name: str, one: Recommendation) -> Iterator[str]:
    key = scalar(name)
    if one.action == "allow" and one.rate_limit is None:
        yield f"  {key}: {{}}"
        return
    if one.action == "allow":
        yield f"  {key}: {{rate_limit: {one.rate_limit}}}"
        return
    reason = scalar(f"{_spoken(name)}: {_lower(one.reason)}")
    if one.selector is not None:
        yield f"  {key}:"
        listed = json.dumps(list(one.allowed), ensure_ascii=False)
        yield f"    - when: {scalar(f'args.{one.selector} in {listed}')}"
        yield f"    - when: {scalar(f'!(args.{one.selector} in {listed})')}"
        yield f"      action: {one.action}"
        yield f"      reason: {reason}"
        return
    yield f"  {key}: {{action: {one.action}, reason: {reason}}}"


def _spoken(name: str) -> str:
    """A tool's name as words, for a reason that says which: whatever else is in it stays out."""
    return " ".join(re.findall(r"[A-Za-z0-9]+", name))[:60] or "This tool"


_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.;-]+)*")
_RESERVED: Final = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"])


def scalar(text: str) -> str:
    """The text as a scalar of YAML, plain where it can be."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    """A character in double quotes. JSON writes those beyond U+FFFF as two halves, which YAML refuses."""
    return f"\\U{ord(character):08x}" if character > "\uffff" else json.dumps(character)[1:-1]


_LONGEST_KEY: Final = 1000
_PREFIXES: Final = ("class:", "severity:", "annotation:")


def is_exact(name: str) -> bool:
    """Whether a selector of these characters means just this tool, and YAML takes it as a key."""
    return (
        bool(name)
        and len(scalar(name)) <= _LONGEST_KEY
        and not any(mark in name for mark in "*?")
        and not name.startswith(_PREFIXES)
        and "\x00" not in name
    )


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
