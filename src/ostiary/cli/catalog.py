"""`ostiary catalog`: what is known of MCP servers, as pages and as a server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ostiary.cli.options import FILE
from ostiary.errors import ConfigurationError, UpstreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ostiary.catalog.about import About
    from ostiary.catalog.catalog import Catalog
    from ostiary.catalog.listing import Listing
    from ostiary.catalog.snapshot import Snapshot
    from ostiary.settings import ServerSettings

_NO_UPSTREAM: Final = 3
_AT_ONCE: Final = 4

_sources = click.argument("sources", nargs=-1, type=FILE, metavar="[LIST.json|DIRECTORY]...")
_registry = click.option("--registry", type=FILE, metavar="DIR", help="A registry: what earlier scans found.")
_about = click.option("--about", multiple=True, type=FILE, metavar="FILE", help="Facts of servers: package, publisher.")
_at = click.option("--at", metavar="TIME", help="When the lists were scanned, in UTC.  [default: now]")
_config = click.option("--config", "-c", type=FILE, metavar="FILE", help="Scan the servers of this configuration, too.")


@click.group()
def catalog() -> None:
    """What is known of MCP servers, as pages and as a server.

    It is made from the servers' own lists of tools: saved ones, a directory of them, what a registry keeps of earlier
    scans, or the servers of a configuration, scanned now.
    """


@catalog.command()
@_sources
@_registry
@_config
@_about
@_at
@click.option("--output", "-o", type=FILE, required=True, metavar="SITE", help="Where the site is written.")
@click.option(
    "--base-url", default="", metavar="URL", help="Where it will be served: for canonical links, the sitemap."
)
@click.pass_context
def build(
    context: click.Context,
    sources: tuple[Path, ...],
    registry: Path | None,
    config: Path | None,
    about: tuple[Path, ...],
    at: str | None,
    output: Path,
    base_url: str,
) -> None:
    """Write the catalogue as a static site.

    Works from a disk, from any folder of a web server, and without JavaScript. SITE is replaced if it is an earlier
    one, and refused if it is anything else.
    """
    from ostiary.catalog.site import build as build_site
    from ostiary.catalog.words import plural

    made, code = _catalog(sources, registry, config, about, at)
    number = build_site(made, output, base_url)
    counts = (plural(len(made.entries), "server"), plural(made.document.tools, "tool"), plural(number, "page"))
    click.echo(f"{output / 'index.html'}: {', '.join(counts)}")
    context.exit(code)


@catalog.command()
@_sources
@click.option("--registry", type=FILE, required=True, metavar="DIR", help="The registry; made if it is missing.")
@_config
@_about
@_at
@click.option("--server", default="", metavar="NAME", help="The server's short name.  [default: from what it says]")
@click.option(
    "--version", "version_", default="", metavar="VERSION", help="The published version, if the list lacks it."
)
@click.pass_context
def add(
    context: click.Context,
    sources: tuple[Path, ...],
    registry: Path,
    config: Path | None,
    about: tuple[Path, ...],
    at: str | None,
    server: str,
    version_: str,
) -> None:
    """Keep scans in a registry, so that the next ones have a history.

    A scan that found what the newest one of its server found is not kept again.
    """
    import msgspec

    from ostiary.catalog.registry import add as keep
    from ostiary.catalog.slugs import is_slug
    from ostiary.catalog.snapshot import in_order

    if server and not is_slug(server):
        raise ConfigurationError(f"ostiary catalog add: --server {server}: a short name has a-z, 0-9, `-` and `_`")
    found, code = _snapshots(sources, None, config, _facts(about), at)
    if (server or version_) and len(found) != 1:
        raise ConfigurationError("ostiary catalog add: --server and --version are for one list at a time")
    for one in in_order(found):
        named = msgspec.structs.replace(one, server=server or one.server, version=version_ or one.version)
        kept = keep(registry, named)
        told = f"kept as {kept}" if kept else "as the newest scan found it; nothing to keep"
        click.echo(f"{named.server} {named.version or '(version unknown)'}: {told}")
    context.exit(code)


@catalog.command()
@_sources
@_registry
@_config
@_about
@_at
@click.option("--listen", metavar="HOST:PORT", help="Serve over HTTP at /mcp.  [default: stdio]")
def serve(
    sources: tuple[Path, ...],
    registry: Path | None,
    config: Path | None,
    about: tuple[Path, ...],
    at: str | None,
    listen: str | None,
) -> None:
    """Offer the catalogue as an MCP server.

    It has four tools, which only read: check_mcp_server, search_registry, check_tool and get_change_events.
    """
    try:
        import mcp_types  # noqa: F401
        from mcp.server.lowlevel import Server  # noqa: F401 (version 1 of the SDK has another)
    except ImportError:
        raise ConfigurationError(
            "ostiary catalog serve: needs the official MCP SDK, version 2; pip install 'ostiary[catalog]'"
        ) from None
    address = _address(listen) if listen else None
    made, _ = _catalog(sources, registry, config, about, at)
    from ostiary.catalog.server import serve_http, serve_stdio
    from ostiary.catalog.words import plural

    if address is None:
        serve_stdio(made)
    else:
        told = f"http://{listen}/mcp: {plural(len(made.entries), 'server')}"
        serve_http(made, *address, ready=lambda: click.echo(told, err=True))


def _address(listen: str) -> tuple[str, int]:
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigurationError(f"ostiary catalog serve: --listen {listen}: write HOST:PORT, as 127.0.0.1:8418")
    return host.strip("[]") or "127.0.0.1", int(port)


def _facts(files: Sequence[Path]) -> About:
    from ostiary.catalog.about import SHIPPED, load

    known = load(SHIPPED)
    for file in files:
        known = known.with_more(load(file))
    return known


def _catalog(
    sources: Sequence[Path], registry: Path | None, config: Path | None, about: Sequence[Path], at: str | None
) -> tuple[Catalog, int]:
    """The catalogue, and the exit code: 3 if a server of the configuration could not be scanned."""
    from ostiary.catalog.catalog import compile_catalog

    facts = _facts(about)
    found, code = _snapshots(sources, registry, config, facts, at)
    return compile_catalog(found, facts), code


def _snapshots(
    sources: Sequence[Path], registry: Path | None, config: Path | None, facts: About, at: str | None
) -> tuple[list[Snapshot], int]:
    from ostiary.catalog.registry import read
    from ostiary.catalog.snapshot import is_time
    from ostiary.catalog.sources import gather

    if not (sources or registry or config):
        raise ConfigurationError("ostiary catalog: give lists of tools, --registry DIR or --config FILE")
    if at is not None and not is_time(at):
        raise ConfigurationError(f"ostiary catalog: --at {at}: write a date or time in UTC, as 2026-11-28")
    now = at or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    known = read(registry) if registry is not None else []
    listed = gather(sources, facts, now)
    scanned, code = _scanned(config, now) if config is not None else ([], 0)
    return [*known, *listed, *scanned], code


def _scanned(config: Path, now: str) -> tuple[list[Snapshot], int]:
    """The servers of a configuration as they are now, each under its name there. One that cannot be scanned is said."""
    import asyncio

    from ostiary.catalog.slugs import slug_of
    from ostiary.catalog.sources import snapshot_of
    from ostiary.settings import load

    servers = load(config).servers
    listings = asyncio.run(_scan_all(list(servers.values())))
    found, code = [], 0
    for name, listing in zip(servers, listings, strict=True):
        if isinstance(listing, UpstreamError):
            click.echo(f"ostiary catalog: {name}: {listing}", err=True)
            code = _NO_UPSTREAM
        else:
            found.append(snapshot_of(listing, slug_of(name), listing.server or name, listing.version, now))
    return found, code


async def _scan_all(servers: Sequence[ServerSettings]) -> list[Listing | UpstreamError]:
    import asyncio

    from ostiary.catalog.scan import Scope
    from ostiary.cli.scan_upstreams import scan_server

    room = asyncio.Semaphore(_AT_ONCE)

    async def scan(server: ServerSettings) -> Listing | UpstreamError:
        async with room:
            try:
                return await scan_server(server, Scope())
            except UpstreamError as error:
                return error

    return await asyncio.gather(*map(scan, servers))
