"""Servers to scan: started or reached for this alone, and left in good time."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ostiary.catalog.listing import Listing
from ostiary.catalog.scan import Scope, collect
from ostiary.errors import UpstreamError
from ostiary.ports import Upstream

if TYPE_CHECKING:
    from ostiary.settings import ServerSettings
    from ostiary.upstream.process import Command
    from ostiary.upstream.sse_line import SseServer

__all__ = ["scan_command", "scan_server", "scan_url"]


async def scan_command(argv: Sequence[str], env: Mapping[str, str], scope: Scope, cwd: Path | None = None) -> Listing:
    """The tools of a stdio server, started for this alone: with a scratch home, and no variable but harmless ones and
    `env`. Raises `UpstreamError` if it cannot be started, does not answer in time, or answers no list."""
    from ostiary.upstream.process import Command

    with tempfile.TemporaryDirectory(prefix="ostiary-scan-", ignore_cleanup_errors=True) as scratch:
        home = {"HOME": scratch, "TMPDIR": scratch, "XDG_CACHE_HOME": str(Path(scratch) / "cache")}
        return await _scan_line(Command(tuple(argv), {**home, **env}, cwd), scope)


async def scan_url(url: str, headers: Mapping[str, str], scope: Scope, transport: str | None = None) -> Listing:
    """The tools of an HTTP server; `transport` is `http`, `sse`, or by what the URL looks like. Raises `UpstreamError`
    if it cannot be reached, does not answer in time, or answers no list, and `ConfigurationError` for an unusable
    URL."""
    from ostiary.settings import transport_of
    from ostiary.upstream.http import HttpUpstream
    from ostiary.upstream.response import Limits
    from ostiary.upstream.sse_line import SseServer

    limits = Limits(body=scope.message, answer=scope.seconds)
    if (transport or transport_of(url)) == "sse":
        return await _scan_line(SseServer(url, headers, limits), scope)
    upstream = HttpUpstream(url, headers, limits=limits)
    async with _closing(upstream, scope, upstream.label):
        return await collect(upstream, scope)


async def scan_server(server: ServerSettings, scope: Scope) -> Listing:
    """The tools of a server as a gateway would have it: its own environment and directory, its own credentials. Raises
    `UpstreamError` as the others do."""
    from ostiary.upstream.process import Command

    if server.url:
        return await scan_url(server.url, server.headers, scope, server.transport)
    return await _scan_line(Command(server.command, server.env, server.cwd), scope)


async def _scan_line(far: Command | SseServer, scope: Scope) -> Listing:
    """The tools of a server that one session has to itself: a process, or a stream."""
    from ostiary.upstream.stdio import StdioLimits, StdioUpstream

    upstream = StdioUpstream(far, limits=StdioLimits(message=scope.message), stderr=lambda _: None)
    async with _closing(upstream, scope, upstream.label):
        await upstream.start()
        return await collect(upstream, scope)


@asynccontextmanager
async def _closing(upstream: Upstream, scope: Scope, label: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(scope.seconds):
            yield
    except TimeoutError:
        raise UpstreamError(f"{label} listed no tools in {scope.seconds:g} s; give it longer with --timeout") from None
    finally:
        await upstream.close()
