"""The recommended policy as a document that a person would have written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from ostiary.model import Tool
from ostiary.risk.recommend import Recommendation, lowered
from ostiary.risk.risk import Risk, RiskClass

__all__ = ["is_exact", "policy_text", "scalar"]

_GROUPS: Final = (
    (RiskClass.READ, "What only reads"),
    (
        RiskClass.WRITE,
        "What changes something: limited; held for a person where it changes who may do what",
    ),
    (RiskClass.EXECUTE, "What sets something going: limited, or held for a person"),
    (RiskClass.DESTRUCTIVE, "What destroys: held for a person"),
    (RiskClass.FINANCIAL, "What moves money: held for a person"),
)


def policy_text(server: str, tools: Sequence[Tool], risks: Sequence[Risk], advice: Sequence[Recommendation]) -> str:
    """The recommended policy as YAML, grouped and commented. A name that the policy language would read as a pattern is
    left to `default: deny`."""
    rows = [(tool.name, risk, one) for tool, risk, one in zip(tools, risks, advice, strict=True)]
    rows = list({name: (name, risk, one) for name, risk, one in rows if is_exact(name)}.values())
    hidden = sorted((row for row in rows if row[2].action == "hide"), key=lambda row: row[0])
    lines = ["version: 1"]
    if server:
        lines.append(f"name: {scalar(server[:100])}")
    lines += ["default: deny                     # a tool that appears later needs a decision first", ""]
    if hidden:
        lines += ["# Not offered to agents at all.", "hide:"]
        lines += [f"  - {scalar(name)}   # {lowered(one.reason)}" for name, _, one in hidden] + [""]
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
    reason = scalar(f"{_spoken(name)}: {lowered(one.reason)}")
    if one.selector is not None:
        yield f"  {key}:"
        listed = json.dumps(list(one.allowed), ensure_ascii=False)
        yield f"    - when: {scalar(f'args.{one.selector} in {listed}')}"
        yield f"    - when: {scalar(f'!(args.{one.selector} in {listed})')}"
        yield f"      action: {one.action}"
        yield f"      reason: {reason}"
        return
    limit = f", rate_limit: {one.rate_limit}" if one.rate_limit else ""
    yield f"  {key}: {{action: {one.action}, reason: {reason}{limit}}}"


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
