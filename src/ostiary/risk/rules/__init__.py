"""What is wrong with definitions: one rule per kind, each with its id and the OWASP entries it belongs to."""

from __future__ import annotations

from typing import Final

from ostiary.risk.rules import (
    commands,
    consent,
    exfiltration,
    hidden,
    lookalikes,
    other_tools,
    override,
    secrecy,
    structure,
    tenor,
)
from ostiary.risk.rules.finding import Finding, Inspected, Rule
from ostiary.risk.rules.passages import passages, shown

__all__ = ["POISONING", "RULES", "Finding", "Inspected", "Rule", "inspect", "passages", "shown"]

POISONING: Final[tuple[Rule, ...]] = (
    override.RULE,
    secrecy.RULE,
    exfiltration.RULE,
    commands.RULE,
    other_tools.RULE,
    consent.RULE,
    hidden.RULE,
    lookalikes.LOOKALIKES,
    lookalikes.ENCODED,
    tenor.RULE,
)
"""Text in a definition that is meant for the model and not for its reader."""

RULES: Final[tuple[Rule, ...]] = (
    *POISONING,
    structure.FALSE_HINT,
    structure.SECRET,
    structure.REFERENCE,
    structure.ENDLESS,
    structure.NAME,
    structure.SHADOW,
)


def inspect(one: Inspected, rules: tuple[Rule, ...] = RULES) -> list[Finding]:
    """The findings of all rules on one tool; at most one per rule and string."""
    return [
        Finding(
            rule.id,
            rule.title,
            rule.severity,
            one.tool.name,
            hit.where,
            shown(hit.quote),
            hit.why,
            (*rule.llm, *rule.mcp),
        )
        for rule in rules
        for hit in rule.check(one)
    ]
