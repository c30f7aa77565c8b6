"""Rules that are lists of phrases: patterns over plain lower-case text, and wordings over its sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from ostiary.risk.rules.finding import Hit, Inspected
from ostiary.risk.rules.sentences import Sentence, Wording, wording
from ostiary.risk.rules.words import NOTIONS

__all__ = ["phrases"]


def phrases(
    patterns: Sequence[str], wordings: str, why: str, *, is_asked: bool = False
) -> Callable[[Inspected], Iterator[Hit]]:
    """A check that looks in every string of a definition, disguised or not, for any of the patterns or wordings (a line
    each)."""
    joined = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
    said = _by_notion(wordings)

    def places(reading: str, sentences: Sequence[Sentence]) -> Iterator[tuple[int, int]]:
        for sentence in sentences:
            worth = (one for notion in sentence.present for one in said.get(notion, ()))
            yield from (place for one in worth if (place := one.find(sentence, is_asked=is_asked)) is not None)
        match = joined.search(reading)
        if match:
            yield match.span()

    def check(one: Inspected) -> Iterator[Hit]:
        for passage in one.passages:
            for number, (reading, sentences) in enumerate(zip(passage.readings, passage.sentences, strict=True)):
                place = next(places(reading, sentences), None)
                if place is not None:
                    quote = reading[max(0, place[0] - 20) : place[1] + 20]
                    yield Hit(passage.pointer, quote, why if number == 0 else f"{why[:-1]}, in disguise.")
                    break

    return check


def _by_notion(wordings: str) -> Mapping[str, Sequence[Wording]]:
    """Wordings by the notion of theirs that the fewest words stand for, so that few are tried on a sentence."""
    found: dict[str, list[Wording]] = {}
    for line in wordings.strip().splitlines():
        one = wording(line)
        rarest = min(sorted(one.needed), key=lambda notion: len(NOTIONS.get(notion.removeprefix("^"), "")))
        found.setdefault(rarest, []).append(one)
    return found
