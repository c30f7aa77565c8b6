"""What would be done to each file, before anything is: the new text, and how to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ostiary.clients.documents.document import Tangled
from ostiary.clients.documents.read import reader_of
from ostiary.clients.edits import Edited, apply, member, undo
from ostiary.clients.entry import Entry
from ostiary.clients.files import Original
from ostiary.clients.journal import Deed
from ostiary.clients.rewrite import Guard, Unguardable, guarded

__all__ = ["Change", "Refusal", "put_before", "take_back"]


class Refusal(msgspec.Struct, frozen=True):
    """An entry that stays as it is, and why."""

    file: Path
    name: str
    why: str


class Change(msgspec.Struct, frozen=True):
    """One file: its new text, what was done to which entry (or taken back), what was left alone, and which deeds are
    about entries that are not there any more."""

    original: Original
    text: str
    deeds: tuple[Deed, ...]
    refusals: tuple[Refusal, ...] = ()
    gone: tuple[Deed, ...] = ()


def put_before(original: Original, guards: Sequence[tuple[Entry, Guard]]) -> Change:
    """Ostiary before these servers of one file; those that cannot be are left alone."""
    text, deeds, refusals = original.text, list[Deed](), list[Refusal]()
    read = reader_of(original.file)
    for entry, guard in guards:
        try:
            text, done = apply(text, guarded(entry, guard), read)
        except (Unguardable, Tangled) as error:
            refusals.append(Refusal(original.file, entry.name, str(error) or "it is written in an unusual way"))
            continue
        deeds.append(Deed(entry.client.id, original.file, entry.path, guard.policy, done))
    return Change(original, text, tuple(deeds), tuple(refusals))


def take_back(original: Original, deeds: Sequence[Deed]) -> Change:
    """The file with these deeds undone, the last one first; an entry that was edited since stays as it is."""
    text, undone, refusals = original.text, list[Deed](), list[Refusal]()
    read = reader_of(original.file)
    gone = tuple(deed for deed in deeds if not _is_there(original, deed))
    for deed in reversed([deed for deed in deeds if deed not in gone]):
        try:
            text = undo(text, deed.edits, read)
        except (Edited, Tangled):
            where = f"; how it was is in {deed.backup}" if deed.backup else ""
            why = f"it is not as `ostiary init` wrote it; undo it by hand{where}"
            refusals.append(Refusal(original.file, deed.name, why))
            continue
        undone.append(deed)
    return Change(original, text, tuple(undone), tuple(refusals), gone)


def _is_there(original: Original, deed: Deed) -> bool:
    try:
        member(original.document().data, deed.path)
    except LookupError:
        return False
    return True
