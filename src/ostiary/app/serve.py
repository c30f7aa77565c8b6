"""`ostiary serve`: a gate before each server of a configuration, over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from asyncio import FIRST_COMPLETED
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import uvloop

from ostiary import __version__
from ostiary.app.house import House, open_house
from ostiary.app.process import local_principal, signalled
from ostiary.app.upstreams import close_all, upstream_of
from ostiary.errors import ConfigurationError
from ostiary.gateway.access import Access
from ostiary.gateway.crowd import Crowd
from ostiary.gateway.http import HttpGateway
from ostiary.gateway.listener import Manners, http_server
from ostiary.gateway.origin_check import Doorplate
from ostiary.notices import say, say_what_libraries_log
from ostiary.ports import Upstream
from ostiary.settings import Bounds, Settings
from ostiary.wire.json import Bounds as MessageBounds

if TYPE_CHECKING:
    import uvicorn

__all__ = ["serve_gateway"]

GRACE: Final = 2
"""Seconds that calls under way may take once `serve` was told to stop."""


def serve_gateway(settings: Settings) -> int:
    """`ostiary serve`: listen until told to stop. Returns the exit code; raises `ConfigurationError`."""
    say_what_libraries_log()
    return uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    bounds = settings.bounds
    with _bound(settings) as listening, open_house(settings.state, settings.approvals, settings.gateways) as house:
        policies = {name: server.policy for name, server in settings.servers.items()}
        _pin(settings, house)
        for path in dict.fromkeys(path for path in policies.values() if path is not None):
            house.policies.open(path)
        _demand_grants(settings, house)
        upstreams = {name: upstream_of(server, bounds, house) for name, server in settings.servers.items()}
        gates = {name: house.gate(settings.servers[name], upstream) for name, upstream in upstreams.items()}
        local = local_principal() if settings.is_loopback else None
        house.url = f"http://{_place_of(settings)}"
        requests = Crowd(bounds.requests_per_principal, "requests")
        streams = Crowd(bounds.streams_per_session, "streams of one session")
        house.meter.gauge("ostiary_requests", "Requests under way, open streams among them.", lambda: len(requests))
        house.meter.gauge("ostiary_streams", "Open GET streams of sessions.", lambda: len(streams))
        gateway = HttpGateway(
            gates,
            Access(house.grants, policies, house.policies.current, local, house.clock),
            Doorplate(settings.hosts, settings.origins, is_loopback=settings.is_loopback),
            seal_key=hmac.digest(house.key, b"session ids", hashlib.sha256),
            bounds=MessageBounds(bounds.body, bounds.depth),
            requests=requests,
            streams=streams,
            meter=house.meter,
            shows_metrics=settings.shows_metrics,
            open_desk=lambda: house.office.desk,
        )
        server = http_server(gateway, _manners(bounds), house.meter, 5 * GRACE)
        _announce(settings, house)
        watching = asyncio.ensure_future(house.look_after())
        try:
            await _until_signalled(server, listening, upstreams.values(), watching)
        finally:
            watching.cancel()
            await close_all(upstreams.values())
            for gate in gates.values():
                gate.close()
            house.ledger.append("gateway.stopped", {})
    return 0


@contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.host, settings.port))
            listening.listen(2048)
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise ConfigurationError(
                f"{settings.file}: cannot listen on {where}: {error.strerror}; choose another with `listen`"
            ) from None
        listening.setblocking(False)
        yield listening


def _pin(settings: Settings, house: House) -> None:
    """Go by the lock, where one is named or lies beside the configuration."""
    lock = settings.pins
    if lock is None:
        return
    if settings.names_pins and not lock.exists():
        raise ConfigurationError(
            f"{settings.file}: `pins` names {lock}, which is not there; make it with `ostiary pin`"
        )
    house.pin(lock, tuple(settings.servers.values()))
    for name, server in settings.servers.items():
        if server.on_drift is not None and house.pinned(name) is None:
            raise ConfigurationError(
                f"{settings.file}: server `{name}` has `on_drift` but no pins in {lock}; "
                f"make them with `ostiary pin --server {name}`"
            )


def _demand_grants(settings: Settings, house: House) -> None:
    if not settings.is_loopback and not house.grants.any():
        raise ConfigurationError(
            f"{settings.file}: listens on {settings.host}, where others can reach it, but there are no grants; "
            "make one with `ostiary grant create`, or listen on 127.0.0.1"
        )


def _place_of(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def _announce(settings: Settings, house: House) -> None:
    """Say where agents connect, and whatever of it somebody may not have meant."""
    place = _place_of(settings)
    house.ledger.append("gateway.started", {"version": __version__, "servers": list(settings.servers), "listen": place})
    has_grants = house.grants.any()
    for name, server in settings.servers.items():
        policy = server.policy or ("no policy of its own: a grant without one may do nothing" if has_grants else None)
        pinned = house.pinned(name)
        pins = (
            "" if pinned is None else f"; {len(pinned.pins)} tools pinned in {settings.pins}, drift: {pinned.on_drift}"
        )
        say(f"http://{place}/mcp/{name} -> {policy or 'no policy: every call is denied'}{pins}")
    if not has_grants:
        say("no grants: everybody on this machine may connect; `ostiary grant create` ends that")


async def _until_signalled(
    server: uvicorn.Server, listening: socket.socket, upstreams: Iterable[Upstream], watching: asyncio.Future[None]
) -> None:
    """Serve until told to stop, or until nobody looks after policies any more, which is raised. Calls under way may end
    by themselves for a while; then their upstreams close, and they are answered with that."""
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    told = signalled()
    await asyncio.wait((serving, told, watching), return_when=FIRST_COMPLETED)
    server.should_exit = True
    await asyncio.wait((serving,), timeout=GRACE)
    await close_all(upstreams)
    await serving
    if watching.done():
        watching.result()


def _manners(bounds: Bounds) -> Manners:
    return Manners(
        bounds.connections,
        bounds.headers,
        bounds.head,
        bounds.head_timeout,
        bounds.body_timeout,
        bounds.unread_timeout,
        bounds.keep_alive,
    )
