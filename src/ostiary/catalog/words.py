"""What classes, severities, grades, signals and advice are called where people read them."""

from __future__ import annotations

import re
from typing import Final

from ostiary.catalog.about import Standing
from ostiary.risk import RiskClass, Severity
from ostiary.risk.rules import shown

__all__ = ["ADVICE", "CLASSES", "GRADES", "SEVERITIES", "SIGNALS", "STANDINGS", "first_sentence", "plural"]

CLASSES: Final = {
    RiskClass.FINANCIAL: ("moves money", "moves money, or commits somebody to pay or be paid"),
    RiskClass.DESTRUCTIVE: ("destroys", "destroys what the same interface cannot bring back"),
    RiskClass.EXECUTE: ("sets something going", "runs something, or starts, stops or steers what runs"),
    RiskClass.WRITE: ("changes something", "creates or changes data, settings or rights, or sends a message"),
    RiskClass.READ: ("only reads", "only gets information back"),
}
"""Worst first: two words, and half a sentence."""

SEVERITIES: Final = {
    Severity.CRITICAL: "One wrong call cannot be made good: something is lost for good, money leaves, or control does.",
    Severity.HIGH: "One wrong call is hard to undo, reaches others or production, or reads secrets.",
    Severity.MEDIUM: "One wrong call is easily undone, or reads what is private.",
    Severity.LOW: "One wrong call loses nothing, and nothing leaves.",
}

GRADES: Final = {
    "A": "little to guard",
    "B": "something to guard",
    "C": "much to guard",
    "D": "very much to guard",
    "F": "not without a policy, and not without a look at its findings",
}

ADVICE: Final = {"allow": "allow", "deny": "deny", "hide": "hide", "require_approval": "hold for a person"}

SIGNALS: Final = {
    "free-form:code": "takes code",
    "free-form:command": "takes a command",
    "free-form:sql": "takes a statement",
    "free-form:query": "takes a query",
    "free-form:path": "takes a path",
    "free-form:url": "takes an address",
    "credential": "takes a secret",
    "amount": "takes an amount",
    "bulk": "takes many at once",
    "force": "can be forced",
    "confirm": "asks the model to confirm",
    "dry-run": "can be tried without effect",
}

STANDINGS: Final = {
    Standing.OFFICIAL: "published by a vendor under its own name",
    Standing.REFERENCE: "a reference server of the protocol's project",
    Standing.COMMUNITY: "published by somebody else",
    Standing.ARCHIVED: "archived: nobody maintains it",
    Standing.UNKNOWN: "",
}


def plural(number: int, noun: str) -> str:
    """`1 tool`, `2 tools`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


_SENTENCE: Final = re.compile(r"(?s)(.+?[.!?])(?:\s|$)")


def first_sentence(description: str, longest: int = 200) -> str:
    """The first sentence of a description, on one line and printable; empty where it says nothing."""
    text = " ".join(description.split("\n\n", 1)[0].split()) or " ".join(description.split())
    match = _SENTENCE.match(text)
    return shown(match[1] if match else text, longest)
