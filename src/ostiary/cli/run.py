"""`ostiary run`: one agent on stdio, one server behind the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from ostiary.cli.options import FILE
from ostiary.errors import ConfigurationError

ON_DRIFT: Final = ("deny", "hide", "require_approval", "warn")


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, metavar="[-- COMMAND...]")
@click.option("--policy", "-p", type=FILE, metavar="FILE", help="The policy to judge by.")
@click.option("--upstream", metavar="URL", help="An HTTP server, instead of a command.")
@click.option(
    "--transport",
    type=click.Choice(["http", "sse"]),
    help="How that URL is spoken to: Streamable HTTP, or HTTP with SSE (2024-11-05).  "
    "[default: sse for one that ends in /sse, else http]",
)
@click.option("--upstream-env", metavar="NAME", help="The same, with the URL in that variable.")
@click.option("--header", "-H", multiple=True, metavar="LINE", help="A header for that URL, `Name: value`.")
@click.option("--header-env", multiple=True, metavar="HEADER=NAME", help="A header whose value is in a variable.")
@click.option("--bearer-env", metavar="NAME", help="`Authorization: Bearer`, with the token in that variable.")
@click.option(
    "--env", "-e", multiple=True, metavar="NAME[=VALUE]", help="A variable for the command: set, or passed on."
)
@click.option(
    "--failure", multiple=True, metavar="PATTERN", help="What in a result's text says that the call failed (RE2)."
)
@click.option("--hold", metavar="SPAN", help="How long a call is held open for a person's answer.  [default: 50s]")
@click.option(
    "--name", metavar="NAME", help="What the server is called in policy and ledger.  [default: the program or host]"
)
@click.option("--lock", type=FILE, metavar="FILE", help="The tools that were approved: see `ostiary pin`.")
@click.option("--on-drift", type=click.Choice(ON_DRIFT), help="What becomes of a tool that differs.  [default: deny]")
@click.option("--state", type=FILE, metavar="DIR", help="Limits and ledger.  [default: ~/.local/state/ostiary]")
@click.pass_context
def run(
    context: click.Context,
    command: tuple[str, ...],
    policy: Path | None,
    upstream: str | None,
    transport: str | None,
    upstream_env: str | None,
    header: tuple[str, ...],
    header_env: tuple[str, ...],
    bearer_env: str | None,
    env: tuple[str, ...],
    failure: tuple[str, ...],
    hold: str | None,
    name: str | None,
    lock: Path | None,
    on_drift: str | None,
    state: Path | None,
) -> None:
    """Guard one server over stdio.

    Put it where the server's command stood in your MCP client's configuration: every call is judged by the policy,
    and only what it permits reaches the server. Secrets belong into variables: everybody on the machine can read a
    command line.
    """
    from ostiary.pins.pinned import OnDrift
    from ostiary.settings import (
        NAME,
        NAME_HINT,
        ServerSettings,
        environment,
        headers_of,
        name_of,
        pattern_problem,
        secret_headers,
        transport_of,
        variable,
    )

    if policy is None:
        raise ConfigurationError("ostiary run: no policy; say which one with --policy FILE")
    if sum(map(bool, (command, upstream, upstream_env))) != 1:
        raise ConfigurationError("ostiary run: give one server: `-- COMMAND...` or `--upstream URL`")
    is_for_url = bool(header or header_env or bearer_env or transport)
    if (is_for_url and command) or (env and not command):
        raise ConfigurationError("ostiary run: --header and --transport are for an --upstream, --env is for a command")
    if on_drift and lock is None:
        raise ConfigurationError("ostiary run: --on-drift is about what differs from a --lock; give one")
    if name is not None and not NAME.fullmatch(name):
        raise ConfigurationError(f"ostiary run: `{name}` is no name for a server; {NAME_HINT}")
    for problem in filter(None, map(pattern_problem, failure)):
        raise ConfigurationError(f"ostiary run: --failure: {'; '.join(problem)}")
    if upstream_env:
        upstream = variable(upstream_env, "--upstream-env")
    seconds = None if hold is None else _seconds(hold)
    server = ServerSettings(
        name=name or name_of(command, upstream),
        command=command,
        env=environment(env),
        url=upstream,
        headers={**headers_of(header), **secret_headers(header_env, bearer_env)},
        policy=policy.absolute(),
        transport=transport or transport_of(upstream or ""),
        on_drift=OnDrift(on_drift) if on_drift else None,
        failures=failure,
    )
    from ostiary.app.run import run_server

    context.exit(run_server(server, state, None if lock is None else lock.absolute(), seconds))


def _seconds(span: str) -> float:
    from ostiary.policy.window import SECOND, parse_duration

    lifetime = parse_duration(span)
    if lifetime is None:
        raise ConfigurationError(f"ostiary run: --hold: `{span}` is no time span of at most a year; write 20s or 2m")
    return lifetime / SECOND
