"""Changes to an entry, each of which can be taken back: by value, so that it does not matter if the client has written
its file anew meanwhile, and with the original spelling, so that it is the same bytes where it has not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from ostiary.clients.documents.document import Document, KeyPath, Splice, Tangled, spliced
from ostiary.model import JSON

__all__ = ["Add", "Edit", "Edited", "Prepend", "Rename", "Replace", "Undoable", "apply", "member", "undo"]


class Rename(msgspec.Struct, frozen=True, tag="rename"):
    """The member at `path` gets another key."""

    path: KeyPath
    key: str


class Replace(msgspec.Struct, frozen=True, tag="replace"):
    """The member at `path` gets another value."""

    path: KeyPath
    value: Any


class Prepend(msgspec.Struct, frozen=True, tag="prepend"):
    """The list at `path` gets items before its own."""

    path: KeyPath
    items: tuple[str, ...]


class Add(msgspec.Struct, frozen=True, tag="add"):
    """A member is new at `path`, behind its neighbour `after`."""

    path: KeyPath
    after: str
    value: Any


Edit: TypeAlias = "Rename | Replace | Prepend | Add"


class Undoable(msgspec.Struct, frozen=True):
    """An edit that was made, and how what it replaced was spelt: each key of a `Rename`, the value of a `Replace`."""

    edit: Edit
    was: tuple[str, ...] = ()


class Edited(Exception):
    """What an edit had written is not there any more: somebody has changed it since."""


Reader: TypeAlias = Callable[[str], Document]


def apply(text: str, edits: Sequence[Edit], read: Reader) -> tuple[str, tuple[Undoable, ...]]:
    """The text with the edits made, in order. Raises `Tangled` where one cannot be."""
    done = []
    document = read(text)
    for edit in edits:
        splices = _splices(document, edit)
        was = [text[splice.start : splice.end] for splice in splices] if isinstance(edit, Rename | Replace) else ()
        done.append(Undoable(edit, tuple(was)))
        text = spliced(text, splices)
        expected, document = _changed(document.data, edit), read(text)
        if document.data != expected:
            raise Tangled("it is written in an unusual way")
    return text, tuple(done)


def undo(text: str, done: Sequence[Undoable], read: Reader) -> str:
    """The text with the edits taken back, the last one first. Raises `Edited`, or `Tangled` where one cannot be."""
    for one in reversed(done):
        document = read(text)
        if not _still_there(document.data, one.edit):
            raise Edited
        text = spliced(text, _inverse(document, one))
    return text


def member(data: JSON, path: KeyPath) -> Any:
    """The value at a path. Raises `LookupError`."""
    found: Any = data
    for key in path:
        if not isinstance(found, Mapping):
            raise LookupError(key)
        found = found[key]
    return found


def _splices(document: Document, edit: Edit) -> list[Splice]:
    match edit:
        case Rename(path, key):
            return [Splice(*span, document.key_literal(key)) for span in document.keys(path)]
        case Replace(path, value):
            return [Splice(*document.value(path), document.literal(value))]
        case Prepend(path, items):
            return [document.prepend(path, items)]
        case Add(path, after, value):
            return [document.add((*path[:-1], after), path[-1], value)]


def _inverse(document: Document, one: Undoable) -> list[Splice]:
    match one.edit:
        case Rename(path, key):
            spans = document.keys((*path[:-1], key))
            was = one.was if len(one.was) == len(spans) else [document.key_literal(path[-1])] * len(spans)
            return [Splice(*span, spelling) for span, spelling in zip(spans, was, strict=True)]
        case Replace(path):
            return [Splice(*document.value(path), one.was[0])]
        case Prepend(path, items):
            return [document.without_first(path, len(items))]
        case Add(path):
            return [document.without(path)]


def _still_there(data: JSON, edit: Edit) -> bool:
    try:
        match edit:
            case Rename(path, key):
                parent = member(data, path[:-1])
                return key in parent and path[-1] not in parent
            case Replace(path, value) | Add(path, _, value):
                return bool(member(data, path) == value)
            case Prepend(path, items):
                return list(member(data, path)[: len(items)]) == list(items)
    except (LookupError, TypeError):
        return False


def _changed(data: JSON, edit: Edit) -> JSON:
    """What the data must be once the edit is made: whatever else has changed is a mistake of ours."""
    parent = dict(member(data, edit.path[:-1]))
    key = edit.path[-1]
    match edit:
        case Rename(_, new):
            parent[new] = parent.pop(key)
        case Replace(_, value) | Add(_, _, value):
            parent[key] = value
        case Prepend(_, items):
            parent[key] = [*items, *parent[key]]
    return _with(data, edit.path[:-1], parent)


def _with(data: JSON, path: KeyPath, value: Mapping[str, Any]) -> JSON:
    if not path:
        return value
    parent = member(data, path[:-1])
    return _with(data, path[:-1], {**parent, path[-1]: value})
