"""What a command line, or an entry of a configuration, gives for a server → values."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ostiary.errors import ConfigurationError

__all__ = [
    "HEADER_NAME",
    "environment",
    "headers_of",
    "is_header_value",
    "name_of",
    "pattern_problem",
    "secret_headers",
    "transport_of",
    "variable",
]

HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VARIABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def name_of(command: Sequence[str], url: str | None) -> str:
    """What `ostiary run` calls a server that was given no name: its program's name or its host."""
    text = urlsplit(url).hostname if url else Path(command[0]).name if command else None
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", text or "").strip("-._")
    return cleaned[:64] or "server"


def transport_of(url: str) -> str:
    """How a URL is spoken to where nobody says: one that ends in `/sse` is, by custom, of the first transport."""
    try:
        return "sse" if urlsplit(url).path.endswith("/sse") else "http"
    except ValueError:
        return "http"


def environment(given: Iterable[str], environ: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """`NAME=VALUE`, or `NAME` for a variable of our own environment, as a mapping."""
    found: dict[str, str] = {}
    for item in given:
        name, is_set, value = item.partition("=")
        if not name:
            raise ConfigurationError("--env: write NAME or NAME=VALUE")
        if not is_set and name not in environ:
            raise ConfigurationError(f"--env {name}: the environment has no such variable; give --env {name}=VALUE")
        found[name] = value if is_set else environ[name]
    return found


def pattern_problem(pattern: str) -> tuple[str, str] | None:
    """What is wrong with a pattern, and a hint; None where nothing is."""
    from ostiary.policy.pattern import PatternError, compile_pattern

    try:
        compile_pattern(pattern)
    except PatternError as error:
        return f"the pattern does not compile: {error}", "patterns are RE2"
    return None if pattern else ("an empty pattern is in every text", "leave it out")


def headers_of(given: Iterable[str]) -> Mapping[str, str]:
    """`Name: value` lines as a mapping. A value is never part of an error: it may be a secret."""
    found: dict[str, str] = {}
    for line in given:
        name, has_value, value = line.partition(":")
        if not has_value or not HEADER_NAME.fullmatch(name) or not is_header_value(value.strip()):
            raise ConfigurationError("--header: write `Name: value`, in printable ASCII")
        found[name] = value.strip()
    return found


def secret_headers(
    named: Iterable[str], bearer: str | None, environ: Mapping[str, str] = os.environ
) -> Mapping[str, str]:
    """Headers whose values are in variables: `HEADER=NAME`, and the variable with the token of `Authorization`."""
    found: dict[str, str] = {}
    for item in named:
        header, _, source = item.partition("=")
        if not source or not HEADER_NAME.fullmatch(header):
            raise ConfigurationError("--header-env: write HEADER=NAME, with the name of a variable, not its value")
        found[header] = variable(source, f"--header-env {header}", environ).strip()
    if bearer is not None:
        found["Authorization"] = f"Bearer {variable(bearer, '--bearer-env', environ).strip()}"
    if odd := next((header for header, value in found.items() if not is_header_value(value)), None):
        raise ConfigurationError(f"header `{odd}`: its variable holds what HTTP does not allow in a header")
    return found


def variable(name: str, option: str, environ: Mapping[str, str] = os.environ) -> str:
    """The value of a variable that an option names. Raises `ConfigurationError` where there is none."""
    if not _VARIABLE_NAME.fullmatch(name):
        raise ConfigurationError(f"{option}: what it gives is no name of a variable")
    if name not in environ:
        raise ConfigurationError(f"{option}: the environment has no variable `{name}`; set it before the start")
    return environ[name]


def is_header_value(value: str) -> bool:
    return value.isascii() and value.isprintable()
