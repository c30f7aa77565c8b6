"""Descriptions as sentences, and the actions they are headed by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from ostiary.risk.action import Action, things_of
from ostiary.risk.families import Family
from ostiary.risk.lexicon import NOUNISH
from ostiary.risk.names import joined_up
from ostiary.risk.nouns import things
from ostiary.risk.verbs import FORMS, STRICT, VERBS

__all__ = ["allowed", "enumerated", "head", "is_praise", "later", "sentences"]

_NOISE: Final = re.compile(
    r"<[^>]{1,40}>|[*_`#]{1,3}(?=\S)|(?<=\S)[*`]{1,3}|[\u2190-\u2bff\U0001f000-\U0001faff\ufe0f]"
)
_END: Final = re.compile(
    r"(?<=[.!?。])\s+|\n\s*\n|\n\s*(?=[-•*]\s)|\n(?=\s*[A-Z][A-Za-z ]{2,24}:)|\s—\s|\s-\s(?=[A-Z])|\n(?=[A-Z])|"
    r"\s(?=This (?:tool|function) )"
)
_SECTION: Final = re.compile(
    r"^\W*(args|arguments|parameters|params|returns?|raises|examples?|input|output|usage|notes?|see also|"
    r"prerequisites?|response|requirements?|errors?|yields|important|tips?|permissions?)\b\s*:",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"^\s*\[[^\]\n]{1,60}\]\s*")
_LONGEST: Final = 1500
_MOST: Final = 14


def sentences(text: str) -> list[str]:
    """The sentences of a description, up to its section about arguments, examples or results."""
    found: list[str] = []
    for part in _END.split(_NOISE.sub("", _TAG.sub("", text[:_LONGEST]))):
        sentence = part.strip(" \t\r\n-•*[]()\"'")
        if found and _SECTION.match(sentence):
            break
        if sentence:
            found.append(sentence)
        if len(found) == _MOST:
            break
    return found


_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'\u2019]*(?:-[A-Za-z]+)*|\d+|[,/;:&()]")
_KIND: Final = r"(?:tool|function|method|operation|endpoint|action|command|utility|helper|api|service|call)"
_WHOM: Final = r"(?:(?:you|users?|agents?|us|the \w+|an? \w+|ai \w+)\s+)"
_LEADS: Final = (
    r"(?-i:[A-Z]{2,}(?: [A-Z]+)+)[^:.]{0,30}:\s+",  # START HERE for Athena:
    r"\W+",
    r"(?:purpose|title|summary|description|overview|goal|action|function|what it does)\s*:\s*",
    r"\[[^\]]{1,40}\]",
    r"(?:deprecated|demo|api|beta|preview|experimental|internal|important|note|new|primary|advanced)\b[:\])]*\s*",
    (
        rf"(?:please\s+)?(?:use|call|invoke|run)\s+(?:this|it|the)(?:\s+\w+)?(?:\s+{_KIND})?\s*"
        r"(?:to|for|in order to|(?:when(?:ever)?|if) (?:you|the user) (?:need|want)s? to)\s+"
    ),
    r"use when you (?:need|want) to\s+",
    (
        rf"(?:this|the|an?)\s+(?:[\w-]+\s+){{0,3}}?{_KIND}s?\s+(?:(?:can|is|are|will|may)\s+)?"
        r"(?:(?:be\s+)?(?:used|designed|able|intended|meant)\s+(?:to|for)\s+|(?:to|for|that|which)\s+|"
        rf"(?:allows?|lets?|enables?|helps?)\s+{_WHOM}?(?:to\s+)?)?"
    ),
    rf"{_KIND}\s+(?:to|for|that|which|used to)\s+",
    rf"(?:allows?|lets?|enables?|helps?)\s+(?:{_WHOM}(?:to\s+)?|to\s+)",
    r"(?:attempts?|tries|try)\s+to\s+",
    r"auto-(?=[a-z])",
    r"(?:used|useful|able|ability|designed)\s+(?:to|for|when)\s+",
    r"(?:[\w-]+\s+){1,3}tools?\s+(?:for|to|that|which)\s+(?=\w+(?:ing|s)?\b)",
    r"for\s+(?=\w+ing\b)",
    r"(?:can|will|also|then|to|just|it|bulk|batch|soft-|hard|(?!(?:app|rep|supp|multip|imp|f)ly\b)[a-z]+ly)\s+",
)
_LEAD: Final = re.compile(rf"^(?:{'|'.join(_LEADS)})", re.IGNORECASE)
_STOP: Final = things(
    "to for so that which by using with from when where if in on at as into via before after because while "
    "whether without instead based given per about of within across between whose who including such e.g "
    "during between"
)


def stripped(sentence: str) -> str:
    """A sentence without what comes before its verb: `Use this tool to`, `Allows you to`, `[Deprecated]`, adverbs."""
    for _ in range(6):
        shorter = _LEAD.sub("", sentence, count=1)
        if shorter == sentence:
            break
        sentence = shorter
    return sentence


def head(sentence: str) -> list[Action]:
    """The actions at the head of a sentence (`Creates or updates a file`); none if it begins with no verb."""
    words = [match.group() for match in _WORD.finditer(joined_up(stripped(sentence)[:300]))]
    lower = [word.lower() for word in words]
    if not lower or lower[0] not in FORMS or _is_noun_here(lower):
        return []
    verb, kind = FORMS[lower[0]]
    if lower[2:3] == [":"] and len(lower) > 3 and lower[0] in NOUNISH:
        return []
    if verb in _USES and lower[1:2] and lower[1] in _LEFT_OUT:
        return []
    if verb in ("use", "prefer"):
        return _used_to(sentence)
    if kind == "past" and len(lower) > 1 and lower[1] != "by":
        return []
    is_query = VERBS[verb] is Family.RUN and not _STATEMENTS.isdisjoint(lower[1:14])
    starts = [(0, verb)] if is_query else [(0, verb), *_joined(lower, kind)]
    ends = [start for start, _ in starts[1:]] + [len(lower)]
    actions = []
    for (start, verb), end in zip(starts, ends, strict=True):
        objects = _span(lower, start + 1, end) or _span(lower, starts[-1][0] + 1, len(lower))
        quote = " ".join(words[start : start + 2])
        after, rest = " ".join(lower[start + 1 : start + 13]), " ".join(lower[start : start + 30])
        actions.append(Action(verb, objects, quote, after, rest))
    return actions


_USES: Final = frozenset({"use", "run", "call", "invoke"})
_LEFT_OUT: Final = frozenset({"this", "it", "at", "when", "before", "after", "first"})
"""What follows a verb whose object is the tool itself (`First tool to call at the start`)."""
_USED_TO: Final = re.compile(r"(?i)^\W*(?:us(?:e|es|ing)|prefer)\b[^.:;]{0,80}?\bto\s+(?=[a-z])")


_SETTINGS: Final = things("choose select specify set control filter limit define")
"""What an argument is used to do (`Use action to choose`)."""


def _used_to(sentence: str) -> list[Action]:
    """What something is used to do; what it is used after or instead of says nothing (`Use get_x instead`)."""
    match = _USED_TO.match(stripped(sentence))
    actions = head(stripped(sentence)[match.end() :]) if match else []
    return [] if actions and actions[0].verb in _SETTINGS else actions


_ALLOWS: Final = re.compile(
    rf"(?i)\b(?:(?:allows?|lets?|enables?|helps?)\s+{_WHOM}?(?:to\s+)?|used\s+(?:to|for)\s+)(?=[a-z])"
)


def allowed(sentence: str) -> list[Action]:
    """The actions of a sentence whose verb comes late (`The New Order API allows users to place an order`)."""
    match = _ALLOWS.search(sentence[:200])
    return head(sentence[match.end() :]) if match else []


_LOOKING: Final = frozenset({Family.LOOK, Family.DERIVE, Family.QUERY})
_DETERMINERS: Final = things("one it them the a an all any its their new this these that those")
_STATEMENTS: Final = frozenset({"query", "queries", "statement", "statements", "sql"})
_JOINTS: Final = frozenset({",", "/", "and", "or", ";", "&", "then"})
_CLAUSES: Final = frozenset({"that", "which", "when", "if", "because", "where", "while", "so", "including", ":"})


def _is_noun_here(lower: Sequence[str]) -> bool:
    """Whether a word that can be a verb heads no sentence: `Status of the job`, `Order details`, `Query:`."""
    word = lower[0]
    if word not in NOUNISH or len(lower) == 1:
        return False
    if VERBS[word] in _MADE and any(part in _GIVEN and after in _OF for part, after in pairwise(lower[1:6])):
        return True
    return lower[1] == ":" or (lower[1] in _NOUN_THEN and word not in ("search", "query", "list"))


_MADE: Final = frozenset({Family.MAKE, Family.CHANGE, Family.TELL, Family.DERIVE, Family.LOOK, Family.PRODUCE})
_GIVEN: Final = things("summary analysis overview report status information details metrics statistics history stats")
_OF: Final = frozenset({"with", "of", "for", ":", "by", "across", "including", ","})
_NOUN_THEN: Final = frozenset({"of", ":", "is", "are", "that", "was", "with"})


def _joined(lower: Sequence[str], kind: str) -> Iterator[tuple[int, str]]:
    """Verbs joined to the head by commas, slashes, `and` and `or`, in the form of the head."""
    is_adjacent = True
    looks = VERBS[FORMS[lower[0]][0]] in _LOOKING
    for index in range(1, min(len(lower), 40)):
        word = lower[index]
        if word in _CLAUSES:
            return
        if lower[index + 1 : index + 2] in (["no"], ["not"]):
            continue
        verb, form = FORMS.get(word, ("", ""))
        if lower[index - 1] in _JOINTS and form == kind and (is_adjacent or _is_verb_here(lower, index, form, looks)):
            yield index, verb
        elif word not in _JOINTS:
            is_adjacent = False


def _is_verb_here(lower: Sequence[str], index: int, form: str, looks: bool) -> bool:
    """Whether a form of a verb that follows other nouns is a verb: `files and deletes old ones`, not `and tags`."""
    verb = FORMS[lower[index]][0]
    follows = lower[index + 1] if index + 1 < len(lower) else ""
    if form == "base" and lower[index - 1] in ("and", "then") and follows in _PRONOUNS:
        return True
    if STRICT[verb] < 2 or follows in _AFTER_NOUNS or (form == "third" and verb in NOUNISH):
        return False
    is_listed = lower[index - 1] == "," and follows.endswith("s") and not follows.endswith(("ss", "us", "is"))
    return not (looks and form == "base" and follows not in _DETERMINERS and not is_listed)


_PRONOUNS: Final = frozenset({"it", "them"})
_AFTER_NOUNS: Final = frozenset(
    {"", "of", "for", "from", "in", "to", ":", ",", "and", "or", ")", "with", "by", "on", "are", "is"}
)


_MARKS: Final = frozenset({";", ":", "/", "&"})


def _span(lower: Sequence[str], start: int, end: int) -> frozenset[str]:
    found: list[str] = []
    is_aside = False
    for word in lower[start:end]:
        if word in ("(", ")"):
            is_aside = word == "("
            continue
        if is_aside:
            continue
        if word in _STOP or word in _MARKS:
            if found:
                break
            continue
        found.append(word)
        if len(found) == 9:
            break
    return things_of(part for word in found for part in (word, *word.split("-")))


_SUBJECT: Final = re.compile(
    rf"^(?:this|it|the {_KIND})\s*{_KIND}?\s+(?:will|also|then)?\s*(?:also|then)?\s*([a-z]+)\b", re.IGNORECASE
)
_NEGATED: Final = re.compile(
    r"\b(?:not|never|cannot|without|no longer|instead|don't|doesn't|won't|can't|rather than|unlike|if|before|after|"
    r"when|must|use|see|prefer)\b",
    re.IGNORECASE,
)


def later(sentence: str) -> Action | None:
    """What a later sentence says the tool does besides (`Also deletes …`, `This removes …`); never what it negates."""
    text = stripped(sentence)
    match = _SUBJECT.match(sentence)
    word = match.group(1).lower() if match else (text.split(None, 1) or [""])[0].lower().strip(",.:;")
    if word not in FORMS:
        return None
    verb, kind = FORMS[word]
    if (kind != "third" and not (match and kind == "base")) or STRICT[verb] < 2:
        return None
    at = text.lower().find(word)
    if _NEGATED.search(text[: at + 60 if at >= 0 else 60]):
        return None
    lower = [match.group().lower() for match in _WORD.finditer(text[at : at + 200])]
    return Action(verb, _span(lower, 1, len(lower)), " ".join(text[at:].split(None, 2)[:2]))


_OPERATIONS: Final = re.compile(
    r"(?i)\b(?:operations?|actions?|supports?|including|manages?|methods?|modes?|can)\b|:|\(|—|-"
)


def enumerated(sentence: str) -> list[Action]:
    """The verbs that a sentence lists as a tool's operations (`Manages objects: create, modify, delete`)."""
    if not _OPERATIONS.search(sentence[:300]):
        return []
    lower = [match.group().lower() for match in _WORD.finditer(sentence[:400])]
    runs: list[list[str]] = [[]]
    is_joined = True
    for word in lower:
        if word in (",", "/", "and", "or", "&"):
            is_joined = True
        elif (verb := _listed(word)) and (is_joined or not runs[-1]):
            runs[-1].append(verb)
            is_joined = False
        else:
            runs.append([])
            is_joined = True
    longest = max(runs, key=len)
    if len(longest) < 2 or not any(STRICT[verb] == 2 for verb in longest):
        return []
    near = things_of(lower)
    return [Action(verb, near if VERBS[verb] is Family.DETACH else frozenset(), verb) for verb in longest]


def _listed(word: str) -> str | None:
    """The verb that an item of a list names: `create`, `deleting`, `stop-job-run`."""
    verb, form = FORMS.get(word) or FORMS.get(word.partition("-")[0], ("", ""))
    return verb if form in ("base", "gerund") else None


_PRAISE: Final = re.compile(
    r"^\W*(?:(?:this|it|the tool)\b.{0,20}?\b(?:is|are|has|was|only|merely)\b|completely|100%|totally|perfectly|safe|"
    r"harmless|trusted|read[- ]?only|secure|verified|no side[- ]effects?|guaranteed|approved|certified|does not|"
    r"doesn't|never|only reads)",
    re.IGNORECASE,
)
_PURPOSE: Final = re.compile(
    r"^\W*(?:this|it|the tool)\b.{0,20}?\b(?:is used|is designed|can be used|is for|is a tool (?:to|for|that))\b",
    re.IGNORECASE,
)


def is_praise(sentence: str) -> bool:
    """Whether a sentence only says what the tool is like, or does not do: it says nothing of what it does."""
    return _PRAISE.match(sentence) is not None and not _PURPOSE.match(sentence)
