"""What changed in a tool's definition, member by member. Nothing did exactly where the digest is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from ostiary.model import JSON, JSONObject, pointer_to
from ostiary.risk.definition import Place, canonical, place_of
from ostiary.risk.pin import Pin

__all__ = ["Change", "Difference", "Kind", "compare", "compare_lists"]


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(msgspec.Struct, frozen=True):
    """One member that is not as it was. `path` is a JSON Pointer (RFC 6901) into the definition before for what was
    removed, else into the one after; `before` and `after` are None for what was not there, and for null."""

    path: str
    kind: Kind
    before: JSON = None
    after: JSON = None


class Difference(msgspec.Struct, frozen=True):
    """How one tool differs between two lists: it is new (no `before`), gone (no `after`), or defined otherwise. A tool
    that was renamed is one that is gone and one that is new."""

    name: str
    before: Pin | None
    after: Pin | None
    changes: tuple[Change, ...] = ()

    @property
    def kind(self) -> Kind:
        if self.before is None:
            return Kind.ADDED
        return Kind.REMOVED if self.after is None else Kind.CHANGED


def compare(before: JSONObject, after: JSONObject) -> tuple[Change, ...]:
    """What changed between two definitions of a tool, in the order of the paths' members."""
    return tuple(_compare("", before, after, Place.DEFINITION))


def compare_lists(before: Iterable[Pin], after: Iterable[Pin]) -> tuple[Difference, ...]:
    """The tools that differ between two lists, by name. Names are compared exactly."""
    old, new = {pin.name: pin for pin in before}, {pin.name: pin for pin in after}
    found = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            found.append(Difference(name, was, now))
        elif was.digest != now.digest:
            found.append(Difference(name, was, now, compare(was.definition, now.definition)))
    return tuple(found)


def _compare(path: str, before: JSON, after: JSON, place: Place) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _members(path, before, after, place)
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple):
        items = _of_set if place.is_unordered else _of_list
        yield from items(path, before, after, place)
    elif canonical(before, place) != canonical(after, place):
        yield Change(path, Kind.CHANGED, before, after)


def _members(path: str, before: JSONObject, after: JSONObject, place: Place) -> Iterator[Change]:
    for key in sorted(before.keys() | after.keys()):
        inner = pointer_to(path, key)
        if key not in after:
            yield Change(inner, Kind.REMOVED, before=before[key])
        elif key not in before:
            yield Change(inner, Kind.ADDED, after=after[key])
        else:
            was, now = place_of(place, key, before[key]), place_of(place, key, after[key])
            if was is now:
                yield from _compare(inner, before[key], after[key], now)
            else:
                yield Change(inner, Kind.CHANGED, before[key], after[key])


def _of_list(path: str, before: Sequence[JSON], after: Sequence[JSON], place: Place) -> Iterator[Change]:
    """The items between those that both lists begin and end with, one by one."""
    old, new = [canonical(item, place) for item in before], [canonical(item, place) for item in after]
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    was, now = range(head, len(old) - tail), range(head, len(new) - tail)
    yield from _one_by_one(path, before, after, was, now, place)


def _of_set(path: str, before: Sequence[JSON], after: Sequence[JSON], place: Place) -> Iterator[Change]:
    """The items that only one of the lists has. Of schemas, one that went and one that came are compared."""
    inner = Place.SCHEMA if place is Place.SCHEMAS else Place.DATA
    was, now = _only(before, after, inner), _only(after, before, inner)
    if place is Place.SCHEMAS:
        yield from _one_by_one(path, before, after, was, now, inner)
    else:
        yield from (Change(f"{path}/{index}", Kind.REMOVED, before=before[index]) for index in was)
        yield from (Change(f"{path}/{index}", Kind.ADDED, after=after[index]) for index in now)


def _one_by_one(
    path: str, before: Sequence[JSON], after: Sequence[JSON], was: Sequence[int], now: Sequence[int], place: Place
) -> Iterator[Change]:
    paired = min(len(was), len(now))
    for old, new in zip(was, now, strict=False):
        yield from _compare(f"{path}/{new}", before[old], after[new], place)
    for index in was[paired:]:
        yield Change(f"{path}/{index}", Kind.REMOVED, before=before[index])
    for index in now[paired:]:
        yield Change(f"{path}/{index}", Kind.ADDED, after=after[index])


def _shared(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """How many items both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _only(items: Sequence[JSON], others: Sequence[JSON], place: Place) -> list[int]:
    """Where those items stand that the other list has not, or not as often."""
    left = Counter(canonical(item, place) for item in others)
    found = []
    for index, item in enumerate(items):
        form = canonical(item, place)
        if left[form]:
            left[form] -= 1
        else:
            found.append(index)
    return found
