"""What a server listed: its tools as it defined them, page by page or out of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from ostiary.errors import ConfigurationError, WireError
from ostiary.model import JSON, JSONObject
from ostiary.wire.json import Bounds, parse

__all__ = ["Collected", "Listing", "Page", "from_document", "from_file", "page_of", "read_file"]

_FILE_BOUNDS: Final = Bounds(size=256 * 1024 * 1024, depth=200)


class Listing(msgspec.Struct, frozen=True):
    """`definitions` are tools as the server sent them; `notes` say what was odd about the list, one sentence each."""

    definitions: tuple[JSONObject, ...]
    server: str = ""
    version: str = ""
    notes: tuple[str, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """One page: what it holds that can be tools, where the next begins, and what was odd."""

    definitions: tuple[JSONObject, ...]
    cursor: JSON = None
    notes: tuple[str, ...] = ()


def page_of(result: JSONObject) -> Page:
    """One result of `tools/list`."""
    tools, cursor = result.get("tools"), result.get("nextCursor")
    if isinstance(tools, str) or not isinstance(tools, Sequence):
        return Page((), None, ("a page of the list has no `tools`",))
    definitions = tuple(tool for tool in tools if isinstance(tool, Mapping))
    strays = len(tools) - len(definitions)
    notes = [f"{strays} entries of the list are no objects"] if strays else []
    if cursor is not None and not isinstance(cursor, str):
        notes.append("`nextCursor` is no string; the pages after it were not asked for")
        cursor = None
    return Page(definitions, cursor, tuple(notes))


class Collected:
    """Pages as they come, up to a number of pages and tools."""

    def __init__(self, most_pages: int, most_tools: int) -> None:
        self._most_pages = most_pages
        self._most_tools = most_tools
        self._definitions: list[JSONObject] = []
        self._notes: dict[str, None] = {}
        self._cursors: set[str] = set()
        self.pages = 0

    def note(self, words: str) -> None:
        self._notes[words] = None

    def add(self, page: Page) -> str | None:
        """Take a page; the cursor of the next one to ask for, None where there is none, or none that is worth it."""
        self.pages += 1
        self._definitions += page.definitions
        for words in page.notes:
            self.note(words)
        cursor = page.cursor if isinstance(page.cursor, str) else None
        if len(self._definitions) > self._most_tools:
            self.note(f"the server lists more than {self._most_tools} tools; the rest was not looked at")
            del self._definitions[self._most_tools :]
            return None
        if cursor is None:
            return None
        if cursor in self._cursors:
            self.note("the pages of the list go round in a circle")
            return None
        if self.pages >= self._most_pages:
            self.note(f"the list has more than {self._most_pages} pages; the rest was not looked at")
            return None
        self._cursors.add(cursor)
        return cursor

    def listing(self, server: JSONObject) -> Listing:
        name, version = server.get("name"), server.get("version")
        return Listing(
            tuple(self._definitions),
            name if isinstance(name, str) else "",
            version if isinstance(version, str) else "",
            tuple(self._notes),
        )


def from_file(path: Path) -> Listing:
    """The tools in a file: a `tools/list` result, an object with `tools`, or an array. Raises `ConfigurationError`."""
    return from_document(read_file(path), path)


def read_file(path: Path) -> JSON:
    """The JSON in a file. Raises `ConfigurationError`."""
    try:
        return parse(path.read_bytes(), _FILE_BOUNDS)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}") from None
    except WireError as error:
        raise ConfigurationError(f"{path}: {error.message}") from None


def from_document(document: JSON, path: Path) -> Listing:
    """The tools in the document of a file. Raises `ConfigurationError`."""
    about = document if isinstance(document, Mapping) else {}
    found = document
    for key in ("result", "tools"):
        if isinstance(found, Mapping) and key in found:
            found = found[key]
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise ConfigurationError(
            f"{path}: no list of tools; give a `tools/list` result, an object with `tools`, or an array"
        )
    page = page_of({"tools": found})
    name, version = _identity(about)
    return Listing(page.definitions, name or path.stem, version, page.notes)


def _identity(document: JSONObject) -> tuple[str, str]:
    """The server's name and version, where a saved list says them beside its tools."""
    opening = document.get("initialize")
    info = (opening if isinstance(opening, Mapping) else document).get("serverInfo")
    name, version = document.get("server"), None
    if isinstance(info, Mapping):
        name, version = name or info.get("name"), info.get("version")
    return name if isinstance(name, str) else "", version if isinstance(version, str) else ""
