"""A net under the other rules: sentences whose words stand in orders to a model far more than in honest definitions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Hit, Inspected, Rule
from ostiary.risk.rules.weights import WEIGHTS

__all__ = ["RULE", "THRESHOLD", "spoken", "tenor"]

THRESHOLD: Final = 1.5
_FEWEST: Final = 5
_WORD: Final = re.compile(r"[a-zà-ÿ']+")
_KNOWN: Final[Mapping[str, float]] = {words: weight for weight, row in WEIGHTS.items() for words in row.split(", ")}


def spoken(sentence: str) -> frozenset[str]:
    """The words and pairs of words of a sentence."""
    words = _WORD.findall(sentence)
    return frozenset([*words, *(f"{one} {other}" for one, other in pairwise(words))])


def tenor(words: frozenset[str], weights: Mapping[str, float] = _KNOWN) -> float:
    """The sum of the weights, over the root of how many there are: long sentences are not worse for being long."""
    if len(words) < _FEWEST:
        return 0.0
    return sum(weights.get(one, 0.0) for one in words) / math.sqrt(len(words))


def _check(one: Inspected) -> Iterator[Hit]:
    for passage in one.passages:
        worst = max(((tenor(spoken(said)), said) for said in passage.said()), default=(0.0, ""))
        if worst[0] > THRESHOLD:
            words = sorted(spoken(worst[1]) & _KNOWN.keys(), key=lambda word: -_KNOWN[word])
            why = f"Honest definitions hardly ever speak like this: `{'`, `'.join(words[:3])}`."
            yield Hit(passage.pointer, worst[1], why)


RULE: Final = Rule(
    "speaks-like-orders",
    "Speaks like orders to the model",
    Severity.HIGH,
    ("LLM01:2025",),
    ("MCP03:2025",),
    _check,
)
