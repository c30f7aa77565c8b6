"""A server's list of tools as it was at one time: what the catalogue is made from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

__all__ = ["Snapshot", "in_order", "is_time"]


class Snapshot(msgspec.Struct, frozen=True):
    """One scan. `server` is the catalogue's short name, `name` what the server calls itself, `version` the published
    one (empty where unknown), `scanned` an ISO 8601 date or time in UTC, `tools` the definitions as they were sent."""

    server: str
    scanned: str
    tools: tuple[Mapping[str, Any], ...]
    name: str = ""
    version: str = ""
    notes: tuple[str, ...] = ()


def in_order(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Oldest first; of one time, by version."""
    return sorted(snapshots, key=lambda one: (one.scanned, _version_key(one.version)))


_TIME: Final = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d)?Z)?)?)?")


def is_time(text: str) -> bool:
    """Whether a text is a year, a month, a day or a time, in UTC: `2026-11`, `2026-11-28T22:19:00Z`."""
    return bool(_TIME.fullmatch(text))


_PARTS: Final = re.compile(r"\d+|[a-z]+")


def _version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Versions as people count: 1.0.9 before 1.0.10, and 2.0rc1 before 2.0 is beyond it."""
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in _PARTS.findall(version.lower()))
