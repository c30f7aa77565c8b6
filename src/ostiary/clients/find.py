"""All servers on this machine: every file of every client, read and understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ostiary.clients.client import Client, Place
from ostiary.clients.entry import Entry, entries_in
from ostiary.clients.files import Original
from ostiary.clients.known import CLIENTS
from ostiary.clients.surroundings import Surroundings
from ostiary.errors import ConfigurationError

__all__ = ["Found", "Unread", "find"]


class Found(msgspec.Struct, frozen=True):
    """A file that is there, and the servers in it."""

    client: Client
    place: Place
    original: Original
    entries: tuple[Entry, ...]


class Unread(msgspec.Struct, frozen=True):
    """A file that is there and cannot be used; `error` says where and why in a line."""

    client: Client
    file: Path
    error: str


def find(here: Surroundings, clients: Iterable[Client] = CLIENTS) -> Iterator[Found | Unread]:
    """Every configuration file that is there, client by client. A file that two ways lead to is found once."""
    seen: set[tuple[str, Path]] = set()
    for client in clients:
        for place in client.places(here):
            if (client.id, place.file) in seen or not place.file.is_file():
                continue
            seen.add((client.id, place.file))
            try:
                original = Original.read(place.file)
                yield Found(client, place, original, tuple(entries_in(client, place, original.document().data)))
            except ConfigurationError as error:
                yield Unread(client, place.file, str(error))
