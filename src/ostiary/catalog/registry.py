"""A directory that keeps what was found: a JSON file for each scan that found something new."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from ostiary.atomic import write_whole
from ostiary.catalog.about import About
from ostiary.catalog.snapshot import Snapshot, in_order
from ostiary.catalog.sources import gather, record_of
from ostiary.errors import ConfigurationError
from ostiary.risk import digest

__all__ = ["add", "read"]

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def read(directory: Path, server: str = "") -> list[Snapshot]:
    """The scans that a registry keeps, oldest first; of one server, or of all. Raises `ConfigurationError`."""
    place = directory / server if server else directory
    if not place.is_dir():
        if server:
            return []
        raise ConfigurationError(
            f"{directory}: no such registry; `ostiary catalog add --registry {directory}` makes it"
        )
    return in_order(gather([place], About({}), ""))


def add(directory: Path, snapshot: Snapshot) -> Path | None:
    """Keep a scan, in `SERVER/TIME-VERSION.json`; None if the newest one, or one of this time, found the same. Raises
    `ConfigurationError`."""
    place = directory / snapshot.server
    known = read(directory, snapshot.server) if any(place.glob("*.json")) else []
    if any(_same(one, snapshot) for one in known if one is known[-1] or one.scanned == snapshot.scanned):
        return None
    words = re.sub(r"[^0-9A-Za-z.]+", "-", f"{snapshot.scanned}-{snapshot.version}").strip("-.")
    path = place / f"{words}.json"
    if path.exists():
        raise ConfigurationError(
            f"{path}: a scan of this time and version is there already; give another time with --at"
        )
    text = msgspec.json.format(_ENCODER.encode(record_of(snapshot)), indent=1)
    try:
        place.mkdir(parents=True, exist_ok=True)
        write_whole(path, text + b"\n", 0o644)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror or error}") from None
    return path


def _same(known: Snapshot, new: Snapshot) -> bool:
    """Whether a scan found what another did: the same version, the same definitions in whatever order."""
    return known.version == new.version and sorted(map(digest, known.tools)) == sorted(map(digest, new.tools))
