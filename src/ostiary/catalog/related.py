"""Which other tools of a server a reader of one wants to see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from ostiary.risk import Assessed
from ostiary.risk.names import tokens
from ostiary.risk.verbs import VERBS

__all__ = ["related"]

_MOST: Final = 6
_NOUN: Final = 3
_VERB: Final = 1
"""That two tools both `get` says little; that they get a group says more."""
_COMMON: Final = 60
"""A word that more tools have says nothing about which of them belong together."""


def related(tools: Sequence[Assessed]) -> list[list[int]]:
    """For each tool the places of those that share most words with its name, nouns before verbs, then
    its class; six at most."""
    words = [set(tokens(one.tool.name)) for one in tools]
    holders: dict[str, list[int]] = {}
    for place, own in enumerate(words):
        for word in own:
            holders.setdefault(word, []).append(place)
    rare = {word: places for word, places in holders.items() if len(places) <= _COMMON}
    return [_nearest(place, words[place], rare, tools) for place in range(len(tools))]


def _nearest(place: int, own: set[str], holders: dict[str, list[int]], tools: Sequence[Assessed]) -> list[int]:
    score: Counter[int] = Counter()
    for word in own:
        for other in holders.get(word, ()):
            score[other] += _VERB if word in VERBS else _NOUN
    del score[place]
    for other in score:
        score[other] += tools[other].risk.risk_class is tools[place].risk.risk_class
    near = [other for other in score if score[other] >= _NOUN]
    return sorted(near, key=lambda other: (-score[other], -tools[other].risk.risk_class.rank, other))[:_MOST]
