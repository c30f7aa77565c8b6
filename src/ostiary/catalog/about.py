"""What a list of tools does not say about its server: package, publisher, licence. Out of a file that people write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from ostiary.catalog.slugs import is_slug
from ostiary.errors import ConfigurationError

__all__ = ["SHIPPED", "About", "Facts", "SavedList", "Standing", "load"]

SHIPPED: Final = Path(__file__).with_name("about.yaml")
"""What this package knows of published servers."""


class Standing(StrEnum):
    """Who stands behind a server."""

    OFFICIAL = "official"
    REFERENCE = "reference"
    COMMUNITY = "community"
    ARCHIVED = "archived"
    UNKNOWN = "unknown"


class SavedList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A saved list of tools: its file's name, the published version it is from, and when the server answered it."""

    file: str
    version: str = ""
    scanned: str = ""


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One server. `names` are what it calls itself; `launch` is the command that starts it, capitals to be filled in;
    `remarks` are sentences. Empty means that nobody said."""

    title: str = ""
    summary: str = ""
    names: tuple[str, ...] = ()
    package: str = ""
    registry: str = ""
    publisher: str = ""
    standing: Standing = Standing.UNKNOWN
    licence: str = ""
    homepage: str = ""
    repository: str = ""
    launch: tuple[str, ...] = ()
    credentials: str = ""
    remarks: tuple[str, ...] = ()
    lists: tuple[SavedList, ...] = ()


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    servers: Mapping[str, Facts]


class About:
    """Facts by the server's short name, and which server a list is from."""

    def __init__(self, servers: Mapping[str, Facts]) -> None:
        self.servers = servers
        self._files = {saved.file: (slug, saved) for slug, facts in servers.items() for saved in facts.lists}
        self._names = {name: slug for slug, facts in servers.items() for name in facts.names}

    def saved(self, file: str) -> tuple[str, SavedList] | None:
        """The server that a saved list of this file name is from, and what is known of the list."""
        return self._files.get(file)

    def named(self, name: str) -> str | None:
        """The server that calls itself so."""
        return self._names.get(name) or (name if name in self.servers else None)

    def of(self, server: str, name: str) -> Facts:
        """What is known of a server with this short name; else of one that calls itself so, but for its title."""
        if server in self.servers or name not in self._names:
            return self.servers.get(server, Facts())
        return msgspec.structs.replace(self.servers[self._names[name]], title=server)

    def with_more(self, others: About) -> About:
        """These facts and others; of a server that both have, the others'."""
        return About({**self.servers, **others.servers})


def load(path: Path) -> About:
    """The facts in a YAML or JSON file. Raises `ConfigurationError` with the place of what is wrong."""
    from ostiary.policy.document import read

    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        found = msgspec.convert(read(text, str(path)).plain(), _Document)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: {error}; see docs/catalog.md for what the file may hold") from None
    for slug, facts in found.servers.items():
        _prove(path, slug, facts)
    return About(found.servers)


_WEB: Final = re.compile(r"https?://[^\s<>\"']+")


def _prove(path: Path, slug: str, facts: Facts) -> None:
    if not is_slug(slug):
        raise ConfigurationError(f"{path}: server `{slug}`: a short name has a-z, 0-9, `-` and `_`")
    for key, link in (("homepage", facts.homepage), ("repository", facts.repository)):
        if link and not _WEB.fullmatch(link):
            raise ConfigurationError(f"{path}: server `{slug}`: `{key}` is no http or https address: {link!r}")
