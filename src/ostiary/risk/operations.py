"""A tool that does several things: the argument that selects what, and the class of each of its values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ostiary.model import Tool
from ostiary.risk.action import Action, things_of
from ostiary.risk.context import Context
from ostiary.risk.families import Family
from ostiary.risk.names import named, tokens
from ostiary.risk.risk import Evidence, Operations, RiskClass, Source
from ostiary.risk.schema import Argument, choices, is_selector
from ostiary.risk.senses import sense
from ostiary.risk.verbs import STRICT, VERBS

__all__ = ["operations", "spoken_operations"]

_READ, _WRITE = RiskClass.READ, RiskClass.WRITE

LISTED: Final = 6.5
BESIDE: Final = 3.5
TOLD: Final = 5.0


def operations(
    found: Sequence[Argument], tool: Tool, known: Context, *, looks: bool
) -> list[tuple[Operations, Evidence]]:
    """The argument that selects what is done, with the class of each of its values, and the worst as evidence.

    `looks`: the name's verb plainly reads, so that the values may only be what is asked about.
    """
    around = _things(tool, known)
    for argument in found:
        values = choices(argument)
        classes = {value: worst for value in values if (worst := _worst(value, around, known))}
        if len(classes) >= 2 and 2 * len(classes) >= len(values):
            rest = _READ if all(one is _READ for one in classes.values()) else _WRITE
            classes = {value: classes.get(value, rest) for value in values}
            value, worst = max(classes.items(), key=lambda item: item[1].rank)
            why = f"The argument `{argument.name}` selects what is done, and `{value}` is the worst of it."
            weight = BESIDE if looks else LISTED
            return [(Operations(argument.name, classes), Evidence(Source.SCHEMA, value, why, worst, weight))]
    return []


def _worst(value: str, around: frozenset[str], known: Context) -> RiskClass | None:
    """The worst class of what a value names; None where it names no action."""
    classes = [
        sense(Action(action.verb, action.objects or around, action.quote), known.trades).risk_class
        for action in named(tokens(value), value)
    ]
    return max(classes, key=lambda one: one.rank, default=None)


def _things(tool: Tool, known: Context) -> frozenset[str]:
    """What a tool deals in, by its name: its words but for plain verbs."""
    return things_of(word for word in tokens(tool.name) if word not in known.prefixes and STRICT.get(word, 0) < 2)


_LISTS: Final = re.compile(
    r"(?i)\b(?:actions?|operations?|commands?|methods?|subcommands?)\b[^:.\n]{0,24}:\s*"
    r"((?:[`'\"]?[a-z][a-z_-]{2,30}[`'\"]?(?:\s*\([^)]{0,80}\))?\s*(?:,|\||/|\bor\b|\band\b)\s*){1,30}[`'\"]?[a-z][a-z_-]{2,30})"
)
_BULLETS: Final = re.compile(
    r"(?m)^\s*[-*•]\s*[`'\"*]{0,3}([a-z][a-z_]{2,30})[`'\"*]{0,3}\s*(?:\([^)\n]{0,80}\)\s*)?[:=\u2013\u2014-]"
)
_SELECTS: Final = re.compile(r"(?i)['\"`](?:action|operation|method|command|subcommand)['\"`]|^manages?\b")
_ITEM: Final = re.compile(r"[a-z][a-z_-]{2,30}")
_CRUD: Final = re.compile(r"\bCRUD\b")
_LONGEST: Final = 4000


def spoken_operations(found: Sequence[Argument], tool: Tool, known: Context) -> Iterator[Evidence]:
    """The worst of the operations that the description lists, of a tool whose name leaves open what it does."""
    text = tool.description[:_LONGEST]
    crud = _CRUD.search(text[:400])
    if crud:
        why = "The description says that it creates, reads, updates and deletes."
        yield Evidence(Source.DESCRIPTION, crud.group(), why, RiskClass.DESTRUCTIVE, TOLD)
    if not (any(is_selector(argument) for argument in found) or _SELECTS.search(text) or _is_open(tool)):
        return
    around = _things(tool, known)
    items = [item for match in _LISTS.finditer(text) for item in _ITEM.findall(match[1].lower())]
    items += _BULLETS.findall(text)
    classes = {item: worst for item in dict.fromkeys(items) if (worst := _worst(item, around, known))}
    if len(classes) >= 2 and any(one is not _READ for one in classes.values()):
        item, worst = max(classes.items(), key=lambda pair: pair[1].rank)
        if item in text:
            why = f"The description lists what it does, and `{item}` is the worst of it."
            yield Evidence(Source.DESCRIPTION, item, why, worst, TOLD)


def _is_open(tool: Tool) -> bool:
    actions = named(tokens(tool.name), tool.name)
    return not actions or any(VERBS[action.verb] is Family.MANAGE for action in actions)
