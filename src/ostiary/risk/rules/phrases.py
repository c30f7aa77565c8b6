"""Rules that are lists of phrases: each phrase is a pattern over plain lower-case text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ostiary.risk.rules.finding import Hit, Inspected

__all__ = ["phrases"]


def phrases(patterns: Sequence[str], why: str) -> Callable[[Inspected], Iterator[Hit]]:
    """A check that looks for any of the patterns in every string of a definition, disguised or not."""
    joined = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))

    def check(one: Inspected) -> Iterator[Hit]:
        for passage in one.passages:
            for number, reading in enumerate(passage.readings):
                match = joined.search(reading)
                if match:
                    start = max(0, match.start() - 20)
                    quote = reading[start : match.end() + 20]
                    yield Hit(passage.pointer, quote, why if number == 0 else f"{why[:-1]}, in disguise.")
                    break

    return check
