"""What stands between a server's tools as they are pinned and as they are: which may be taken, and what it comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from ostiary.model import JSONObject
from ostiary.pins.lock import Lock, is_keepable
from ostiary.risk import Assessment, Difference, Finding, Pin, assess, compare_lists, pins
from ostiary.risk.rules import POISONING

__all__ = ["Review", "accepted", "review", "suspicions"]

_POISONING: Final = frozenset(rule.id for rule in POISONING)


class Review(msgspec.Struct, frozen=True):
    """One server. `before` is None where it is not pinned yet; `notes` say what cannot be pinned at all, and what was
    odd about its list."""

    server: str
    found: Assessment
    before: tuple[Pin, ...] | None
    after: tuple[Pin, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    def findings(self, name: str) -> list[Finding]:
        """What is wrong with a tool as it is now."""
        return [finding for finding in self.found.findings if finding.tool == name]


def review(server: str, lock: Lock, definitions: Sequence[JSONObject], notes: Iterable[str] = ()) -> Review:
    """Compare a server's list with its pins. A name that another pinned server has is found to shadow it."""
    others = {name: other for other, tools in lock.servers.items() if other != server for name in tools}
    found = assess(server, definitions, others)
    after = pins(found.tools)
    kept = tuple(pin for pin in after if is_keepable(pin))
    said = [*notes, *_left_out(found, after, kept)]
    known = lock.servers.get(server)
    before = None if known is None else tuple(known.values())
    return Review(server, found, before, kept, compare_lists(before or (), kept), tuple(said))


def suspicions(difference: Difference) -> tuple[str, ...]:
    """The rules that found text for the model in a tool as it is now, and had not in what was approved."""
    if difference.after is None:
        return ()
    known = set() if difference.before is None else set(difference.before.findings)
    return tuple(rule for rule in difference.after.findings if rule in _POISONING and rule not in known)


def accepted(before: Iterable[Pin], taken: Iterable[Difference]) -> dict[str, Pin]:
    """The pins once these differences are approved: what is gone goes, what is new or changed is as it is now."""
    result = {pin.name: pin for pin in before}
    for difference in taken:
        if difference.after is None:
            result.pop(difference.name, None)
        else:
            result[difference.name] = difference.after
    return result


def _left_out(found: Assessment, after: Sequence[Pin], kept: Sequence[Pin]) -> list[str]:
    counts = Counter(one.tool.name for one in found.tools)
    named = {pin.name for pin in after}
    notes = [
        f"`{name}` is listed more than once, with different definitions"
        for name in counts
        if name not in named and name
    ]
    if counts[""]:
        notes.append(f"{counts['']} tools have no name")
    deep = sorted(named - {pin.name for pin in kept})
    return notes + [f"the definition of `{name}` nests too deep, or has too long a number, to be kept" for name in deep]
