"""Every piece of a definition that says what the tool does, weighed. Weights are in one place, `WEIGHTS`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from ostiary.model import Tool
from ostiary.risk import hanzi
from ostiary.risk.action import Action, things_of
from ostiary.risk.case import Sense
from ostiary.risk.context import Context
from ostiary.risk.families import Family
from ostiary.risk.names import is_pair, named, tokens
from ostiary.risk.nouns import PROGRAMS, THINGS_READ, Trade, things
from ostiary.risk.prose import allowed, enumerated, head, is_praise, later, sentences
from ostiary.risk.risk import Evidence, RiskClass, Source
from ostiary.risk.senses import sense
from ostiary.risk.verbs import STRICT, VERBS

__all__ = ["annotated", "described", "spoken_of", "titled"]

_READ, _WRITE, _EXECUTE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE
_DESTRUCTIVE, _FINANCIAL = RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL

NAME: Final = {1: 1.0, 2: 2.0, 3: 3.0}
HEAD: Final = {1: 1.1, 2: 2.1, 3: 3.0}
LATER: Final = {1: 0.5, 2: 1.0, 3: 1.5}
NOUN: Final = 1.6
GUIDES: Final = 4.2
LOSS: Final = 1.2


def titled(tool: Tool, known: Context) -> list[Evidence]:
    """What the name says; a name without a verb that names something to read says so."""
    bare = _bare(tool.name, known)
    if bare[:1] and bare[0] in _ASKING and len(bare) > 1:
        return [Evidence(Source.NAME, tool.name, "The name asks whether something is so.", _READ, NAME[3])]
    actions = _heading(bare, tool) or named(bare, tool.name)
    if all(STRICT[action.verb] == 0 for action in actions) and (made := _converted(bare, tool.name)):
        return [made]
    if len(actions) == 1 and tokens(tool.name)[:-1] in known.stems and bare[-1] in VERBS:
        actions = named(bare[-1:], tool.name)
        actions = [msgspec.structs.replace(one, objects=things_of(bare[:-1])) for one in actions]
    is_guide = bare[-1:] and bare[-1] in _GUIDES and all(VERBS[action.verb] in _PROCESSES for action in actions)
    if actions and not is_guide:
        found = _worst([(action, sense(action, known.trades)) for action in actions], Source.NAME, NAME)
        if bare == ("add",):
            found = msgspec.structs.replace(found, weight=NAME[1], why="The name says `add`, of things or of numbers.")
        is_noun = found.speaks_for is _WRITE and all(STRICT[action.verb] == 0 for action in actions)
        if is_noun and (bare[0] != actions[0].verb or _reads(tool, known)):
            found = msgspec.structs.replace(found, weight=found.weight / 2)
        return [found]
    if not actions and not PROGRAMS.isdisjoint(bare) and bare[-1] in PROGRAMS | _GENERIC:
        why = "The name only names a program or an agent, which does whatever it is told."
        return [Evidence(Source.NAME, tool.name, why, _EXECUTE, NAME[3])]
    if bare and bare[-1] in THINGS_READ:
        why = "The name only names something to read."
        return [Evidence(Source.NAME, tool.name, why, _READ, NOUN)]
    if Trade.DEVICE in known.trades or Trade.BROWSER in known.trades:
        why = "The name holds no verb, and on a server that drives a browser or a device that is no sign of reading."
        return [Evidence(Source.NAME, tool.name, why, _EXECUTE, 0.6)]
    if bare and len(bare[-1]) > 3 and bare[-1].endswith("s") and not bare[-1].endswith("ss"):
        return [
            Evidence(Source.NAME, tool.name, "The name only names several of something, as a list does.", _READ, 1.0)
        ]
    return []


def _reads(tool: Tool, known: Context) -> bool:
    """Whether the description plainly begins with a verb that reads, so that a noun of the name is only a noun."""
    actions = [action for part in sentences(tool.description)[:1] for action in head(part)]
    return bool(actions) and all(
        VERBS[action.verb] in _LOOKING and sense(action, known.trades).risk_class is _READ for action in actions
    )


def _converted(bare: Sequence[str], name: str) -> Evidence | None:
    """What a name like `csv_to_json` or `text_to_speech` says: it converts, and may make something of its own."""
    for before, between, after in zip(bare, bare[1:], bare[2:], strict=False):
        if between == "to" and before in _FORMATS and after in _FORMATS:
            if after in _MADE:
                return Evidence(Source.NAME, name, "The name says that it makes one thing of another.", _WRITE, NAME[2])
            return Evidence(Source.NAME, name, "The name says that it converts what it is given.", _READ, NAME[2])
    return None


_MADE: Final = things("speech audio image images video videos music voice sound song model 3d mesh animation gif")
_FORMATS: Final = _MADE | things(
    "text csv json yaml xml html pdf markdown md docx doc xlsx excel word png jpg jpeg svg webp base64 hex rgb code sql "
    "timestamp date time unix string number binary decimal ascii latex url toml toon figma prompt string"
)


def _heading(bare: Sequence[str], tool: Tool) -> list[Action]:
    """The verb of a name that is also the description's, among several (`pipeline_trigger_get`: `Get a …`); none where
    the name has one that destroys or pays."""
    verbs = [word for word in bare if word in VERBS]
    if len(verbs) < 2 or any(VERBS[word] in _GRAVE and STRICT[word] == 2 for word in verbs):
        return []
    said = next((actions[0].verb for part in sentences(tool.description)[:1] if (actions := head(part))), "")
    if said not in verbs or {"and", "or"} & set(bare) or any(map(is_pair, bare, bare[1:])):
        return []
    return [Action(said, things_of(word for word in bare if word != said), _in(tool.name, said))]


_LOOKING: Final = frozenset({Family.LOOK, Family.DERIVE})
_GRAVE: Final = frozenset(
    {Family.DESTROY, Family.VOID, Family.END, Family.DETACH, Family.PAY, Family.TRADE, Family.MOVE, Family.ORDER}
)


def _in(name: str, word: str) -> str:
    at = name.lower().find(word)
    return name[at : at + len(word)] if at >= 0 else name


def _bare(name: str, known: Context) -> tuple[str, ...]:
    """The words of a name without those that are the server's; of a name with spaces (`exec.list_tools`) the last one's
    verb counts."""
    *spaces, own = _SPACES.split(name)
    words = tokens(own)
    if not any(word in VERBS for word in words):
        words = tokens(name)
    elif spaces:
        words = (*words, *(word for space in spaces for word in tokens(space) if word not in VERBS))
    while len(words) > 1 and words[-1].isdigit():
        words = words[:-1]
    while len(words) > 1 and words[0] in known.prefixes:
        if words[0] in VERBS and not any(word in VERBS for word in words[1:]):
            break
        words = words[1:]
    return words[:-1] if len(words) > 1 and words[-1] == "tool" and not any(word in VERBS for word in words) else words


_GENERIC: Final = things("code command generic raw tool session any custom")
_ASKING: Final = things("can is are has have does do should was will did")
_SPACES: Final = re.compile(r"[./:]+|__+")


def _worst(
    meanings: Sequence[tuple[Action, Sense]], source: Source, weights: Mapping[int, float], text: str = ""
) -> Evidence:
    if any(action.verb in ("add", "insert", "assign") for action, _ in meanings):
        meanings = [pair for pair in meanings if pair[0].verb != "remove"]
    action, meant = max(
        meanings, key=lambda pair: (pair[1].risk_class.rank if pair[1].strength > 1 else -1, pair[1].strength)
    )
    where = "The name says" if source is Source.NAME else "The description says"
    why = f"{where} `{action.verb}`: {meant.why}."
    quote = _passage(text, action.quote) if text else action.quote
    return Evidence(source, quote, why, meant.risk_class, weights[meant.strength])


def _passage(text: str, start: str) -> str:
    """The words of a description from where `start` (a word or two) stands in it, verbatim, up to 80 characters."""
    lower = text.lower()
    at = max(lower.find(start.lower()), 0) or max(lower.find(start.split(" ", 1)[0].lower()), 0)
    line = text[at : at + 80].split("\n", 1)[0]
    return line if len(text) <= at + len(line) or len(line) < 80 else line.rsplit(" ", 1)[0]


_LOSS: Final = re.compile(
    r"(?i)\b(?:permanently (?:delete|remove|erase|destroy)\w*|irreversibl[ey]|can(?:not|'t) be (?:undone|reversed|"
    r"recovered|restored)|will be lost|are lost|destructive operation|data loss|unrecoverabl[ey]|force[- ]push)\b"
)
_DENIED: Final = re.compile(r"(?i)\b(?:not|never|no|without|avoid|prevents?|non)[\s-]+(?:\w+\s+){0,2}$")


def described(tool: Tool, known: Context, *, destroys: bool) -> Iterator[Evidence]:
    """What the description says: its first sentence with a verb, what later ones add, what is said to be lost.

    `destroys`: the name says that it destroys or pays, which no description explains away.
    """
    text = tool.description
    if not text:
        return
    found = [sentence for sentence in sentences(text) if not is_praise(sentence)]
    at = None
    for index, sentence in enumerate(found[:4]):
        actions = head(sentence) or allowed(sentence)
        if actions:
            listed = enumerated(sentence) if _is_open(actions[0]) else []
            meanings = [(action, sense(action, known.trades)) for action in [*actions, *listed]]
            said = _worst(meanings, Source.DESCRIPTION, HEAD, text)
            if not destroys and said.speaks_for is _READ and _is_guidance(actions[0]):
                said = msgspec.structs.replace(said, weight=GUIDES)
            yield said
            at = index
            break
        listed = enumerated(sentence)
        if listed:
            yield _worst([(action, sense(action, known.trades)) for action in listed], Source.DESCRIPTION, HEAD, text)
            at = index
            break
    if at is None or not text[:1].isascii():
        foreign = list(hanzi.heading(text))
        if foreign:
            word, meant = max(foreign, key=lambda pair: pair[1].risk_class.rank)
            why = f"The description says `{word}`: {meant.why}."
            yield Evidence(Source.DESCRIPTION, word, why, meant.risk_class, HEAD[meant.strength])
        elif at is None:
            yield from _by_subject(found[:1])
    for sentence in found[(at or 0) + 1 :]:
        action = later(sentence)
        meant = sense(action, known.trades) if action else None
        if action and meant and meant.risk_class is not _READ and meant.strength > 1:
            why = f"The description adds `{action.verb}`: {meant.why}."
            yield Evidence(
                Source.DESCRIPTION, _passage(text, action.quote), why, meant.risk_class, LATER[meant.strength]
            )
    match = _LOSS.search(text[:3000])
    if match and not _DENIED.search(text[max(0, match.start() - 30) : match.start()]):
        why = "The description says itself that something is lost for good."
        yield Evidence(Source.DESCRIPTION, match.group(), why, _DESTRUCTIVE, LOSS)


_OPEN: Final = frozenset({Family.MANAGE, Family.RUN})
_QUERIES: Final = frozenset({"query", "queries", "sql", "statement"})
_GUIDES: Final = things("guide guidance docs documentation instructions practices tutorial faq help examples reference")
_PROCESSES: Final = frozenset({Family.ROLL, Family.RUN, Family.CONTROL, Family.CHANGE})


def _is_open(action: Action) -> bool:
    """Whether a verb leaves open what is done, so that the list that follows says it."""
    return VERBS[action.verb] in _OPEN and _QUERIES.isdisjoint(action.objects)


_ADVICE: Final = things(
    "guidance guidelines documentation docs instructions guide guides practices prompt templates advice walkthrough tutorial "
    "recommendations consultation"
)
_OFFERS: Final = things("provide get return give fetch retrieve show offer supply")


def _is_guidance(action: Action) -> bool:
    """Whether what is returned is advice on doing something: `Provides guidance for creating rules`."""
    return action.verb in _OFFERS and not _ADVICE.isdisjoint(action.objects)


_AGENT: Final = re.compile(
    r"(?i)\b(?:agent|assistant|automation|automate[sd]?|interactive (?:session|shell|browser)|terminal|shell|execution)\b"
)
_SHOWS: Final = re.compile(
    r"(?i)^(?:\w+ ){0,4}(?:status|details?|information|overview|results?|documentation|statistics|metrics|history|"
    r"search|calculator|lookup)\b"
)


def _by_subject(found: Sequence[str]) -> Iterator[Evidence]:
    """A description that begins with no verb: what its subject is."""
    for sentence in found:
        match = _AGENT.search(sentence[:120])
        if match:
            yield Evidence(
                Source.DESCRIPTION, match.group(), "It is said to act, not to return something.", _EXECUTE, 1.5
            )
            return
        match = _SHOWS.search(sentence[:80])
        if match:
            yield Evidence(Source.DESCRIPTION, match.group(), "It is said to be information.", _READ, 1.2)


def spoken_of(found: Sequence[str]) -> Iterator[Evidence]:
    """What the arguments' signals say of the class."""
    if "free-form:code" in found or "free-form:command" in found:
        yield Evidence(Source.SCHEMA, "", "It takes code or a command as free text.", _EXECUTE, 0.8)


def annotated(tool: Tool) -> Iterator[Evidence]:
    """Hints raise, never lower: only those that admit to more than reading count."""
    hints = tool.annotations
    if hints.get("readOnlyHint") is False and "x-readOnlyHint-absent" not in hints:
        yield Evidence(
            Source.ANNOTATION, "readOnlyHint: false", "The server itself says that it is not read-only.", _WRITE, 0.0
        )
    elif hints.get("destructiveHint") is True and hints.get("readOnlyHint") is not True:
        yield Evidence(
            Source.ANNOTATION,
            "destructiveHint: true",
            "The server itself says that it may destroy something.",
            _WRITE,
            0.0,
        )
