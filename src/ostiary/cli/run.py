"""`ostiary run`: one agent on stdio, one server behind the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ostiary.errors import ConfigurationError


def run(
    command: Annotated[
        list[str] | None, typer.Argument(help="The server to start and its arguments, after `--`.", show_default=False)
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", "-p", help="The policy to judge by.", show_default=False)
    ] = None,
    upstream: Annotated[
        str | None, typer.Option(help="The URL of a Streamable HTTP server, instead of a command.", show_default=False)
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", "-H", help="A header for the URL's server, `Name: value`.", show_default=False),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option("--env", "-e", help="NAME=VALUE, or NAME to pass on, for the server.", show_default=False),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the server is called in policy and ledger.", show_default=False)
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="Where limits and ledger are kept.", show_default="~/.local/state/ostiary")
    ] = None,
) -> int:
    from ostiary.settings import ServerSettings, environment, headers_of, name_of

    if policy is None:
        raise ConfigurationError("ostiary run: no policy; say which one with --policy FILE")
    if bool(command) == bool(upstream):
        raise ConfigurationError("ostiary run: give a server: either `-- COMMAND…` or `--upstream URL`")
    server = ServerSettings(
        name=name or name_of(command, upstream),
        command=tuple(command or ()),
        env=environment(env or ()),
        url=upstream,
        headers=headers_of(header or ()),
        policy=policy.absolute(),
    )
    from ostiary.app import run_server

    raise typer.Exit(run_server(server, state))
