"""A client: where its configuration is, and how it writes a server down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path

import msgspec

from ostiary.clients.documents.document import KeyPath
from ostiary.clients.surroundings import Surroundings

__all__ = ["Client", "Dialect", "Place", "Scope", "Variables"]


class Scope(StrEnum):
    """Whose configuration it is: this user's, or a project's, shared by all who have its folder."""

    USER = "user"
    PROJECT = "project"


class Variables(StrEnum):
    """What a client fills in before it starts a server."""

    NONE = "none"
    BRACES = "${NAME} and ${env:NAME}"
    DOLLAR = "$NAME too"
    ENV_BRACES = "{env:NAME}"


class Dialect(msgspec.Struct, frozen=True):
    """The keys of an entry. `args` is None where `command` is the whole command line, as a list.

    `kind` names the transport, and `stdio` is what it says for a command. `logins` are keys that mean that the client
    itself logs in at the server, and `fills_headers` that it fills in variables of an entry there. The last three are
    Codex's, which has names of variables instead of secrets.
    """

    command: KeyPath = ("command",)
    args: KeyPath | None = ("args",)
    env: KeyPath = ("env",)
    urls: tuple[str, ...] = ("url",)
    headers: str = "headers"
    kind: str = "type"
    stdio: str = "stdio"
    logins: tuple[str, ...] = ("oauth", "auth", "headersHelper", "authProviderType")
    variables: Variables = Variables.NONE
    fills_headers: bool = False
    passed_on: str | None = None
    bearer: str | None = None
    env_headers: str | None = None


class Place(msgspec.Struct, frozen=True):
    """A file that may have servers, and the keys above them; `*` stands for any key, such as a project's folder."""

    file: Path
    under: tuple[KeyPath, ...]
    scope: Scope = Scope.USER


class Client(msgspec.Struct, frozen=True):
    """`id` is what `--client` takes; `places` yields every file that the client would read."""

    id: str
    title: str
    dialect: Dialect
    places: Callable[[Surroundings], Iterable[Place]]
