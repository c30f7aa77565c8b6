"""Names for files and addresses, from whatever a server calls its tools."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

__all__ = ["is_safe", "is_slug", "slug_of", "slugs"]

_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_HASHED: Final = re.compile(r".*-[0-9a-f]{16}")
_TAKEN: Final = frozenset(
    ["index", "con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)
"""What a server's folder has itself, and what Windows has no files for."""


def is_slug(name: str) -> bool:
    """Whether a name can stand as it is: lower case, short, and nothing that a file system reads in its own way."""
    return bool(_PLAIN.fullmatch(name)) and name not in _TAKEN and not _HASHED.fullmatch(name)


def is_safe(slug: str) -> bool:
    """Whether a slug, ours or another's, is the name of one folder and nothing else."""
    return bool(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", slug)) and slug not in _TAKEN


def slug_of(name: str, nth: int = 0) -> str:
    """The slug of a name, the same for ever. `nth` counts earlier tools of the same name.

    A name that cannot stand as it is gets a digest of its exact characters, so that two names that differ in case, in
    an invisible character or in a slash have two slugs on every file system.
    """
    if nth == 0 and is_slug(name):
        return name
    exact = f"{nth}\0{name}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(exact).hexdigest()[:16]
    plain = unicodedata.normalize("NFKD", name[:200]).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:60].rstrip("-_")
    return f"{words or 'tool'}-{digest}"


def slugs(names: Iterable[str]) -> list[str]:
    """A slug for each name, in their order, no two alike."""
    found: list[str] = []
    seen: set[str] = set()
    for name in names:
        nth = 0
        while (slug := slug_of(name, nth)) in seen:
            nth += 1
        seen.add(slug)
        found.append(slug)
    return found
