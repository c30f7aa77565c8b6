"""A verb with what it is done to, as a name or a sentence has it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ostiary.risk.nouns import singular

__all__ = ["Action", "things_of"]


class Action(msgspec.Struct, frozen=True):
    """`objects` are nouns, plural and singular; `quote` is verbatim; `qualified` are the words right after the
    verb, and `purpose` the sentence as far as it may say what for."""

    verb: str
    objects: frozenset[str]
    quote: str
    qualified: str = ""
    purpose: str = ""

    @property
    def source(self) -> frozenset[str]:
        """What it is done away `from`, as far as the words after the verb say."""
        _, _, rest = f" {self.qualified} ".partition(" from ")
        return things_of(rest.split()[:6])


def things_of(words: Iterable[str]) -> frozenset[str]:
    """Nouns with their singular forms."""
    return frozenset(form for word in words for form in (word, singular(word)))
