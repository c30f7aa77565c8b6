"""What a description, the arguments and the annotations say of what a tool does, weighed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ostiary.model import Tool
from ostiary.risk import hanzi
from ostiary.risk.action import Action
from ostiary.risk.case import Sense
from ostiary.risk.context import Context
from ostiary.risk.families import Family
from ostiary.risk.nouns import things
from ostiary.risk.prose import allowed, enumerated, head, is_praise, later, sentences
from ostiary.risk.risk import Evidence, RiskClass, Source
from ostiary.risk.senses import sense
from ostiary.risk.verbs import STRICT, VERBS
from ostiary.risk.weighing import ACTOR, BOTH, GUIDES, HEAD, LATER, LOSS, STATEMENT, passage, worst

__all__ = ["annotated", "described", "spoken_of"]

_READ, _WRITE, _EXECUTE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE
_DESTRUCTIVE, _FINANCIAL = RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL

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
    at, said = _first(found, text, known, destroys=destroys)
    if said is not None:
        yield said
    if said is None or not text[:1].isascii():
        foreign = _foreign(text)
        yield from foreign
        if said is None and not foreign:
            yield from _by_subject(found[:1])
    for sentence in found[at + 1 :]:
        yield from _added(sentence, text, known)
    match = _LOSS.search(text[:3000])
    if match and not _DENIED.search(text[max(0, match.start() - 30) : match.start()]):
        why = "The description says itself that something is lost for good."
        yield Evidence(Source.DESCRIPTION, match.group(), why, _DESTRUCTIVE, LOSS)


def _first(found: Sequence[str], text: str, known: Context, *, destroys: bool) -> tuple[int, Evidence | None]:
    """Which sentence says first what the tool does, and what it says."""
    for index, sentence in enumerate(found[:4]):
        actions = head(sentence) or allowed(sentence)
        listed = enumerated(sentence) if not actions or _is_open(actions[0]) else []
        if actions or listed:
            meanings = [(action, sense(action, known.trades)) for action in [*actions, *listed]]
            said = worst(meanings, Source.DESCRIPTION, HEAD, text)
            if not destroys and said.weight > HEAD[1] and _also_reads(meanings, said):
                said = msgspec.structs.replace(said, weight=BOTH)
            if not destroys and said.speaks_for is _READ and actions and _is_guidance(actions[0]):
                said = msgspec.structs.replace(said, weight=GUIDES)
            return index, said
    return 0, None


_JOINS: Final = frozenset({"and", "or", "then", ",", "/", "&"})


def _also_reads(meanings: Sequence[tuple[Action, Sense]], said: Evidence) -> bool:
    """Whether a sentence that begins with reading goes on to more (`Review and fix`), in verbs that are no nouns."""
    if said.speaks_for is _READ or meanings[0][1].risk_class is not _READ:
        return False
    is_joined = meanings[0][0].qualified.split(" ", 1)[0] in _JOINS
    return any(
        STRICT[action.verb] == 2
        and meant.risk_class is said.speaks_for
        and (is_joined or action.qualified.split(" ", 1)[0] in ("it", "them"))
        for action, meant in meanings
    )


def _foreign(text: str) -> list[Evidence]:
    """What a description in Chinese or Japanese says."""
    said = list(hanzi.heading(text))
    if not said:
        return []
    word, meant = max(said, key=lambda pair: pair[1].risk_class.rank)
    why = f"The description says `{word}`: {meant.why}."
    return [Evidence(Source.DESCRIPTION, word, why, meant.risk_class, HEAD[meant.strength])]


def _added(sentence: str, text: str, known: Context) -> Iterator[Evidence]:
    """What a later sentence adds that is more than reading."""
    action = later(sentence)
    meant = sense(action, known.trades) if action else None
    if action and meant and meant.risk_class is not _READ and meant.strength > 1:
        why = f"The description adds `{action.verb}`: {meant.why}."
        yield Evidence(Source.DESCRIPTION, passage(text, action.quote), why, meant.risk_class, LATER[meant.strength])


_OPEN: Final = frozenset({Family.MANAGE, Family.RUN})
_QUERIES: Final = frozenset({"query", "queries", "sql", "statement"})


def _is_open(action: Action) -> bool:
    """Whether a verb leaves open what is done, so that the list that follows says it."""
    return VERBS[action.verb] in _OPEN and _QUERIES.isdisjoint(action.objects)


_ADVICE: Final = things(
    "guidance guidelines documentation docs instructions guide guides practices prompt templates advice "
    "walkthrough tutorial recommendations consultation"
)
_OFFERS: Final = things("provide get return give fetch retrieve show offer supply")


def _is_guidance(action: Action) -> bool:
    """Whether what is returned is advice on doing something: `Provides guidance for creating rules`."""
    return action.verb in _OFFERS and not _ADVICE.isdisjoint(action.objects)


_AGENT: Final = re.compile(
    r"(?i)\b(?:agent|assistant|automation|automate[sd]?|interactive (?:session|shell|browser)|terminal|shell|"
    r"execution)\b"
)
_ACTOR: Final = re.compile(
    r"(?i)\b(?:agent|assistant|interactive (?:session|shell|browser)|shell) (?:for|that|to|which)\b"
)
"""What such a tool is, not what it tells about: `a browser agent for …`, not `agent directory`."""
_SHOWS: Final = re.compile(
    r"(?i)^(?:\w+ ){0,4}(?:status|details?|information|overview|results?|documentation|statistics|metrics|history|"
    r"search|calculator|lookup|analy[sz]er|validator|viewer|parser)\b"
)


def _by_subject(found: Sequence[str]) -> Iterator[Evidence]:
    """A description that begins with no verb: what its subject is."""
    for sentence in found:
        match = _AGENT.search(sentence[:120])
        if match:
            weight = ACTOR if _ACTOR.search(sentence[:120]) else 1.5
            yield Evidence(
                Source.DESCRIPTION, match.group(), "It is said to act, not to return something.", _EXECUTE, weight
            )
            return
        match = _SHOWS.search(sentence[:80])
        if match:
            yield Evidence(Source.DESCRIPTION, match.group(), "It is said to be information.", _READ, 1.2)


_QUERY: Final = re.compile(r"(?i)query|sql|cypher")
_READS_ONLY: Final = re.compile(r"(?i)read[- ]?only|\bselect\b|only reads?|cannot (?:write|modify|change)")


def _only_reads(text: str) -> bool:
    """Whether a sentence that says what the tool does, not what it is like, names statements that can only read."""
    return any(_READS_ONLY.search(part) for part in sentences(text) if not is_praise(part))


def spoken_of(found: Sequence[str], tool: Tool) -> Iterator[Evidence]:
    """What the arguments' signals say of the class."""
    if "free-form:sql" in found and _QUERY.search(tool.name) and not _only_reads(tool.description):
        why = "It takes statements as free text, and nothing says that they can only read."
        yield Evidence(Source.SCHEMA, "", why, _EXECUTE, STATEMENT)
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
