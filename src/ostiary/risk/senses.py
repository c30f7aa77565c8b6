"""From a verb and its object to a class: what `remove` does to a label is not what it does to a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ostiary.risk import acting, changing, losing, money, reading
from ostiary.risk.action import Action
from ostiary.risk.case import Case, Sense, first
from ostiary.risk.families import Family
from ostiary.risk.nouns import Trade
from ostiary.risk.risk import RiskClass
from ostiary.risk.verbs import VERBS

__all__ = ["sense"]

_CASES: Final[Mapping[Family, tuple[Case, ...]]] = {
    **reading.CASES,
    **changing.CASES,
    **losing.CASES,
    **acting.CASES,
}
_UNFORESEEN: Final = Sense(RiskClass.WRITE, 1, "it changes something")


def sense(action: Action, trades: frozenset[Trade]) -> Sense:
    """The class of an action on a server of these trades."""
    family = VERBS[action.verb]
    if family in money.SPENDING:
        spent = first(money.CASES, action, trades)
        if spent is not None:
            return spent
    return first(_CASES[family], action, trades) or _UNFORESEEN
