"""What a piece of evidence weighs, and the worst of several meanings as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ostiary.risk.action import Action
from ostiary.risk.case import Sense
from ostiary.risk.risk import Evidence, RiskClass, Source

__all__ = [
    "ACTOR",
    "BOTH",
    "DOUBT",
    "GRAVE_DOUBT",
    "GUIDES",
    "HEAD",
    "LATER",
    "LOSS",
    "NAME",
    "NOUN",
    "STATEMENT",
    "passage",
    "worst",
]

NAME: Final = {1: 1.0, 2: 2.0, 3: 3.0}
HEAD: Final = {1: 1.1, 2: 2.1, 3: 3.0}
LATER: Final = {1: 0.5, 2: 1.0, 3: 1.5}
NOUN: Final = 1.6
GUIDES: Final = 4.2
STATEMENT: Final = 3.5
LOSS: Final = 1.2
BOTH: Final = 3.2
"""A first sentence that goes on from reading to more outweighs a name that reads."""
ACTOR: Final = 2.6
"""What is said to be an agent for something comes so near a name that reads that it wins."""
DOUBT: Final = 4.2
"""Outweighs reading unless name and description both say it plainly."""
GRAVE_DOUBT: Final = 5.2
"""Outweighs reading that both say plainly."""


def worst(
    meanings: Sequence[tuple[Action, Sense]], source: Source, weights: Mapping[int, float], text: str = ""
) -> Evidence:
    """The gravest of what a name or (with `text`) a description says, weighed by how plainly it says it."""
    if any(action.verb in ("add", "insert", "assign") for action, _ in meanings):
        meanings = [pair for pair in meanings if pair[0].verb != "remove"]
    action, meant = max(meanings, key=lambda pair: _gravity(pair[1]))
    where = "The name says" if source is Source.NAME else "The description says"
    why = f"{where} `{action.verb}`: {meant.why}."
    quote = passage(text, action.quote) if text else action.quote
    return Evidence(source, quote, why, meant.risk_class, weights[meant.strength])


def _gravity(meant: Sense) -> tuple[int, int]:
    """The rank of what is plain; what is weak stands between reading and all else."""
    plain = 2 * meant.risk_class.rank if meant.strength > 1 or meant.risk_class is RiskClass.READ else 1
    return plain, meant.strength


def passage(text: str, start: str) -> str:
    """The words of a description from where `start` (a word or two) stands in it, verbatim, up to 80 characters."""
    lower = text.lower()
    at = max(lower.find(start.lower()), 0) or max(lower.find(start.split(" ", 1)[0].lower()), 0)
    line = text[at : at + 80].split("\n", 1)[0]
    return line if len(text) <= at + len(line) or len(line) < 80 else line.rsplit(" ", 1)[0]
