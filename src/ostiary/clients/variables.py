"""What a client would fill in before it starts a server, filled in here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from ostiary.clients.client import Scope, Variables
from ostiary.clients.entry import Entry
from ostiary.clients.surroundings import Surroundings

__all__ = ["Launch", "Unfilled", "launch_of"]

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


class Unfilled(Exception):
    """Something that only the client, or the person before it, knows."""


def launch_of(entry: Entry, here: Surroundings) -> Launch:
    """How the client would start or reach a server. Raises `Unfilled`."""
    if entry.guard is not None:
        return _behind(entry, entry.guard, here)
    return Launch(
        tuple(_filled(word, entry, here) for word in entry.argv),
        _env(entry, here),
        _directory(entry, here),
        _filled(entry.url, entry, here),
        {**_mapped(entry.headers, entry, here), **_named_headers(entry, here)},
    )


def _behind(entry: Entry, words: tuple[str, ...], here: Surroundings) -> Launch:
    """What stands behind Ostiary already, out of the arguments of `ostiary run`."""
    from ostiary.cli.run import run

    given = run.make_context("run", list(words), resilient_parsing=True).params
    env = _env(entry, here)
    headers = dict(line.split(":", 1) for line in given["header"] or () if ":" in line)
    headers |= {
        name: env.get(variable, "") for name, _, variable in (w.partition("=") for w in given["header_env"] or ())
    }
    if given["bearer_env"]:
        headers["Authorization"] = f"Bearer {env.get(given['bearer_env']) or _variable(given['bearer_env'], here)}"
    url = given["upstream"] or env.get(given["upstream_env"] or "", "")
    argv = tuple(_filled(word, entry, here) for word in given["command"] or ())
    return Launch(argv, env if argv else {}, _directory(entry, here), url, headers if url else {})


def _env(entry: Entry, here: Surroundings) -> dict[str, str]:
    listed = entry.raw.get(entry.dialect.passed_on) if entry.dialect.passed_on else None
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list | tuple) else []
    passed = {name: here.environ[name] for name in names if name in here.environ}
    return passed | _mapped(entry.env, entry, here)


def _mapped(members: Mapping[str, str], entry: Entry, here: Surroundings) -> dict[str, str]:
    return {name: _filled(value, entry, here) for name, value in members.items()}


def _named_headers(entry: Entry, here: Surroundings) -> dict[str, str]:
    dialect, raw, headers = entry.dialect, entry.raw, dict[str, str]()
    named = raw.get(dialect.env_headers) if dialect.env_headers else None
    if isinstance(named, Mapping):
        headers |= {str(header): _variable(str(name), here) for header, name in named.items()}
    bearer = raw.get(dialect.bearer) if dialect.bearer else None
    if isinstance(bearer, str):
        headers["Authorization"] = f"Bearer {_variable(bearer, here)}"
    return headers


def _directory(entry: Entry, here: Surroundings) -> Path:
    """Where a server starts: never in whatever folder the command happens to be typed in."""
    base = entry.project or (here.project if entry.scope is Scope.PROJECT and here.project else here.home)
    return base / Path(_filled(entry.cwd, entry, here)).expanduser() if entry.cwd else base


def _variable(name: str, here: Surroundings) -> str:
    if name not in here.environ:
        raise Unfilled(f"the environment has no variable `{name}`")
    return here.environ[name]


def _filled(text: str, entry: Entry, here: Surroundings) -> str:
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
