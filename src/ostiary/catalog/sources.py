"""Where lists of tools come from: saved lists, directories of them, and a registry's records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from ostiary.catalog.about import About
from ostiary.catalog.listing import Listing, from_document, read_file
from ostiary.catalog.slugs import is_safe, slug_of
from ostiary.catalog.snapshot import Snapshot, is_time
from ostiary.errors import ConfigurationError
from ostiary.model import JSON

__all__ = ["RECORD", "gather", "record_of", "snapshot_of"]

RECORD: Final = "ostiary-catalog-record"
"""What a registry's files say they are, in `kind`."""

_SUFFIX: Final = re.compile(r"\.json", re.IGNORECASE)


def gather(paths: Sequence[Path], about: About, at: str) -> list[Snapshot]:
    """The lists in files, and in all JSON files below directories. `at` is when those that do not say it were scanned.
    Raises `ConfigurationError` for a file without a list."""
    return [_read(file, about, at) for path in paths for file in _files(path)]


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(file for file in path.rglob("*") if _SUFFIX.fullmatch(file.suffix) and file.is_file())
    if not found:
        raise ConfigurationError(f"{path}: no JSON files in it; give lists of tools, or a registry that has some")
    yield from found


def _read(path: Path, about: About, at: str) -> Snapshot:
    document = read_file(path)
    if isinstance(document, Mapping) and document.get("kind") == RECORD:
        return _from_record(document, path)
    if isinstance(document, Mapping) and "grade" in document and "tools" in document:
        raise ConfigurationError(
            f"{path}: the result of a scan has no definitions to show; give the list of tools that was scanned"
        )
    listing = from_document(document, path)
    saved = about.saved(path.name)
    if saved is not None:
        slug, known = saved
        return snapshot_of(listing, slug, declared_by(document) or listing.server, known.version, known.scanned or at)
    name = declared_by(document)
    slug = about.named(name) or about.named(listing.server) or slug_of(listing.server.lower())
    return snapshot_of(listing, slug, name or listing.server, listing.version, at)


def snapshot_of(listing: Listing, server: str, name: str, version: str, at: str) -> Snapshot:
    """A list as it was at a time."""
    return Snapshot(server, at, listing.definitions, name, version, listing.notes)


def declared_by(document: JSON) -> str:
    """What the server calls itself in its `initialize` result, where a saved list has it."""
    opening = document.get("initialize") if isinstance(document, Mapping) else None
    info = opening.get("serverInfo") if isinstance(opening, Mapping) else None
    name = info.get("name") if isinstance(info, Mapping) else None
    return name if isinstance(name, str) else ""


def record_of(snapshot: Snapshot) -> dict[str, JSON]:
    """A scan as a registry keeps it."""
    return {"kind": RECORD, "format": 1, **msgspec.structs.asdict(snapshot)}


def _from_record(document: Mapping[str, JSON], path: Path) -> Snapshot:
    try:
        found = msgspec.convert(document, Snapshot)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: not a record of the registry: {error}") from None
    if document.get("format") != 1:
        raise ConfigurationError(f"{path}: a record of another format than 1; a newer ostiary wrote it")
    if not is_safe(found.server) or not is_time(found.scanned):
        raise ConfigurationError(f"{path}: not a record of the registry: `server` or `scanned` is not in order")
    return found
