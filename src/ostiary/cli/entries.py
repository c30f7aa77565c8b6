"""The ledger as people read it: one entry per call, with its outcome, and one per anything else that happened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from fnmatch import fnmatchcase
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import msgspec

from ostiary.ledger.canonical import encode
from ostiary.ledger.chain import OPENED, Link
from ostiary.stores.reading import Stored, connect, newest

OUTCOME: Final = "call.outcome"
INTENT: Final = "call.intent"

_LOOK_BACK: Final = 2000


class Entry(msgspec.Struct, frozen=True):
    """A record, and where it is a call's intent, the outcome if that is known. `place` orders entries."""

    place: int
    time: str
    writer: str
    seq: int
    kind: str
    body: Mapping[str, Any]
    outcome: Mapping[str, Any] | None = None


class Wanted(msgspec.Struct, frozen=True):
    """Which entries are asked for: all that is given must fit. `globs` are for fields of the body; times are those of
    the ledger; `text` is looked for in what was recorded, whatever the case of its letters."""

    globs: Mapping[str, str] = {}
    outcome: str | None = None
    kind: str | None = None
    since: str | None = None
    until: str | None = None
    text: str | None = None

    def fits(self, entry: Entry, link: Link) -> bool:
        outcome = entry.outcome or entry.body
        return (
            (self.kind is None or fnmatchcase(entry.kind, self.kind))
            and (self.until is None or entry.time <= self.until)
            and all(fnmatchcase(str(entry.body.get(key, "")), glob) for key, glob in self.globs.items())
            and (self.outcome is None or outcome.get("outcome") == self.outcome)
            and (self.text is None or self.text.casefold() in _words(entry, link).casefold())
        )


def _words(entry: Entry, link: Link) -> str:
    outcome = "" if entry.outcome is None else encode(entry.outcome).decode()
    return f"{link.kind} {link.body.decode(errors='replace')} {outcome}"


def find(path: Path, wanted: Wanted, count: int, after: int = 0) -> tuple[list[Entry], int]:
    """The newest `count` entries that fit, oldest first, of the records after a place; and the newest record's place.

    Raises `ConfigurationError` if there is no ledger at `path`.
    """
    with closing(connect(path)) as connection:
        records = newest(connection, after=after, since=wanted.since or "")
        first = next(records, None)
        if first is None:
            return [], after
        found: list[Entry] = []
        for entry, link in _entries(chain([first], records)):
            whole = _with_intent(connection, entry) if entry.kind == OUTCOME else entry
            if wanted.fits(whole, link):
                found.append(whole)
            if len(found) >= count:
                break
    return sorted(found, key=lambda entry: entry.place), first.id


def _body(link: Link) -> Mapping[str, Any]:
    """The body; none where somebody changed it so that it cannot be read, which verification has to tell."""
    try:
        body = msgspec.json.decode(link.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _with_intent(connection: sqlite3.Connection, outcome: Entry) -> Entry:
    """An outcome that came long after its intent, with what the intent said if that is not too far back."""
    for stored in islice(newest(connection, before=outcome.place), _LOOK_BACK):
        if stored.link.kind == INTENT:
            body = _body(stored.link)
            if body.get("call") == outcome.body.get("call"):
                return msgspec.structs.replace(outcome, body={**body, **outcome.body}, outcome=outcome.body)
    return outcome


def _entries(records: Iterable[Stored]) -> Iterator[tuple[Entry, Link]]:
    """Entries from the newest to the oldest: an outcome is told with its intent, or by itself if that is not there."""
    outcomes: dict[str, tuple[Entry, Link]] = {}
    for stored in records:
        link = stored.link
        if link.kind == OPENED:
            continue
        body = _body(link)
        entry = Entry(stored.id, link.time, link.writer, link.seq, link.kind, body)
        if link.kind == OUTCOME:
            outcomes[str(body.get("call", ""))] = (entry, link)
        elif link.kind == INTENT and str(body.get("call", "")) in outcomes:
            outcome, _ = outcomes.pop(str(body.get("call", "")))
            yield msgspec.structs.replace(entry, outcome=outcome.body), link
        else:
            yield entry, link
    yield from outcomes.values()
