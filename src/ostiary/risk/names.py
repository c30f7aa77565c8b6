"""Names as words, whatever their style, and the actions they speak of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from ostiary.risk.action import Action, things_of
from ostiary.risk.families import Family
from ostiary.risk.nouns import THINGS_READ, things
from ostiary.risk.verbs import FORMS, STRICT, VERBS

__all__ = ["is_pair", "joined_up", "named", "tokens"]

_LONGEST: Final = 256
_WORDS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")


@lru_cache(4096)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: snake, kebab, camel, dots, slashes, spaces."""
    return tuple(part.lower() for part in _WORDS.findall(joined_up(name[:_LONGEST])))


_TWO_WORDS: Final = re.compile(
    r"(?i)(?<![A-Za-z])(roll|shut|look|clean|log|sign|back|spin|power|tear|top|set|check|pay|cash|scale|soft|hard|carry)"
    r"(s|ies)?[ _-](back|down|up|in|out|off|on|over|delete)(?![a-z])"
)
_ONE_WORD: Final = {
    ("roll", "back"): "rollback",
    ("roll", "out"): "rollout",
    ("roll", "over"): "rollover",
    ("shut", "down"): "shutdown",
    ("look", "up"): "lookup",
    ("clean", "up"): "cleanup",
    ("log", "in"): "login",
    ("log", "out"): "logout",
    ("sign", "in"): "login",
    ("sign", "out"): "logout",
    ("sign", "up"): "register",
    ("check", "in"): "register",
    ("check", "out"): "checkout",
    ("back", "up"): "backup",
    ("spin", "up"): "start",
    ("spin", "down"): "stop",
    ("power", "off"): "shutdown",
    ("power", "on"): "start",
    ("tear", "down"): "teardown",
    ("top", "up"): "topup",
    ("set", "up"): "setup",
    ("pay", "out"): "payout",
    ("cash", "out"): "withdraw",
    ("scale", "up"): "scale",
    ("scale", "down"): "scale",
    ("scale", "out"): "scale",
    ("soft", "delete"): "archive",
    ("hard", "delete"): "delete",
    ("carry", "out"): "execute",
}


def joined_up(text: str) -> str:
    """Text with its verbs of two words as one: `roll back` is `rollback`, `checks out` is `checkouts`."""
    return _TWO_WORDS.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    whole, first, third, second = match[0], match[1].lower(), match[2] or "", match[3].lower()
    if third and second in ("in", "on"):
        return whole
    joined = _ONE_WORD.get((first, second))
    return whole if joined is None else joined + ("s" if third else "")


def named(words: Sequence[str], name: str) -> list[Action]:
    """The actions a name speaks of; several where it joins them (`create_or_update_file`, `pause-resume-cluster`)."""
    looks = any(STRICT.get(word) == 2 and VERBS[word] is Family.LOOK for word in words)
    places = [
        (STRICT[word], not looks and STRICT[word] == 2 and VERBS[word] in _GRAVE, -index)
        for index, word in enumerate(words)
        if word in VERBS and not _is_kind(words, index)
    ]
    if not places:
        return _by_noun(words, name)
    at = _main(words, places)
    if at is None:
        return []
    found = [at]
    if at > 1 and words[at - 1] in ("or", "and") and words[at - 2] in VERBS:
        found.insert(0, at - 2)
    for index in range(at + 1, len(words)):
        is_joined = words[index - 1] in ("or", "and") or is_pair(words[index - 1], words[index])
        if words[index] in VERBS and is_joined:
            found.append(index)
    objects = things_of(word for index, word in enumerate(words) if index not in found)
    return [
        Action(words[index], objects, _in(name, words[index]), " ".join(words[index + 1 : index + 9]))
        for index in found
    ]


def _main(words: Sequence[str], places: Sequence[tuple[int, bool, int]]) -> int | None:
    """Where the main verb stands: first if it is one for sure, else the surest, and of equals the first.

    None where the name only names something to read (`order_status`).
    """
    first = words[0] if words[0] in VERBS else None
    sure, _, index = max(places)
    if words[-1] in THINGS_READ and sure == 0 and first not in _SENT:
        return None
    if first == "list":
        return 1 if len(words) > 1 and words[1] in _ON_LISTS else 0
    if first is not None and STRICT[first] == 2 and places[0][2] == 0:
        return 0
    if sure == 0 and words[-1] in _DEALS:
        return len(words) - 1
    is_act = words[-1] in VERBS and words[-1] not in THINGS_READ
    if sure == 0 and index == 0 and len(words) > 1 and is_act and first in _SUBJECTS:
        return len(words) - 1
    return -index


_ON_LISTS: Final = things(
    "append add remove delete set pop push insert trim move clear prepend get index create update"
)
"""What follows `list` where the list is the object: `list_append`; anything else is listed."""

_SENT: Final = things(
    "post share put log note mark reply import present query map view print tail head cat sort filter score rank match "
    "echo survey explain track fit flag set target settle format"
)
"""Nouns that stay verbs before a thing to read: `post_status`, `query_metrics`."""

_DEALS: Final = things("order trade transfer swap refund charge payout deposit")
"""Nouns that are the action at the end of a name without a plain verb: `market_order`, `new_trade`."""

_SUBJECTS: Final = things("message email post order comment release page file key call")
"""Nouns that are the object of a verb at the end: `message_post`."""


def _is_kind(words: Sequence[str], index: int) -> bool:
    """Whether `set` is the end of a noun: `sorted_set_remove`."""
    return words[index] == "set" and index > 0 and words[index - 1] in _SETS


_SETS: Final = things(
    "sorted data result change rule record test replica parameter option permission card icon question"
)


_GRAVE: Final = frozenset({Family.PAY, Family.TRADE, Family.DESTROY})
"""What a name says before other verbs that are not its first word: `account_convert_repay`."""

_NOT_JOINED: Final = frozenset({Family.LOOK, Family.DERIVE, Family.MANAGE})


def is_pair(one: str, other: str) -> bool:
    """Whether two neighbours are both the action: `pause-resume-cluster`."""
    if one not in VERBS or other not in VERBS or STRICT[one] != 2 or STRICT[other] != 2:
        return False
    if (one, other) == ("read", "write"):
        return True
    return VERBS[one] is VERBS[other] or not {VERBS[one], VERBS[other]} & _NOT_JOINED


def _by_noun(words: Sequence[str], name: str) -> list[Action]:
    """A name whose action is a noun or another form of the verb: `bulk_deletion`, `HassTurnsOn`."""
    if words[-1:] and words[-1] in THINGS_READ:
        return []
    return [
        Action(verb, things_of(other for other in words if other != word), _in(name, word))
        for word in words
        for verb, kind in ([FORMS[word]] if word in FORMS else [])
        if kind in ("noun", "gerund") or (kind == "third" and STRICT[verb] == 2)
    ]


def _in(name: str, word: str) -> str:
    at = name.lower().find(word)
    return name[at : at + len(word)] if at >= 0 else name
