"""One line of the tables that turn a verb and its object into a class."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ostiary.risk.action import Action
from ostiary.risk.nouns import Trade, things
from ostiary.risk.risk import RiskClass

__all__ = ["Case", "Sense", "case", "first"]


class Sense(msgspec.Struct, frozen=True):
    """What an action does: its class, how plainly (1 weak, 2 fair, 3 plain), and why, as a clause."""

    risk_class: RiskClass
    strength: int
    why: str


class Case(msgspec.Struct, frozen=True):
    """Applies where the verb, an object, the server's trade and a phrase after the verb are among those named; an
    empty set asks for nothing. `unless` names objects that must not be there, `source` what it is done away from."""

    sense: Sense
    verbs: frozenset[str]
    objects: frozenset[str]
    unless: frozenset[str]
    trades: frozenset[Trade]
    said: tuple[str, ...]
    to: tuple[str, ...]
    source: frozenset[str]

    def applies(self, action: Action, trades: frozenset[Trade]) -> bool:
        return (
            (not self.verbs or action.verb in self.verbs)
            and (not self.objects or not self.objects.isdisjoint(action.objects))
            and (not self.trades or not self.trades.isdisjoint(trades))
            and self.unless.isdisjoint(action.objects)
            and (not self.said or any(phrase in action.qualified for phrase in self.said))
            and (not self.source or not self.source.isdisjoint(action.source))
            and (not self.to or any(phrase in action.purpose for phrase in self.to))
        )


def case(
    sense: tuple[RiskClass, int, str],
    *,
    verbs: str = "",
    objects: frozenset[str] | str = "",
    unless: frozenset[str] | str = "",
    trades: Sequence[Trade] = (),
    said: tuple[str, ...] = (),
    to: tuple[str, ...] = (),
    source: str = "",
) -> Case:
    return Case(Sense(*sense), things(verbs), _set(objects), _set(unless), frozenset(trades), said, to, things(source))


def first(cases: Sequence[Case], action: Action, trades: frozenset[Trade]) -> Sense | None:
    """The sense of the first case that applies; None where none does."""
    for one in cases:
        if one.applies(action, trades):
            return one.sense
    return None


def _set(words: frozenset[str] | str) -> frozenset[str]:
    return things(words) if isinstance(words, str) else words
