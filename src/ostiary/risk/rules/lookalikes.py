"""Words that look Latin and are not, and encoded text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Hit, Inspected, Rule

__all__ = ["ENCODED", "LOOKALIKES"]

_MIXED: Final = re.compile(
    r"[^\W\d_]{0,20}(?:[A-Za-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][A-Za-z])[^\W\d_]{0,20}"
)
_UNITS: Final = re.compile(r"[μΩµΔπσλαβγθ]")
_WIDE: Final = re.compile(r"[\uff21-\uff3a\uff41-\uff5a]{4,}|[\U0001D400-\U0001D7FF]{4,}")


def _lookalikes(one: Inspected) -> Iterator[Hit]:
    for passage in one.passages:
        if passage.text.isascii():
            continue
        for pattern in (_MIXED, _WIDE):
            match = pattern.search(passage.text)
            if match and not (len(match[0]) <= 4 and _UNITS.search(match[0])):
                yield Hit(passage.pointer, match[0], "The word mixes alphabets: it reads like another word than it is.")
                break


def _encoded(one: Inspected) -> Iterator[Hit]:
    for passage in one.passages:
        for reading in passage.readings[1:]:
            if (
                " " in reading
                and reading[:60] not in passage.readings[0]
                and not _is_leet(passage.readings[0], reading)
            ):
                yield Hit(
                    passage.pointer, reading, "Encoded text is for the model alone: a reader cannot see what it says."
                )
                break


def _is_leet(plain: str, reading: str) -> bool:
    """Whether a reading only differs by digits for letters, as it does wherever words hold digits."""
    return len(plain) == len(reading)  # a name whose words are set apart is as long, too


LOOKALIKES: Final = Rule(
    "lookalike-characters", "Lookalike characters", Severity.HIGH, ("LLM01:2025",), ("MCP03:2025",), _lookalikes
)
ENCODED: Final = Rule("encoded-text", "Encoded text", Severity.HIGH, ("LLM01:2025",), ("MCP03:2025",), _encoded)
