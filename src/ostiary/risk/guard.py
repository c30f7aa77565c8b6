"""What speaks against calling a tool `read`: the mistake to avoid is a dangerous tool that seems to read.

Asked only where the sum of the evidence would be `read`. A doubt outweighs a name or a description that reads. Where
both plainly say it, only what is done by running something, left to an agent or paid for on the way is a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ostiary.model import Tool
from ostiary.risk.action import Action, things_of
from ostiary.risk.case import Sense
from ostiary.risk.context import Context
from ostiary.risk.families import Family
from ostiary.risk.names import tokens
from ostiary.risk.nouns import Trade, things
from ostiary.risk.prose import is_praise, sentences
from ostiary.risk.risk import Evidence, RiskClass, Source
from ostiary.risk.schema import Argument, signals
from ostiary.risk.senses import sense
from ostiary.risk.verbs import FORMS, STRICT, VERBS
from ostiary.risk.weighing import DOUBT, GRAVE_DOUBT, HEAD, NAME, passage

__all__ = ["doubts"]

_READ, _WRITE, _EXECUTE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE


def doubts(tool: Tool, known: Context, evidence: Sequence[Evidence], found: Sequence[Argument]) -> list[Evidence]:
    """What makes a tool that seems to read one that does more."""
    admitted = list(_confessed(tool, known))
    strong = [*_delegated(tool), *_paid(tool), *(one for one in admitted if one.weight == GRAVE_DOUBT)]
    if strong or sum(one.weight for one in evidence if one.speaks_for is _READ) >= NAME[3] + HEAD[2]:
        return strong
    return [*_faint(tool, known, evidence), *_flagged(found), *admitted, *_requested(tool, found)]


_DRIVEN: Final = frozenset({Trade.BROWSER, Trade.DEVICE})


def _faint(tool: Tool, known: Context, evidence: Sequence[Evidence]) -> Iterator[Evidence]:
    """A single weak sign of reading, where most tools act or where nothing else is said."""
    if sum(one.weight for one in evidence if one.speaks_for is _READ) > HEAD[1]:
        return
    if not _DRIVEN.isdisjoint(known.trades):
        why = "One weak sign of reading is none on a server that drives a browser or a device."
        yield Evidence(Source.NAME, tool.name, why, _EXECUTE, DOUBT)
    elif not tool.description.strip() and any(word in VERBS for word in tokens(tool.name)):
        why = "One weak sign of reading is none where no description says more."
        yield Evidence(Source.NAME, tool.name, why, _WRITE, DOUBT)


def _flagged(found: Sequence[Argument]) -> Iterator[Evidence]:
    """What only looks needs no confirmation and no dry run."""
    if not {"confirm", "dry-run"}.isdisjoint(signals(found)):
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
_VAGUE: Final = things(
    "run execute perform conduct use call process handle act operate continue clean empty spend trigger hook delegate "
    "dispatch"
)
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
        action, meant, weight = max(found, key=lambda one: (one[2], one[1].risk_class.rank))
        why = f"The description admits `{action.verb}`: {meant.why}."
        yield Evidence(Source.DESCRIPTION, passage(tool.description, action.quote), why, meant.risk_class, weight)


_ACTORS: Final = re.compile(
    r"(?i)\b(?:(?:with|by|using|another|via|through|call|ask)\s+(?:an?\s+|another\s+|the\s+)?(?:[\w-]+\s+){0,2}?"
    r"(?:sub-?)?agents?|can use tools)\b"
)


def _delegated(tool: Tool) -> Iterator[Evidence]:
    """Work that an agent does (`Browse the web with an agent`), which may act."""
    for part in sentences(tool.description)[:2]:
        if match := _ACTORS.search(part):
            why = "The work is left to an agent, which may act."
            yield Evidence(Source.DESCRIPTION, _verbatim(tool, match), why, _EXECUTE, GRAVE_DOUBT)
            return


_PAID: Final = re.compile(
    r"(?i)\b(?:pays?|paid|charges?d?|costs?|deducts?|spends?)\b[^.]{0,40}"
    r"\b(?:USDC|sats|satoshis|your wallet|x402|l402)\b|\b(?:USDC|sats) per (?:call|request)\b"
)
_UNPAID: Final = re.compile(r"(?i)\b(?:without|estimates?|never|no)\b")


def _paid(tool: Tool) -> Iterator[Evidence]:
    """What is paid for from a wallet on the way."""
    for part in sentences(tool.description):
        if (match := _PAID.search(part)) and not _UNPAID.search(part):
            why = "What it returns is paid for on the way."
            yield Evidence(Source.DESCRIPTION, _verbatim(tool, match), why, RiskClass.FINANCIAL, GRAVE_DOUBT)
            return


_VERBS_OF_HTTP: Final = re.compile(
    r"\b(?:GET|POST|PUT|PATCH|DELETE)(?:\s*[,/|]\s*|\s+(?:and|or)\s+)(?:GET|POST|PUT|PATCH|DELETE)\b|"
    r"(?i:\bany http method\b)"
)
_METHODS: Final = frozenset({"method", "httpmethod", "verb"})


def _requested(tool: Tool, found: Sequence[Argument]) -> Iterator[Evidence]:
    """A request whose method the caller chooses."""
    names = {"".join(argument.words) for argument in found}
    chosen = [one for one in found if "".join(one.words) in _METHODS and not (one.values and set(one.values) <= _SAFE)]
    if chosen and names & {"url", "uri", "path", "endpoint"}:
        yield Evidence(Source.SCHEMA, chosen[0].name, _ANY_REQUEST, _EXECUTE, DOUBT)
        return
    for part in sentences(tool.description)[:2]:
        if match := _VERBS_OF_HTTP.search(part):
            yield Evidence(Source.DESCRIPTION, _verbatim(tool, match), _ANY_REQUEST, _EXECUTE, DOUBT)
            return


_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "get", "head", "options"})
_ANY_REQUEST: Final = "A request whose method the caller chooses does whatever the other side offers."


def _verbatim(tool: Tool, match: re.Match[str]) -> str:
    return passage(tool.description, " ".join(match.group().split()[:2]))


def _effects(sentence: str, known: Context) -> Iterator[tuple[Action, Sense, float]]:
    """What a sentence says that the tool does besides, where it is more than reading or writing."""
    words = _WORD.findall(sentence)
    lower = [word.lower() for word in words]
    for index, word in enumerate(lower):
        verb, form = FORMS.get(word, ("", ""))
        least = _needed(verb, form, lower[index - 1] if index else "") if verb else 0
        if not least or not _NOT_SO.isdisjoint(lower[max(0, index - _REACH) : index]):
            continue
        objects = things_of(lower[index + 1 : index + 5])
        action = Action(verb, objects, " ".join(words[index : index + 2]), " ".join(lower[index + 1 : index + 9]))
        meant = sense(action, known.trades)
        if meant.risk_class.rank > _WRITE.rank and meant.strength >= least and _OTHERS.isdisjoint(objects):
            yield action, meant, GRAVE_DOUBT if least == _PLAIN else DOUBT


_OTHERS: Final = things("tool")
"""What a description tells the model to run, and does not run itself."""
_REACH: Final = 20
"""How many words a `not` or an `if` reaches."""
_PLAIN: Final = 3
_RUNNING: Final = frozenset({"run", "execute", "exec", "eval", "evaluate", "launch"})


def _needed(verb: str, form: str, before: str) -> int:
    """How plain a verb's effect has to be for the sentence to admit to it; 0 where it admits to nothing."""
    if before == "by" and form == "gerund":
        return _PLAIN if verb in _RUNNING else 0
    if VERBS[verb] not in _EFFECTS or STRICT[verb] < 2 or verb in _VAGUE or before not in _BEFORE:
        return 0
    return 2 if form == ("base" if before == "will" else "third") else 0
