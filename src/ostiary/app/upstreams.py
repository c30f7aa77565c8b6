"""Servers as the configuration has them → upstreams."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from ostiary.app.house import House
from ostiary.meter import Meter
from ostiary.ports import Upstream
from ostiary.settings import Bounds, ServerSettings
from ostiary.upstream.eras.interpreter import Interpreter
from ostiary.upstream.heeded import Heeded
from ostiary.upstream.http import HttpUpstream
from ostiary.upstream.line import Far
from ostiary.upstream.process import Command
from ostiary.upstream.response import Limits
from ostiary.upstream.stdio import StdioLimits, StdioUpstream

__all__ = ["close_all", "http_to", "line_to", "upstream_of"]


def upstream_of(server: ServerSettings, bounds: Bounds, house: House) -> Upstream:
    meter = house.meter
    if server.url and server.transport == "http":
        return _metered(Interpreter(http_to(server), poll_after=bounds.poll_after), server, meter)
    from ostiary.upstream.sessions import StdioSessions
    from ostiary.upstream.sse_line import SseServer

    limits = Limits(answer=server.timeout)
    sessions = StdioSessions(
        _heeded(SseServer(server.url, server.headers, limits) if server.url else _command(server), server.name, house),
        name=server.name,
        share=server.share,
        most=bounds.sessions,
        most_per_principal=bounds.sessions_per_principal,
        idle=bounds.idle,
        poll_after=bounds.poll_after,
        turned_away=lambda: meter.refuse("sessions"),
        limits=StdioLimits(answer=server.timeout),
    )
    meter.gauge("ostiary_sessions", "Sessions of servers that are commands.", lambda: len(sessions), server.name)
    meter.gauge("ostiary_children", "Processes of those servers.", lambda: sessions.children, server.name)
    return _metered(Interpreter(sessions, poll_after=bounds.poll_after), server, meter)


def line_to(server: ServerSettings, house: House) -> StdioUpstream | None:
    """The one line of `ostiary run` to its server, not yet open; None for Streamable HTTP, which has none."""
    if not server.url:
        return StdioUpstream(_heeded(_command(server), server.name, house))
    if server.transport == "http":
        return None
    from ostiary.upstream.sse_line import SseServer

    far = SseServer(server.url, server.headers, Limits(answer=server.timeout))
    return StdioUpstream(_heeded(far, server.name, house), limits=StdioLimits(answer=server.timeout))


def http_to(server: ServerSettings) -> HttpUpstream:
    return HttpUpstream(server.url or "", server.headers, limits=Limits(answer=server.timeout))


async def close_all(upstreams: Iterable[Upstream]) -> None:
    await asyncio.gather(*(upstream.close() for upstream in upstreams), return_exceptions=True)


def _metered(upstream: Interpreter, server: ServerSettings, meter: Meter) -> Interpreter:
    what = "Sessions kept for agents of servers that know none."
    meter.gauge("ostiary_kept_sessions", what, lambda: upstream.kept_sessions, server.name)
    return upstream


def _command(server: ServerSettings) -> Command:
    return Command(server.command, server.env, server.cwd)


def _heeded(far: Far, server: str, house: House) -> Heeded:
    return Heeded(far, lambda: house.tools_changed(server))
