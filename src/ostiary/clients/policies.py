"""The policies that `ostiary init` writes: one for each server, and the person's from then on."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from ostiary.clients.entry import Entry
from ostiary.errors import ConfigurationError
from ostiary.settings import NAME

__all__ = ["cautious", "place_of", "server_name", "usable", "write"]


def server_name(entry: Entry) -> str:
    """What policy and ledger call the server: as the client does, where that is a name."""
    return entry.name if NAME.fullmatch(entry.name) else _tidy(entry.name)


def place_of(entry: Entry, folder: Path, taken: Collection[Path]) -> Path:
    """A file for the entry's policy, named after client, project and server, that no other entry has."""
    project = entry.project or (_folder_of(entry) if entry.scope == "project" else None)
    words = [entry.client.id, *([_tidy(project.name)] if project else []), server_name(entry)]
    stem = "-".join(words)
    place, count = folder / f"{stem}.yaml", 1
    while place in taken:
        count += 1
        place = folder / f"{stem}-{count}.yaml"
    return place


def usable(place: Path) -> bool:
    """Whether a policy is there already, which is then kept. Raises `ConfigurationError` where it does not load."""
    from ostiary.policy import load

    try:
        text = place.read_bytes()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigurationError(f"{place}: cannot be read: {error.strerror or error}") from None
    load(text, str(place))
    return True


def write(place: Path, entry: Entry, policy: str) -> None:
    """Write a policy where there is none. Raises `ConfigurationError`."""
    title = f"# {entry.client.title}: {server_name(entry)}. Written by `ostiary init`, and yours to edit.\n"
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as file:
            file.write(title + policy)
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigurationError(f"{place}: cannot be written: {error.strerror or error}") from None


def cautious(entry: Entry, why: str) -> str:
    """The policy of a server whose tools are not known: a person sees every call."""
    reason = " ".join(why.split())[:200]
    return (
        f"# Its tools could not be listed ({reason}),\n# so every call waits for a person until you say more here.\n"
        f"version: 1\nname: {server_name(entry)}\ndefault: require_approval\n"
    )


def _folder_of(entry: Entry) -> Path:
    return entry.file.parent if entry.file.parent.name[:1] != "." else entry.file.parent.parent


def _tidy(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:64].strip("-._") or "server"
