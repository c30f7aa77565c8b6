"""The wiring: the only place that names concrete adapters."""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import hmac
import secrets
import signal
import socket
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import uvloop

from ostiary import __version__
from ostiary.accounts import Accounts
from ostiary.enforcement import Gate
from ostiary.errors import ConfigurationError
from ostiary.gateway.access import Access
from ostiary.gateway.http import HttpGateway
from ostiary.gateway.origin_check import Doorplate
from ostiary.gateway.pipes import lines_in, open_sink, open_source
from ostiary.gateway.stdio import StdioGateway
from ostiary.ledger.redaction import Redactor
from ostiary.model import JSONObject, Principal
from ostiary.notices import say
from ostiary.policies import Policies
from ostiary.ports import Upstream
from ostiary.settings import ServerSettings, Settings, default_state
from ostiary.stores.counters import SqliteCounters
from ostiary.stores.database import Database
from ostiary.stores.directory import digest_key
from ostiary.stores.grants import SqliteGrants
from ostiary.stores.ledger import SqliteLedger, new_writer
from ostiary.upstream.bridge import Bridge
from ostiary.upstream.http import HttpUpstream
from ostiary.upstream.response import Limits
from ostiary.upstream.sessions import StdioSessions
from ostiary.upstream.stdio import StdioUpstream


class SystemClock:
    """The time of this machine."""

    def now(self) -> int:
        return time.time_ns()


class House:
    """What all gates of one process share: the state directory and everything in it, the policies, the clock."""

    def __init__(self, state: Path) -> None:
        self.clock = SystemClock()
        self.database = Database(state)
        self.key = digest_key(state)
        self.ledger = SqliteLedger(self.database, self.clock, new_writer())
        self.counters = SqliteCounters(self.database)
        self.grants = SqliteGrants(self.database)
        self.policies = Policies(self.ledger.append)
        self._accounts = Accounts(self.ledger, Redactor(self.key), self.clock, lambda: f"c_{secrets.token_hex(8)}")

    def gate(self, server: str, upstream: Upstream) -> Gate:
        return Gate(server, upstream, self.counters, self._accounts, self.clock)

    def close(self) -> None:
        self.database.close()


def serve_gateway(settings: Settings) -> int:
    """`ostiary serve`: listen until told to stop. Returns the exit code; raises `ConfigurationError`."""
    return uvloop.run(_serve(settings))


def run_server(server: ServerSettings, state: Path | None) -> int:
    """`ostiary run`: one agent on stdio. Returns the server's own exit code; raises `UpstreamNotReached` where it
    cannot be started, and `ConfigurationError`."""
    return uvloop.run(_run(server, state or default_state()))


async def _serve(settings: Settings) -> int:
    import uvicorn

    with _bound(settings) as listening, _house(settings.state) as house:
        policies = {name: server.policy for name, server in settings.servers.items()}
        for path in dict.fromkeys(path for path in policies.values() if path is not None):
            house.policies.open(path)
        is_open = settings.is_loopback and not house.grants.any()
        _demand_grants(settings, is_open)
        upstreams = {name: _upstream(server, settings) for name, server in settings.servers.items()}
        gates = {name: house.gate(name, upstream) for name, upstream in upstreams.items()}
        local = Principal(_local_user()) if settings.is_loopback else None
        gateway = HttpGateway(
            gates,
            Access(house.grants, policies, house.policies.current, local, house.clock),
            Doorplate(settings.hosts, settings.origins, is_loopback=settings.is_loopback),
            seal_key=hmac.digest(house.key, b"session ids", hashlib.sha256),
            largest_body=settings.bounds.body,
        )
        server = _server(uvicorn, gateway)
        _announce(settings, house, is_open)
        watching = asyncio.ensure_future(house.policies.keep_current())
        try:
            await server.serve(sockets=[listening])
        finally:
            watching.cancel()
            await asyncio.gather(*(upstream.close() for upstream in upstreams.values()), return_exceptions=True)
            house.ledger.append("gateway.stopped", {})
    return 0


async def _run(server: ServerSettings, state: Path) -> int:
    with _house(state) as house:
        path = server.policy
        if path is not None:
            house.policies.open(path)
        upstream = await _single_upstream(server)
        gate = house.gate(server.name, upstream)
        house.ledger.append("gateway.started", {"version": __version__, "servers": [server.name], "stdio": True})
        source, sink = await open_source(), await open_sink()
        front = StdioGateway(gate, Principal(_local_user()), lambda: path and house.policies.current(path), sink)
        serving = asyncio.ensure_future(front.serve(lines_in(Bounds().body, source), Bounds().body))
        watching = asyncio.ensure_future(house.policies.keep_current())
        try:
            return await _until_over(serving, upstream)
        finally:
            watching.cancel()
            await upstream.close()
            house.ledger.append("gateway.stopped", {})


@contextmanager
def _house(state: Path) -> Iterator[House]:
    house = House(state)
    try:
        yield house
    finally:
        house.close()


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


def _demand_grants(settings: Settings, house: House) -> None:
    if not settings.is_loopback and not house.grants.any():
        raise ConfigurationError(
            f"{settings.file}: listens on {settings.host}, where others can reach it, but there are no grants; "
            "make one with `ostiary grant create`, or listen on 127.0.0.1"
        )
