"""What changed at a server from scan to scan: tools that came, went or changed, their classes, and the grade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise

import msgspec

from ostiary.catalog.snapshot import Snapshot
from ostiary.risk import Assessment, Difference, Kind, compare_lists, pins

__all__ = ["Event", "Happening", "Step", "steps"]


class Happening(StrEnum):
    """What happened."""

    SERVER_ADDED = "server-added"
    TOOL_ADDED = "tool-added"
    TOOL_REMOVED = "tool-removed"
    TOOL_CHANGED = "tool-changed"
    CLASS_CHANGED = "class-changed"
    SEVERITY_CHANGED = "severity-changed"
    GRADE_CHANGED = "grade-changed"


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change. `before` and `after` are classes, severities or grades; `places` are JSON Pointers to what changed in
    a definition."""

    event: Happening
    tool: str = ""
    before: str = ""
    after: str = ""
    places: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True):
    """What a scan found that the one before it had not. `number` is how many tools there are since."""

    at: str
    version: str
    number: int
    grade: str
    events: tuple[Event, ...]
    before: str = ""

    @property
    def is_first(self) -> bool:
        return any(event.event is Happening.SERVER_ADDED for event in self.events)


_MOST_PLACES = 12


def steps(scans: Sequence[tuple[Snapshot, Assessment]]) -> tuple[Step, ...]:
    """The steps of a server's history, newest first. A scan that found nothing new is none, but for the first."""
    if not scans:
        return ()
    first, found = scans[0]
    opening = Event(Happening.SERVER_ADDED, after=found.grade.letter)
    history = [Step(first.scanned, first.version, len(found.tools), found.grade.letter, (opening,))]
    for (old, was), (new, now) in pairwise(scans):
        events = tuple(_events(was, now))
        if events or old.version != new.version:
            history.append(Step(new.scanned, new.version, len(now.tools), now.grade.letter, events, old.version))
    return tuple(reversed(history))


def _events(was: Assessment, now: Assessment) -> Iterator[Event]:
    if was.grade.letter != now.grade.letter:
        yield Event(Happening.GRADE_CHANGED, before=was.grade.letter, after=now.grade.letter)
    for difference in compare_lists(pins(was.tools), pins(now.tools)):
        yield from _of_tool(difference)


def _of_tool(difference: Difference) -> Iterator[Event]:
    before, after, name = difference.before, difference.after, difference.name
    match difference.kind:
        case Kind.ADDED if after is not None:
            yield Event(Happening.TOOL_ADDED, name, after=after.risk_class.value)
        case Kind.REMOVED if before is not None:
            yield Event(Happening.TOOL_REMOVED, name, before=before.risk_class.value)
        case _ if before is not None and after is not None:
            places = tuple(change.path or "/" for change in difference.changes[:_MOST_PLACES])
            yield Event(Happening.TOOL_CHANGED, name, places=places)
            if before.risk_class is not after.risk_class:
                yield Event(Happening.CLASS_CHANGED, name, before.risk_class.value, after.risk_class.value)
            if before.severity is not after.severity:
                yield Event(Happening.SEVERITY_CHANGED, name, before.severity.value, after.severity.value)
        case _:
            return
