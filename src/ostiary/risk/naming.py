"""What a tool's name says: its verb, what it names, and when a verb in it is only a noun."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from ostiary.model import Tool
from ostiary.risk.action import Action, things_of
from ostiary.risk.context import Context
from ostiary.risk.families import Family
from ostiary.risk.names import is_pair, named, tokens
from ostiary.risk.nouns import PROGRAMS, THINGS_READ, Trade, things
from ostiary.risk.prose import head, is_praise, sentences
from ostiary.risk.risk import Evidence, RiskClass, Source
from ostiary.risk.senses import sense
from ostiary.risk.verbs import STRICT, VERBS
from ostiary.risk.weighing import NAME, NOUN, worst

__all__ = ["titled"]

_READ, _WRITE, _EXECUTE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE


def titled(tool: Tool, known: Context) -> list[Evidence]:
    """What the name says; a name without a verb that names something to read says so."""
    bare = _bare(tool.name, known)
    if bare[:1] and bare[0] in _ASKING and len(bare) > 1:
        return [Evidence(Source.NAME, tool.name, "The name asks whether something is so.", _READ, NAME[3])]
    actions = _actions(bare, tool, known)
    if (
        bare
        and bare[-1] in _AGENTS
        and VERBS.get(bare[0]) is not Family.ASK
        and all(STRICT[action.verb] == 0 for action in actions)
    ):
        return _without_verb(bare, tool.name, known, is_program=True)
    if all(STRICT[action.verb] == 0 for action in actions) and (made := _converted(bare, tool.name)):
        return [made]
    is_guide = bare[-1:] and bare[-1] in _GUIDES and all(VERBS[action.verb] in _PROCESSES for action in actions)
    if actions and not is_guide:
        return [_weighed(actions, bare, tool, known)]
    return _without_verb(bare, tool.name, known, is_program=not actions)


def _actions(bare: Sequence[str], tool: Tool, known: Context) -> list[Action]:
    """The verbs of a name with what they are done to."""
    actions = _heading(bare, tool) or named(bare, tool.name)
    if len(actions) == 1 and tokens(tool.name)[:-1] in known.stems and bare[-1] in VERBS:
        objects = things_of(bare[:-1])
        return [msgspec.structs.replace(one, objects=objects) for one in named(bare[-1:], tool.name)]
    return actions


def _weighed(actions: Sequence[Action], bare: Sequence[str], tool: Tool, known: Context) -> Evidence:
    """What the verbs mean; half of it where they may only be nouns."""
    found = worst([(action, sense(action, known.trades)) for action in actions], Source.NAME, NAME)
    if _SPACES.split(tool.name)[-1].lower() == "add":
        return msgspec.structs.replace(found, weight=NAME[1], why="The name says `add`, of things or of numbers.")
    is_noun = found.speaks_for is _WRITE and all(STRICT[action.verb] == 0 for action in actions)
    if is_noun and (bare[0] != actions[0].verb or _reads(tool, known)):
        return msgspec.structs.replace(found, weight=found.weight / 2)
    return found


def _without_verb(bare: Sequence[str], name: str, known: Context, *, is_program: bool) -> list[Evidence]:
    """What a name tells that holds no verb."""
    last = bare[-1] if bare else ""
    if is_program and not PROGRAMS.isdisjoint(bare) and last in PROGRAMS | _GENERIC:
        why = "The name only names a program or an agent, which does whatever it is told."
        return [Evidence(Source.NAME, name, why, _EXECUTE, NAME[3])]
    if last in THINGS_READ:
        return [Evidence(Source.NAME, name, "The name only names something to read.", _READ, NOUN)]
    if Trade.DEVICE in known.trades or Trade.BROWSER in known.trades:
        why = "The name holds no verb, and on a server that drives a browser or a device that is no sign of reading."
        return [Evidence(Source.NAME, name, why, _EXECUTE, 0.6)]
    if len(last) > 3 and last.endswith("s") and not last.endswith("ss"):
        return [Evidence(Source.NAME, name, "The name only names several of something, as a list does.", _READ, 1.0)]
    return []


def _reads(tool: Tool, known: Context) -> bool:
    """Whether the description plainly begins with a verb that reads, so that a noun of the name is only a noun."""
    actions = [action for part in _begun(tool) for action in head(part)]
    return bool(actions) and all(
        VERBS[action.verb] in _LOOKING and sense(action, known.trades).risk_class is _READ for action in actions
    )


def _begun(tool: Tool) -> list[str]:
    """The first sentence of the description that is not praise, if there is one."""
    return [part for part in sentences(tool.description) if not is_praise(part)][:1]


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
    "text csv json yaml xml html pdf markdown md docx doc xlsx excel word png jpg jpeg svg webp base64 hex rgb "
    "code sql timestamp date time unix string number binary decimal ascii latex url toml toon figma prompt"
)


def _heading(bare: Sequence[str], tool: Tool) -> list[Action]:
    """The verb of a name that is also the description's, among several (`pipeline_trigger_get`: `Get a …`); none where
    the name has one that destroys or pays."""
    verbs = [word for word in bare if word in VERBS]
    if len(verbs) < 2 or any(VERBS[word] in _GRAVE and STRICT[word] == 2 for word in verbs):
        return []
    said = next((actions[0].verb for part in _begun(tool) if (actions := head(part))), "")
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
    if spaces and not any(word in VERBS or word in THINGS_READ for word in words):
        words = tokens(name)
    elif spaces and words[0] in VERBS:
        around = (word for space in spaces for word in tokens(space) if word not in VERBS)
        words = (words[0], *around, *words[1:])
    while len(words) > 1 and words[-1].isdigit():
        words = words[:-1]
    while len(words) > 1 and (
        words[0] in known.prefixes or (words[0] in known.server and any(word in VERBS for word in words[1:]))
    ):
        words = words[1:]
    return words[:-1] if len(words) > 1 and words[-1] == "tool" and not any(word in VERBS for word in words) else words


_GUIDES: Final = things("guide guidance docs documentation instructions practices tutorial faq help examples reference")
_PROCESSES: Final = frozenset({Family.ROLL, Family.RUN, Family.CONTROL, Family.CHANGE})
_GENERIC: Final = things("code command generic raw tool session any custom")
_AGENTS: Final = things("agent subagent assistant copilot autopilot")
_ASKING: Final = things("can is are has have does do should was will did")
_SPACES: Final = re.compile(r"[./:]+|__+")
