"""What speaks against calling a tool `read`: the mistake to avoid is a dangerous tool that seems to read.

Asked only where the sum of the evidence would be `read`. A doubt outweighs a name or a description that reads; only a
tool of which both plainly say that it reads stands against one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ostiary.model import Tool
from ostiary.risk.action import Action, things_of
from ostiary.risk.context import Context
from ostiary.risk.families import Family
from ostiary.risk.nouns import Trade, things
from ostiary.risk.prose import is_praise, sentences
from ostiary.risk.risk import Evidence, RiskClass, Source
from ostiary.risk.senses import sense
from ostiary.risk.verbs import FORMS, STRICT, VERBS
from ostiary.risk.weighing import DOUBT, HEAD, NAME, passage

__all__ = ["doubts"]

_READ, _WRITE, _EXECUTE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE


def doubts(tool: Tool, known: Context, evidence: Sequence[Evidence], said: Sequence[str]) -> list[Evidence]:
    """What makes a tool that seems to read one that does more; nothing where name and description agree on reading."""
    if sum(one.weight for one in evidence if one.speaks_for is _READ) >= NAME[3] + HEAD[2]:
        return []
    return [*_faint(tool, known, evidence), *_flagged(tool, said), *_confessed(tool, known)]


_DRIVEN: Final = frozenset({Trade.BROWSER, Trade.DEVICE})


def _faint(tool: Tool, known: Context, evidence: Sequence[Evidence]) -> Iterator[Evidence]:
    """A single weak sign of reading, where most tools act or where nothing else is said."""
    if sum(one.weight for one in evidence if one.speaks_for is _READ) > HEAD[1]:
        return
    if not _DRIVEN.isdisjoint(known.trades):
        why = "One weak sign of reading is none on a server that drives a browser or a device."
        yield Evidence(Source.NAME, tool.name, why, _EXECUTE, DOUBT)
    elif not tool.description.strip():
        why = "One weak sign of reading is none where no description says more."
        yield Evidence(Source.NAME, tool.name, why, _WRITE, DOUBT)


def _flagged(tool: Tool, said: Sequence[str]) -> Iterator[Evidence]:
    """What only looks needs no confirmation and no dry run."""
    if "confirm" in said or "dry-run" in said:
        why = "It can be confirmed or tried out first, as what only reads need not be."
        yield Evidence(Source.SCHEMA, "", why, _WRITE, DOUBT)


_EFFECTS: Final = frozenset(
    {
        Family.CONTROL,
        Family.ROLL,
        Family.RUN,
        Family.DRIVE,
        Family.DESTROY,
        Family.VOID,
        Family.END,
        Family.PAY,
        Family.TRADE,
        Family.MOVE,
    }
)
_VAGUE: Final = things("run execute perform conduct use call process handle act operate continue clean empty spend")
_BEFORE: Final = frozenset({"", ",", ";", "/", "and", "then", "also", "automatically", "it", "this", "tool", "will"})
_NOT_SO: Final = things(
    "not never no without cannot doesn't don't won't isn't if when unless until before after once instead rather than "
    "that which who where unlike use see like e.g example for can may such"
)
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'\u2019]*(?:-[A-Za-z]+)*|[,/;:()]")


def _confessed(tool: Tool, known: Context) -> Iterator[Evidence]:
    """The gravest effect that a sentence of the description admits to (`Automatically boots the simulator`)."""
    found = [one for part in sentences(tool.description) if not is_praise(part) for one in _effects(part, known)]
    if found:
        action, risk_class, why = max(found, key=lambda one: one[1].rank)
        quote = passage(tool.description, action.quote)
        yield Evidence(Source.DESCRIPTION, quote, f"The description admits `{action.verb}`: {why}.", risk_class, DOUBT)


def _effects(sentence: str, known: Context) -> Iterator[tuple[Action, RiskClass, str]]:
    words = _WORD.findall(sentence)
    lower = [word.lower() for word in words]
    for index, word in enumerate(lower):
        verb, form = FORMS.get(word, ("", ""))
        before = lower[index - 1] if index else ""
        if not verb or VERBS[verb] not in _EFFECTS or STRICT[verb] < 2 or verb in _VAGUE or before not in _BEFORE:
            continue
        if form != ("base" if before == "will" else "third") or not _NOT_SO.isdisjoint(lower[max(0, index - 8) : index]):
            continue
        objects = things_of(lower[index + 1 : index + 5])
        action = Action(verb, objects, " ".join(words[index : index + 2]), " ".join(lower[index + 1 : index + 9]))
        meant = sense(action, known.trades)
        if meant.risk_class.rank > _WRITE.rank and meant.strength > 1:
            yield action, meant.risk_class, meant.why
