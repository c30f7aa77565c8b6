"""`ostiary run`: a gate between one agent on stdio and one server."""

from __future__ import annotations

import asyncio
from asyncio import FIRST_COMPLETED
from contextlib import suppress
from pathlib import Path

import uvloop

from ostiary import __version__
from ostiary.app.house import House, open_house
from ostiary.app.process import local_principal, signalled
from ostiary.app.upstreams import http_to, line_to
from ostiary.asking.settings import ApprovalSettings
from ostiary.errors import ConfigurationError
from ostiary.gateway.pipes import lines_in, open_sink, open_source
from ostiary.gateway.stdio import StdioGateway
from ostiary.notices import say, say_what_libraries_log
from ostiary.settings import Bounds, ServerSettings, default_state
from ostiary.upstream.bridge import Bridge
from ostiary.upstream.eras.interpreter import Interpreter
from ostiary.upstream.stdio import StdioUpstream
from ostiary.wire.json import Bounds as MessageBounds

__all__ = ["run_server"]


def run_server(server: ServerSettings, state: Path | None, lock: Path | None = None, hold: float | None = None) -> int:
    """`ostiary run`: one agent on stdio; `lock` has its pins, `hold` is how many seconds a call is held for an answer.
    Returns the server's own exit code; raises `UpstreamNotReached` where it cannot be started, and
    `ConfigurationError`."""
    say_what_libraries_log()
    approvals = ApprovalSettings() if hold is None else ApprovalSettings(hold=hold)
    return uvloop.run(_run(server, state or default_state(), lock, approvals))


async def _run(server: ServerSettings, state: Path, lock: Path | None, approvals: ApprovalSettings) -> int:
    with open_house(state, approvals) as house:
        path = server.policy
        if path is None:
            raise ConfigurationError("no policy; say which one with --policy FILE")
        if lock is not None:
            _pin(server, lock, house)
        house.policies.open(path)
        child = line_to(server, house)
        if child is not None:
            await child.start()
        upstream = Bridge(Interpreter(http_to(server))) if child is None else Interpreter(child, is_alone=True)
        house.ledger.append("gateway.started", {"version": __version__, "servers": [server.name], "front": "stdio"})
        source, sink = await open_source(), await open_sink()
        gate = house.gate(server, upstream)
        front = StdioGateway(gate, local_principal(), lambda: house.policies.current(path), sink)
        bounds = MessageBounds(Bounds().body, Bounds().depth)
        serving = asyncio.ensure_future(front.serve(lines_in(bounds.size, source), bounds))
        watching = asyncio.ensure_future(house.look_after())
        try:
            return await _until_over(server, serving, child, watching)
        finally:
            watching.cancel()
            await upstream.close()
            gate.close()
            house.ledger.append("gateway.stopped", {})


def _pin(server: ServerSettings, lock: Path, house: House) -> None:
    house.pin(lock, [server])
    if house.pinned(server.name) is None:
        raise ConfigurationError(
            f"{lock}: has no pins of `{server.name}`; make them with `ostiary pin --lock {lock} --name "
            f"{server.name}` and the same server"
        )


async def _until_over(
    server: ServerSettings, serving: asyncio.Future[None], child: StdioUpstream | None, watching: asyncio.Future[None]
) -> int:
    """Wait for the agent to close its side, for the server to end, or for a signal; the exit code that follows. That
    nobody looks after policies any more ends it too, and is raised."""
    told = signalled()
    ended = None if child is None else asyncio.ensure_future(child.wait())
    reasons = [each for each in (serving, told, ended, watching) if each is not None]
    await asyncio.wait(reasons, return_when=FIRST_COMPLETED)
    if child is None or ended is None:
        status = 0
    elif ended.done():
        status = ended.result()
        if status:
            say(f"`{child.label}` ended with status {status}" if server.command else child.epitaph)
    else:
        await child.close()
        status = await ended
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    if watching.done():
        watching.result()
    return 128 + told.result() if told.done() else status
