"""What a client would fill in before it starts a server, filled in here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from ostiary.clients.client import Scope, Variables
from ostiary.clients.entry import Entry
from ostiary.clients.env_file import EnvFileError, from_env_file
from ostiary.clients.surroundings import Surroundings

__all__ = ["Launch", "Unfilled", "directory", "filled", "launch_of", "variable", "variables_of"]

_BRACES: Final = re.compile(r"\$\{([^{}]*)\}")
_DOLLAR: Final = re.compile(r"\$\{([^{}]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)")
_ENV_BRACES: Final = re.compile(r"\{(env:[^{}]*|file:[^{}]*)\}")


class Launch(msgspec.Struct, frozen=True):
    """What would be started or reached, with everything filled in."""

    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    cwd: Path | None = None
    url: str = ""
    headers: Mapping[str, str] = {}
    transport: str | None = None


class Unfilled(Exception):
    """Something that only the client, or the person before it, knows."""


def launch_of(entry: Entry, here: Surroundings) -> Launch:
    """How the client would start or reach a server. Raises `Unfilled`."""
    return Launch(
        tuple(filled(word, entry, here) for word in entry.argv),
        variables_of(entry, here),
        directory(entry, here),
        filled(entry.url, entry, here),
        {**_mapped(entry.headers, entry, here), **_named_headers(entry, here)},
        entry.spoken,
    )


def variables_of(entry: Entry, here: Surroundings) -> dict[str, str]:
    """What an entry gives its server. Raises `Unfilled`."""
    passed = {name: here.environ[name] for name in entry.inherited if name in here.environ}
    try:
        return passed | from_env_file(entry) | _mapped(entry.env, entry, here)
    except EnvFileError as error:
        raise Unfilled(str(error)) from None


def _mapped(members: Mapping[str, str], entry: Entry, here: Surroundings) -> dict[str, str]:
    return {name: filled(value, entry, here) for name, value in members.items()}


def _named_headers(entry: Entry, here: Surroundings) -> dict[str, str]:
    dialect, raw, headers = entry.dialect, entry.raw, dict[str, str]()
    named = raw.get(dialect.env_headers) if dialect.env_headers else None
    if isinstance(named, Mapping):
        headers |= {str(header): variable(str(name), here) for header, name in named.items()}
    bearer = raw.get(dialect.bearer) if dialect.bearer else None
    if isinstance(bearer, str):
        headers["Authorization"] = f"Bearer {variable(bearer, here)}"
    return headers


def directory(entry: Entry, here: Surroundings) -> Path:
    """Where a server starts: never in whatever folder the command happens to be typed in."""
    base = entry.project or (here.project if entry.scope is Scope.PROJECT and here.project else here.home)
    return base / Path(filled(entry.cwd, entry, here)).expanduser() if entry.cwd else base


def variable(name: str, here: Surroundings) -> str:
    """A variable of our own environment. Raises `Unfilled`."""
    if name not in here.environ:
        raise Unfilled(f"the environment has no variable `{name}`")
    return here.environ[name]


def filled(text: str, entry: Entry, here: Surroundings) -> str:
    """A text with what its client would fill in. Raises `Unfilled`."""
    match entry.dialect.variables:
        case Variables.NONE:
            return text
        case Variables.BRACES:
            return _BRACES.sub(lambda found: _value(found[1], entry, here), text)
        case Variables.DOLLAR:
            return _DOLLAR.sub(lambda found: _value(found[1] or found[2], entry, here), text)
        case Variables.ENV_BRACES:
            return _ENV_BRACES.sub(lambda found: _value(found[1], entry, here), text)


def _value(written: str, entry: Entry, here: Surroundings) -> str:
    folder = here.project if entry.scope is Scope.PROJECT else None
    known = {
        "userHome": str(here.home),
        "workspaceFolder": str(folder) if folder else "",
        "pathSeparator": "/",
        "/": "/",
    }
    if known.get(written):
        return known[written]
    name, has_default, default = written.removeprefix("env:").partition(":-")
    if name in here.environ:
        return here.environ[name]
    if has_default:
        return default
    raise Unfilled(f"`${{{written}}}` is not set here")
