"""The verbs of tools in all their forms, and how sure each is the action of a name.

A family says what a verb does; `senses` turns family, object and server into a class. Words that are as often nouns
(`order`, `post`, `monitor`) stand in `NOUNISH`: in a name they are the action only where nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ostiary.risk.families import Family
from ostiary.risk.lexicon import HALF, NOUNISH, WORDS

__all__ = ["FORMS", "NOUNS_OF_ACTION", "STRICT", "VERBS"]


VERBS: Final[Mapping[str, Family]] = {word: family for family, words in WORDS.items() for word in sorted(words)}

STRICT: Final = {word: 2 if word not in NOUNISH else 1 if word in HALF else 0 for word in VERBS}
"""How sure a word of a name is the action: 2 hardly ever a noun, 1 either, 0 mostly a noun."""
STRICT["start"] = STRICT["stop"] = STRICT["close"] = STRICT["end"] = STRICT["pause"] = STRICT["resume"] = 2
STRICT["call"] = 0
STRICT["set"] = STRICT["mark"] = 2

NOUNS_OF_ACTION: Final[Mapping[str, str]] = {
    "deletion": "delete",
    "removal": "remove",
    "creation": "create",
    "execution": "execute",
    "retrieval": "retrieve",
    "deployment": "deploy",
    "installation": "install",
    "purchase": "buy",
    "payment": "pay",
    "cancellation": "cancel",
}


def _forms(verb: str) -> Iterator[tuple[str, str]]:
    """The forms of a verb as prose has them, each with what it is: `base`, `third`, `gerund`, `past`."""
    first, *rest = verb.split(" ")
    tail = "".join(" " + word for word in rest)
    yield verb, "base"
    doubled = first[-1] if _doubles(first) else ""
    if first.endswith("y") and first[-2:-1] not in "aeiou":
        third, past = first[:-1] + "ies", first[:-1] + "ied"
    else:
        third = first + ("es" if first.endswith(("s", "x", "ch", "sh", "z", "o")) else "s")
        past = first + "d" if first.endswith("e") else first + doubled + "ed"
    stem = first[:-1] if first.endswith("e") and not first.endswith(("ee", "oe", "ye")) else first + doubled
    yield third + tail, "third"
    yield stem + "ing" + tail, "gerund"
    yield _IRREGULAR.get(first, past) + tail, "past"


def _doubles(word: str) -> bool:
    vowels = sum(letter in "aeiou" for letter in word)
    ends = len(word) > 2 and word[-1] not in "aeiouwxy" and word[-2] in "aeiou" and word[-3] not in "aeiou"
    return ends and (vowels == 1 or word in {"submit", "commit", "reset", "permit", "rerun", "transfer", "cancel"})


_IRREGULAR: Final = {
    "get": "got",
    "find": "found",
    "read": "read",
    "send": "sent",
    "make": "made",
    "set": "set",
    "put": "put",
    "write": "written",
    "buy": "bought",
    "sell": "sold",
    "pay": "paid",
    "run": "run",
    "build": "built",
    "withdraw": "withdrawn",
    "undo": "undone",
    "say": "said",
    "speak": "spoken",
    "take": "taken",
    "draw": "drawn",
}

FORMS: Final[dict[str, tuple[str, str]]] = {}
"""Every form of every verb: (verb, kind of form)."""
for _verb in VERBS:
    for _form, _kind in _forms(_verb):
        FORMS.setdefault(_form, (_verb, _kind))
for _noun, _verb in NOUNS_OF_ACTION.items():
    FORMS.setdefault(_noun, (_verb, "noun"))
