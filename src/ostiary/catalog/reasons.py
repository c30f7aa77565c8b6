"""Why a tool needs a policy: by its class, and by what its own definition says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ostiary.catalog.parameters import Parameter
from ostiary.catalog.words import SIGNALS
from ostiary.risk import Assessed, RiskClass, Severity, Source
from ostiary.risk.rules import shown

__all__ = ["reasons"]

_BY_CLASS: Final = {
    RiskClass.READ: (
        "A tool that reads changes nothing, and is still half of every leak: what it returns stands in the model's "
        "context, and can leave by any other tool. Allow it, and know what it can see."
    ),
    RiskClass.WRITE: (
        "A tool that writes can be called with arguments that nobody wanted, and as often as a loop likes. What it "
        "changes can be changed back, if somebody notices. A limit buys the time to notice."
    ),
    RiskClass.EXECUTE: (
        "A tool that sets something going has effects that its name does not tell: they depend on its arguments, and "
        "on what runs then. Taking a call back does not take back what ran."
    ),
    RiskClass.DESTRUCTIVE: (
        "A tool that destroys needs to be called wrongly only once. No limit helps against the first call; a person, "
        "or its absence from the list, does."
    ),
    RiskClass.FINANCIAL: (
        "A tool that moves money commits somebody with every call, the repeated ones included. Amounts, accounts and "
        "totals belong in a rule, and the decision with a person."
    ),
}
_GRAVE: Final = {
    Severity.CRITICAL: "It is critical: one wrong call cannot be made good.",
    Severity.HIGH: (
        "Its severity is high: one wrong call is hard to undo, reaches others or production, or reads secrets."
    ),
    Severity.MEDIUM: "Its severity is medium: one wrong call is easily undone, or reads what is private.",
    Severity.LOW: "Its severity is low: one wrong call loses nothing.",
}


def reasons(one: Assessed, fields: Sequence[Parameter]) -> tuple[str, ...]:
    """Paragraphs: what the class means, then what this tool's definition adds to it. Plain text, printable."""
    return (_BY_CLASS[one.risk.risk_class], " ".join(_own(one, fields)))


def _own(one: Assessed, fields: Sequence[Parameter]) -> Iterator[str]:
    yield _GRAVE[one.risk.severity]
    telling = [piece for piece in one.risk.evidence if piece.speaks_for is one.risk.risk_class]
    described = next((piece for piece in telling if piece.source is Source.DESCRIPTION), None)
    if described is not None:
        yield f"In the server's own words: “{_ended(shown(described.quote, 160))}”"
    elif telling:
        yield telling[0].why
    if one.risk.operations is not None:
        yield f"What it does is chosen by `{one.risk.operations.argument}`, and the worst of its values counts."
    yield from _arguments(one, fields)
    yield from _hints(one)


def _ended(text: str) -> str:
    return text if text.endswith((".", "…", "!", "?")) else f"{text} …"


def _arguments(one: Assessed, fields: Sequence[Parameter]) -> Iterator[str]:
    said = [SIGNALS[signal] for signal in one.risk.signals if signal in SIGNALS]
    if said:
        yield f"It {_listed(said)}."
    nested = next((field for field in fields if "." in field.path), None)
    if nested is not None:
        yield f"Its arguments lie inside an object, so a rule names them as `{nested.condition or nested.path}`."


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _hints(one: Assessed) -> Iterator[str]:
    """What the server says of it for clients, and what a client makes of that."""
    declared = one.tool.annotations
    if one.risk.risk_class is not RiskClass.READ and not {"destructiveHint", "readOnlyHint"} & declared.keys():
        yield "The server declares no hint about it, so a client has nothing to warn by."
    elif declared.get("readOnlyHint") is True and one.risk.risk_class is RiskClass.READ:
        yield "The server declares it read-only, which agrees with its definition; nothing enforces it."
    elif declared.get("readOnlyHint") is True:
        yield "The server declares it read-only. Its definition says otherwise."
    elif declared.get("destructiveHint") is True:
        yield "The server itself declares it destructive."
