"""Characters that a reader does not see and a model does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Hit, Inspected, Rule

__all__ = ["RULE"]

_TAGS: Final = re.compile(r"(?<![\U0001F3F4])[\U000E0001-\U000E007F]+")
_DIRECTION: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE: Final = re.compile(
    r"(?<=[A-Za-z0-9])[\u200b\u200c\u200d\u2060-\u2064\u00ad\ufeff\u180e]+(?=[A-Za-z0-9])|[\u200b\u2060\ufeff]{3,}"
)
_SELECTORS: Final = re.compile(r"[\ufe00-\ufe0f\U000E0100-\U000E01EF]{2,}|[\U000E0100-\U000E01EF]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x9f]")
_PRIVATE: Final = re.compile(r"[\ue000-\uf8ff\U000F0000-\U0010FFFD]{4,}")
_FAR: Final = re.compile(r"\S(?:[ \t]{200,}|(?:[ \t\r]*\n){25,})")

_KINDS: Final = (
    (_TAGS, "Tag characters are invisible, and spell out text for a model."),
    (_DIRECTION, "Characters that turn the direction of writing make text read otherwise than it is."),
    (_INVISIBLE, "Invisible characters inside words hide them from search and review."),
    (_SELECTORS, "A run of variation selectors carries hidden data."),
    (_CONTROL, "Control characters change what a terminal shows."),
    (_PRIVATE, "Characters of private use have no agreed meaning."),
    (_FAR, "A long blank pushes the rest out of sight."),
)


def _check(one: Inspected) -> Iterator[Hit]:
    for passage in one.passages:
        for pattern, why in _KINDS:
            match = pattern.search(passage.text) if not passage.text.isascii() or pattern in (_CONTROL, _FAR) else None
            if match:
                yield Hit(passage.pointer, passage.text[max(0, match.start() - 20) : match.end() + 20], why)
                break


RULE: Final = Rule("hidden-characters", "Hidden characters", Severity.HIGH, ("LLM01:2025",), ("MCP03:2025",), _check)
