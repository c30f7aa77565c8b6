"""`ostiary scan`: what can this server's tools do, and what would you allow?"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ostiary.cli import options
from ostiary.cli.options import FILE, choice_of, config
from ostiary.errors import ConfigurationError, UpstreamError

if TYPE_CHECKING:
    from ostiary.catalog.listing import Listing
    from ostiary.risk import Assessment


class Report(StrEnum):
    """For people, for programs, for code scanning, for the browser."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, metavar="[-- COMMAND...]")
@click.option("--upstream", metavar="URL", help="A Streamable HTTP server, instead of a command.")
@click.option("--header", "-H", multiple=True, metavar="LINE", help="A header for that URL, `Name: value`.")
@click.option("--tools", type=FILE, metavar="LIST.json", help="A saved tool list, instead of a server.")
@click.option("--server", metavar="NAME", help="A server of the configuration, as it stands there.")
@config
@click.option("--env", "-e", multiple=True, metavar="NAME[=VALUE]", help="A variable for the command.")
@click.option("--name", help="What the server is called.  [default: what it calls itself]")
@click.option("--output", "-o", type=FILE, metavar="FILE", help="Write the recommended policy there.")
@options.timeout_of_all
@choice_of(Report, Report.TABLE)
@click.pass_context
def scan(
    context: click.Context,
    command: tuple[str, ...],
    upstream: str | None,
    header: tuple[str, ...],
    tools: Path | None,
    server: str | None,
    config: Path | None,
    env: tuple[str, ...],
    name: str | None,
    output: Path | None,
    timeout: float,
    format: Report,
) -> None:
    """Say what a server's tools can do, and recommend a policy.

    Nothing is called but lists. A command gets a home of its own and no variable but those given with --env; a --server
    of the configuration gets what it gets from the gateway. What an agent sees through a gateway shows
    --upstream http://HOST:8417/mcp/NAME -H 'Authorization: Bearer GRANT'.
    """
    if sum(map(bool, (command, upstream, tools, server))) != 1:
        ways = "`-- COMMAND...`, `--upstream URL`, `--server NAME` or `--tools FILE`"
        raise ConfigurationError(f"ostiary scan: give one server: {ways}")
    if (header and not upstream) or (env and not command) or (config and not server):
        ways = "--header is for an --upstream, --env is for a command, --config is for a --server"
        raise ConfigurationError(f"ostiary scan: {ways}")
    from ostiary.risk import assess

    listing = (
        _configured(server, config, timeout) if server else _listing(command, upstream, header, tools, env, timeout)
    )
    found = assess(name or server or listing.server or _called(command, upstream), listing.definitions)
    if output is not None:
        _write(output, found.policy)
    artifact = tools.as_posix() if tools else upstream or f"mcp://{server or _called(command, upstream)}"
    _show(found, listing, format, artifact, output)
    context.exit(1 if found.findings else 0)


def _listing(
    command: tuple[str, ...],
    upstream: str | None,
    header: tuple[str, ...],
    tools: Path | None,
    env: tuple[str, ...],
    timeout: float,
) -> Listing:
    if tools is not None:
        from ostiary.catalog.listing import from_file

        return from_file(tools)
    import asyncio

    from ostiary.catalog.scan import Scope
    from ostiary.cli.scan_upstreams import scan_command, scan_url
    from ostiary.settings import environment, headers_of

    scope = Scope(seconds=timeout)
    try:
        if upstream is not None:
            return asyncio.run(scan_url(upstream, headers_of(header), scope))
        return asyncio.run(scan_command(command, environment(env), scope))
    except UpstreamError as error:
        raise UpstreamError(f"scan: {error}") from None


def _configured(name: str, config: Path | None, timeout: float) -> Listing:
    """The tools of a server of the configuration, started or reached as the gateway would."""
    import asyncio

    from ostiary.catalog.scan import Scope
    from ostiary.cli.pin_targets import servers_of
    from ostiary.cli.scan_upstreams import scan_server

    _, (server,) = servers_of(config, [name])
    try:
        return asyncio.run(scan_server(server, Scope(seconds=timeout)))
    except UpstreamError as error:
        raise UpstreamError(f"scan: {error}") from None


def _called(command: tuple[str, ...], upstream: str | None) -> str:
    from ostiary.settings import name_of

    return name_of(command, upstream)


def _write(output: Path, policy: str) -> None:
    try:
        output.write_text(policy, "utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output}: cannot be written: {error.strerror or error}") from None


def _show(found: Assessment, listing: Listing, format: Report, artifact: str, output: Path | None) -> None:
    match format:
        case Report.JSON:
            from ostiary.catalog.scan_report import as_json
            from ostiary.cli.tables import show_json

            show_json(as_json(found, listing.version, listing.notes))
        case Report.SARIF:
            from ostiary.catalog.scan_report import as_sarif
            from ostiary.cli.tables import show_json

            show_json(as_sarif(found, artifact))
        case Report.HTML:
            import sys

            from ostiary.catalog.scan_page import as_html

            sys.stdout.write(as_html(found, listing.version, listing.notes))
        case Report.TABLE:
            from ostiary.cli.scan_table import show

            show(found, listing.version, listing.notes, output)
