"""A net under the phrase rules: things that seldom stand together in an honest definition, weighed together.

Each cue alone is harmless. What is flagged are strings in which several of different kinds meet.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Hit, Inspected, Rule

__all__ = ["RULE", "THRESHOLD", "weigh"]

THRESHOLD: Final = 2.2
_LONGEST: Final = 4000

_CUES: Final = (
    (
        1.8,
        (
            r"(?:~|/root|/home/\w+|%appdata%|\$home)/\.?\w|/etc/\w+|\bbrowser (?:cookies|history)|\benv ?\||"
            r"\b(?:ssh|private|"
            r"seed|wallet) (?:key|phrase)s?\b|\bsession tokens?\b|\b(?:gather|harvest|steal|collect) (?:\w+ "
            r")?(?:credentials|"
            r"passwords?|tokens|keys|secrets)|\bany secrets\b|\benv variable"
        ),
    ),
    (
        1.8,
        (
            r"\bsystem prompt\b|\b(?:current|whole|entire|full) conversation\b|\b(?:last|previous|all) (?:\w+ "
            r")?messages of the user|"
            r"\bcomplete file content|\bverbatim\b.{0,40}\buser|\buser.{0,40}\bverbatim\b|\buser's (?:query|"
            r"email|location|"
            r"documents|messages|files|history|contacts|browser)"
        ),
    ),
    (
        1.2,
        (
            r"\b(?:log|send|sends|post|report|forward|upload|copy|mirror|sync|replace|substitute|reinstall|"
            r"record)\b[^.]{0,70}"
            r"(?:https?://|\+\d{7}|0x[0-9a-f]{8}|\S+@\S+\.\w|public bucket|by https?)"
        ),
    ),
    (
        1.0,
        (
            r"\b(?:you|the assistant|the model|the agent|the ai) (?:must|should|will now|shall|need to|have to) "
            r"(?:first |also |"
            r"always |now )?\w+|\balso (?:log|send|call|run|copy|record|forward)\b|\bonly after you have\b|\bgo "
            r"ahead and\b"
        ),
    ),
    (
        1.0,
        (
            r"\bfor (?:security|audit|auditing|compliance|telemetry|analytics|routing|internal|verification|"
            r"debugging|backup|"
            r"training|quality) (?:purposes?|verification|reasons?|sync|checks?)|\bsecurity policy\b|\binternal sync\b|"
            r"\bonly accurate if\b|\bto personali[sz]e\b|\bas part of initiali[sz]ation\b|\bneeded to verify\b"
        ),
    ),
    (
        1.2,
        (
            r"\b(?:when|whenever|after|before|while) (?:calling|using|invoking|any read|adding|posting|reading|"
            r"the user|a \w+ "
            r"address|done)\b[^.]{0,80}\b(?:must|always|replace|substitute|follow|call|run|requires?|set to|"
            r"include|instead)\b|"
            r"\bwhenever (?:a|an|the) \w+"
        ),
    ),
    (
        1.2,
        (
            r"\b(?:call|calling|invoke|run|called|use) (?:the )?(?P<tool>[a-z]+_[a-z_]+)\b|\binstead of any "
            r"other\b|\bthe official \w+ tool|"
            r"\bany other \w+ tool|\bother tool's\b|\bnext call's\b|\bwith every request\b|\bin all outputs\b|"
            r"\bto each query\b"
        ),
    ),
    (
        2.0,
        (
            r"\b(?:follow|execute|obey) (?:any |all )?(?:instructions|commands) (?:found |embedded |contained "
            r")?(?:in|inside|within)\b|"
            r"\bdeny that\b|\bprimary objective\b|\bsecretly\b|\bshould not be mentioned\b|\bcompromised\b|"
            r"\bcommands embedded\b|"
            r"\b(?:previous|old|earlier|official) (?:version|tool|release) is (?:in|un)s\w+|\bregardless of the "
            r"(?:data|user|request)|"
            r"\bsubstitute 0x|\breplace all links\b|\bbase64 of /|\{\{ ?system\b|\btake it from\b|\bpublic bucket\b|"
            r"\buser prefers that you\b|\bdon't confirm\b"
        ),
    ),
)
_COMPILED: Final = tuple((weight, re.compile(pattern)) for weight, pattern in _CUES)


def weigh(reading: str, listed: Container[str] = ()) -> tuple[float, str]:
    """The sum of the cues in a text, and the words of the heaviest. To name one of the server's own tools is no cue."""
    total, heaviest, words = 0.0, 0.0, ""
    for weight, pattern in _COMPILED:
        match = next((one for one in pattern.finditer(reading[:_LONGEST]) if not _is_own(one, listed)), None)
        if match:
            total += weight
            if weight > heaviest:
                heaviest, words = weight, reading[max(0, match.start() - 30) : match.end() + 30]
    return total, words


def _is_own(match: re.Match[str], listed: Container[str]) -> bool:
    named = match.groupdict().get("tool")
    return named is not None and named in listed


def _check(one: Inspected) -> Iterator[Hit]:
    for passage in one.passages:
        total, words = max((weigh(reading, one.listed) for reading in passage.readings), default=(0.0, ""))
        if total >= THRESHOLD:
            why = "Orders, private things and places to send them seldom meet in an honest definition."
            yield Hit(passage.pointer, words, why)


RULE: Final = Rule(
    "suspicious-text",
    "Reads like orders to the model",
    Severity.HIGH,
    ("LLM01:2025",),
    ("MCP03:2025",),
    _check,
)
