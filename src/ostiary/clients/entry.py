"""A server as a client has it written down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec

from ostiary.clients.client import Client, Dialect, Place, Scope
from ostiary.clients.documents.document import KeyPath
from ostiary.model import JSON
from ostiary.settings import transport_of

__all__ = ["Entry", "entries_in", "guard_in", "value_in"]


class Entry(msgspec.Struct, frozen=True):
    """`argv` is the whole command line, `url` the address; one of them is there unless there is an `obstacle`: why
    this is nothing that Ostiary could start or stand before. `raw` is the entry as it stands in the file."""

    client: Client
    file: Path
    scope: Scope
    path: KeyPath
    dialect: Dialect
    raw: Mapping[str, Any]
    argv: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    cwd: str | None = None
    is_off: bool = False
    obstacle: str = ""

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def project(self) -> Path | None:
        """The folder that the entry is for, where the file has entries for several."""
        above = self.path[:-2]
        return Path(above[-1]) if above[:-1] == ("projects",) else None

    @property
    def transport(self) -> str:
        if self.argv:
            return "stdio"
        return (self.spoken or transport_of(self.url)) if self.url else "none"

    @property
    def spoken(self) -> str | None:
        """How the URL is spoken to, where the entry says so."""
        kind = str(self.raw.get(self.dialect.kind, "")).lower().replace("_", "").replace("-", "")
        return {"sse": "sse", "http": "http", "streamablehttp": "http"}.get(kind)

    @property
    def inherited(self) -> tuple[str, ...]:
        """The names of the client's own variables that the server gets besides."""
        names = self.raw.get(self.dialect.passed_on) if self.dialect.passed_on else None
        return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list | tuple) else ()

    @property
    def guard(self) -> tuple[str, ...] | None:
        """The arguments of `ostiary run`, where that is what stands here."""
        return guard_in(self.argv)

    @property
    def policy(self) -> Path | None:
        """The policy that Ostiary judges by, where it stands here."""
        words = self.guard or ()
        places = [place for place, word in enumerate(words[:-1]) if word in ("--policy", "-p")]
        return Path(words[places[0] + 1]) if places else None


_RUNNERS: Final = ("uvx", "uv", "pipx", "python", "python3")


def guard_in(argv: Sequence[str]) -> tuple[str, ...] | None:
    """What follows `ostiary run` in a command line, however Ostiary is started; None where it is not."""
    for place, word in enumerate(argv[:6]):
        name = PurePosixPath(word.replace("\\", "/")).name.removesuffix(".exe").partition("@")[0]
        if name == "ostiary" and argv[place + 1 : place + 2] and argv[place + 1] == "run":
            is_program = place == 0 or PurePosixPath(argv[0].replace("\\", "/")).name.startswith(_RUNNERS)
            return tuple(argv[place + 2 :]) if is_program else None
    return None


def entries_in(client: Client, place: Place, data: JSON) -> list[Entry]:
    """Every server in a file's data. What is no mapping is not one."""
    found: dict[KeyPath, Entry] = {}
    for under in place.under:
        for path, members in _mappings(data, under, ()):
            for name, raw in members.items():
                if isinstance(name, str) and isinstance(raw, Mapping) and not _is_nest(client, raw, (*path, name)):
                    found[(*path, name)] = _entry(client, place, (*path, name), raw)
    return list(found.values())


def _is_nest(client: Client, raw: Mapping[str, Any], path: KeyPath) -> bool:
    """`mcp.servers` of OpenCode is a mapping of servers beside servers."""
    return client.id == "opencode" and path == ("mcp", "servers") and all(isinstance(v, Mapping) for v in raw.values())


def _mappings(data: Any, under: KeyPath, path: KeyPath) -> Iterator[tuple[KeyPath, Mapping[Any, Any]]]:
    if not isinstance(data, Mapping):
        return
    if not under:
        yield path, data
        return
    for key in list(data) if under[0] == "*" else [under[0]]:
        if isinstance(key, str) and key in data:
            yield from _mappings(data[key], under[1:], (*path, key))


def _entry(client: Client, place: Place, path: KeyPath, raw: Mapping[str, Any]) -> Entry:
    dialect = client.dialect
    if isinstance(raw.get("command"), Mapping):  # how Zed had it: the command, its arguments and variables within
        dialect = msgspec.structs.replace(
            dialect, command=("command", "path"), args=("command", "args"), env=("command", "env")
        )
    command, arguments = value_in(raw, dialect.command), value_in(raw, dialect.args) if dialect.args else None
    urls = [raw[key] for key in dialect.urls if isinstance(raw.get(key), str) and raw[key]]
    env, headers, cwd = value_in(raw, dialect.env), raw.get(dialect.headers), raw.get("cwd")
    return Entry(
        client,
        place.file,
        place.scope,
        path,
        dialect,
        raw,
        argv=_argv(command, arguments),
        url=urls[0] if urls else "",
        env=_strings(env),
        headers=_strings(headers),
        cwd=cwd if isinstance(cwd, str) and cwd else None,
        is_off=raw.get("disabled") is True or raw.get("enabled") is False,
        obstacle=_obstacle(raw, dialect, command, arguments, urls),
    )


def value_in(raw: Mapping[str, Any], path: KeyPath) -> Any:
    """What stands at a path of an entry; None where nothing does."""
    found: Any = raw
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _argv(command: object, arguments: object) -> tuple[str, ...]:
    words = [command] if isinstance(command, str) else list(command) if isinstance(command, list | tuple) else []
    words += list(arguments) if isinstance(arguments, list | tuple) else []
    return tuple(map(str, words)) if words and words[0] else ()


def _strings(members: object) -> Mapping[str, str]:
    if not isinstance(members, Mapping):
        return {}
    return {str(name): _text(value) for name, value in members.items() if value is not None}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _obstacle(raw: Mapping[str, Any], dialect: Dialect, command: object, arguments: object, urls: list[str]) -> str:
    kind = raw.get(dialect.kind)
    if kind in ("builtin", "platform", "frontend", "inline_python", "extension"):
        return f"part of the client itself ({kind})"
    if not _is_unicode(raw):
        return "text that is no Unicode"
    if not command and not urls:
        return "neither a command nor a URL"
    if command and urls:
        return "both a command and a URL"
    if len(urls) > 1:
        return "two URLs"
    words = [*(command if isinstance(command, list | tuple) else [command])] if command else []
    if not all(isinstance(word, str) for word in words) or (arguments is not None and not _is_words(arguments)):
        return "a command that is no text with a list of texts"
    return ""


def _is_unicode(raw: Mapping[str, Any]) -> bool:
    """JSON can escape half a character, which nothing else can hold."""
    try:
        json.dumps(raw, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_words(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(word, str) for word in value)
