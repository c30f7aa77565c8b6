"""An entry behind Ostiary: what has to change in it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from ostiary.clients.documents.document import KeyPath
from ostiary.clients.edits import Add, Edit, Prepend, Rename, Replace
from ostiary.clients.entry import Entry, value_in
from ostiary.clients.env_file import EnvFileError, from_env_file
from ostiary.settings import transport_of

__all__ = ["Guard", "Unguardable", "guarded"]

_UPSTREAM: Final = "OSTIARY_UPSTREAM"
_HEADER: Final = "OSTIARY_HEADER_"
_SWAP: Final = "ostiary-was-here"
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Guard(msgspec.Struct, frozen=True):
    """How Ostiary is started (`program`), the server's name and its policy; `state` is named where it is not the
    usual one."""

    program: tuple[str, ...]
    name: str
    policy: Path
    state: Path | None = None

    @property
    def words(self) -> tuple[str, ...]:
        state = ("--state", str(self.state)) if self.state else ()
        return (*self.program[1:], "run", "--name", self.name, "--policy", str(self.policy), *state)


class Unguardable(Exception):
    """Why Ostiary cannot be put before an entry as it is."""


def guarded(entry: Entry, guard: Guard) -> tuple[Edit, ...]:
    """The edits that put Ostiary before a server. Raises `Unguardable` with the reason where it cannot be."""
    if entry.obstacle:
        raise Unguardable(entry.obstacle)
    if entry.argv:
        return tuple(_command(entry, guard))
    return tuple(_url(entry, guard))


def passed_on(entry: Entry) -> tuple[str, ...]:
    """The names of the variables that the entry gives its server. Raises `Unguardable` for a file that cannot be
    read."""
    try:
        names = [*entry.env, *entry.inherited, *from_env_file(entry)]
    except EnvFileError as error:
        raise Unguardable(str(error)) from None
    if odd := next((name for name in names if not _VARIABLE.fullmatch(name)), None):
        raise Unguardable(f"a variable called `{odd}`")
    return tuple(dict.fromkeys(names))


def _command(entry: Entry, guard: Guard) -> Iterator[Edit]:
    dialect = entry.dialect
    words = (*guard.words, *(word for name in passed_on(entry) for word in ("--env", name)), "--")
    command = (*entry.path, *dialect.command)
    if dialect.args is None:
        yield Prepend(command, (guard.program[0], *words))
        return
    args = (*entry.path, *dialect.args)
    if _has(entry.raw, dialect.args) and value_in(entry.raw, dialect.args) is None:
        yield Replace(args, [*words, entry.argv[0]])
    elif _has(entry.raw, dialect.args):
        yield Prepend(args, (*words, entry.argv[0]))
    else:
        yield Add(args, dialect.command[-1], [*words, entry.argv[0]])
    yield Replace(command, guard.program[0])


def _url(entry: Entry, guard: Guard) -> Iterator[Edit]:
    dialect, raw = entry.dialect, entry.raw
    if login := next((key for key in dialect.logins if raw.get(key)), None):
        raise Unguardable(f"the client itself logs in at the server (`{login}`)")
    words = list(guard.words)
    hides_url = _may_hold_a_secret(entry.url)
    words += ["--upstream-env", _UPSTREAM] if hides_url else ["--upstream", entry.url]
    words += ["--transport", entry.transport] if entry.transport != transport_of(entry.url) else []
    words += _bearer(entry)
    names = _header_variables(entry.headers)
    words += [word for header, name in names.items() for word in ("--header-env", f"{header}={name}")]
    yield from _program(entry, guard.program[0], words)
    if isinstance(raw.get(dialect.kind), str):
        yield Replace((*entry.path, dialect.kind), dialect.stdio)
    yield from _environment(entry, names, {_UPSTREAM: entry.url} if hides_url else {})
    yield from _codex_variables(entry)


def _program(entry: Entry, program: str, words: Sequence[str]) -> Iterator[Edit]:
    """The command where the URL stood."""
    dialect = entry.dialect
    url = next(key for key in dialect.urls if entry.raw.get(key))
    command = (*entry.path, *dialect.command)
    if _has(entry.raw, dialect.command) or (dialect.args and _has(entry.raw, dialect.args)):
        raise Unguardable("a URL, and an empty command or arguments")
    yield Rename((*entry.path, url), command[-1])
    if dialect.args is None:
        yield Replace(command, [program, *words])
        return
    yield Replace(command, program)
    yield Add((*entry.path, *dialect.args), command[-1], list(words))


def _environment(entry: Entry, names: Mapping[str, str], more: Mapping[str, str]) -> Iterator[Edit]:
    """Headers become variables, where they stand and with the values they have: no secret is copied or moved."""
    dialect, raw, path = entry.dialect, entry.raw, entry.path
    env = (*path, *dialect.env)
    has_env, has_headers = _has(raw, dialect.env), dialect.headers in raw
    if has_headers and raw[dialect.headers] is not None and not isinstance(raw[dialect.headers], Mapping):
        raise Unguardable("headers that are no names with values")
    if dialect.fills_headers and any("$" in value for value in entry.headers.values()):
        raise Unguardable("a header with a variable that only the client fills in")
    if has_env and has_headers and (names or more):
        if entry.env:
            raise Unguardable("both headers and variables")
        yield Rename(env, _SWAP)
        yield Rename((*path, dialect.headers), env[-1])
        yield Rename((*path, _SWAP), dialect.headers)
    elif has_headers and not has_env:
        yield Rename((*path, dialect.headers), env[-1])
    for header, name in names.items():
        yield Rename((*env, header), name)
    if more and names:
        for name, value in more.items():
            yield Add((*env, name), list(names.values())[-1], value)
    elif more:
        if has_env or has_headers or dialect.args is None:
            raise Unguardable("its URL may hold a secret, and there is no place for that; move it into a header")
        yield Add(env, dialect.args[-1], dict(more))


def _header_variables(headers: Mapping[str, str]) -> dict[str, str]:
    names = {header: _HEADER + re.sub(r"[^A-Za-z0-9]", "_", header).upper() for header in headers}
    if len(set(names.values())) < len(names):
        raise Unguardable("headers whose names are nearly the same")
    return names


def _bearer(entry: Entry) -> list[str]:
    """Codex names variables instead of secrets."""
    dialect, raw, words = entry.dialect, entry.raw, list[str]()
    bearer = raw.get(dialect.bearer) if dialect.bearer else None
    if isinstance(bearer, str):
        words += ["--bearer-env", bearer]
    named = raw.get(dialect.env_headers) if dialect.env_headers else None
    if isinstance(named, Mapping):
        words += [word for header, name in named.items() for word in ("--header-env", f"{header}={name}")]
    return words


def _codex_variables(entry: Entry) -> Iterator[Edit]:
    dialect, raw = entry.dialect, entry.raw
    keys = [key for key in (dialect.bearer, dialect.env_headers) if key and key in raw]
    if len(keys) > 1:
        raise Unguardable("variables for both a token and headers")
    for key in keys:
        value = raw[key]
        if dialect.passed_on in raw:
            raise Unguardable(f"both `{key}` and `{dialect.passed_on}`")
        names = list(value.values()) if isinstance(value, Mapping) else [value]
        yield Rename((*entry.path, key), dialect.passed_on or key)
        yield Replace((*entry.path, dialect.passed_on or key), names)


def _may_hold_a_secret(url: str) -> bool:
    """A query, a user, or a variable: what is on a command line, everybody on the machine can read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Unguardable("a URL that is none") from None
    return bool(parts.query or "@" in parts.netloc or "$" in url or "{" in url)


def _has(raw: Mapping[str, object], path: KeyPath) -> bool:
    parent = value_in(raw, path[:-1])
    return isinstance(parent, Mapping) and path[-1] in parent
