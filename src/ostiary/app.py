"""The wiring: the only place that names concrete adapters."""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import hmac
import itertools
import os
import secrets
import signal
import socket
import time
from asyncio import FIRST_COMPLETED
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvloop

from ostiary import __version__
from ostiary.asking.settings import ApprovalSettings
from ostiary.enforcement import Gate
from ostiary.enforcement.accounts import Accounts
from ostiary.enforcement.failures import Failures
from ostiary.enforcement.rounds import Rounds
from ostiary.errors import ConfigurationError, StoreError
from ostiary.gateway.access import Access
from ostiary.gateway.crowd import Crowd
from ostiary.gateway.http import HttpGateway
from ostiary.gateway.listener import Manners, http_server
from ostiary.gateway.origin_check import Doorplate
from ostiary.gateway.pipes import lines_in, open_sink, open_source
from ostiary.gateway.stdio import StdioGateway
from ostiary.ledger.redaction import Redactor
from ostiary.meter import Meter, MeteredLedger
from ostiary.model import Principal
from ostiary.notices import say, say_what_libraries_log
from ostiary.pins.pinned import Pinned
from ostiary.policies import Policies
from ostiary.policy import Policy
from ostiary.ports import Upstream
from ostiary.settings import Bounds, ServerSettings, Settings, default_state
from ostiary.stores.alive import has_something_to_come
from ostiary.stores.counters import SqliteCounters
from ostiary.stores.database import Database
from ostiary.stores.directory import digest_key
from ostiary.stores.grants import SqliteGrants
from ostiary.stores.ledger import SqliteLedger, new_writer
from ostiary.stores.outage import OutageCounters
from ostiary.stores.tasks import SqliteTasks
from ostiary.upstream.bridge import Bridge
from ostiary.upstream.eras.interpreter import Interpreter
from ostiary.upstream.heeded import Heeded
from ostiary.upstream.http import HttpUpstream
from ostiary.upstream.line import Far
from ostiary.upstream.process import Command
from ostiary.upstream.response import Limits
from ostiary.upstream.stdio import StdioLimits, StdioUpstream
from ostiary.wire.json import Bounds as MessageBounds

if TYPE_CHECKING:
    import uvicorn

    from ostiary.asking.office import ApprovalOffice
    from ostiary.pins.in_force import PinsInForce


KEEP_EVERY: Final = 1.0
"""Seconds between two looks for approvals whose time is over."""

GRACE: Final = 2
"""Seconds that calls under way may take once `serve` was told to stop."""


class SystemClock:
    """The time of this machine."""

    def now(self) -> int:
        return time.time_ns()


def _numbered(prefix: str) -> Callable[[], str]:
    """Ids that no other run of a process makes: a random part for the run, then a count."""
    run = secrets.token_hex(6)
    count = itertools.count(1)
    return lambda: f"{prefix}{run}{next(count):x}"


class House:
    """What all gates of one process share: the state directory and everything in it, the policies, the clock."""

    def __init__(self, state: Path, approvals: ApprovalSettings | None = None, gateways: int = 1) -> None:
        self.clock = SystemClock()
        self.database = Database(state)
        self.key = digest_key(state)
        self.ledger = SqliteLedger(self.database, self.clock, new_writer())
        self.counters = OutageCounters(SqliteCounters(self.database), gateways)
        self.grants = SqliteGrants(self.database)
        self.policies = Policies(self.ledger.append, self._look_again, self._prove)
        self.pins: PinsInForce | None = None
        self._gates: dict[str, Gate] = {}
        self.meter = Meter()
        ledger = MeteredLedger(self.ledger, self.meter)
        self._accounts = Accounts(ledger, Redactor(self.key), self.clock, _numbered("c_"))
        self._approvals = approvals or ApprovalSettings()
        self._tasks = SqliteTasks(self.database)
        self.url = ""

    def gate(self, server: ServerSettings, upstream: Upstream) -> Gate:
        name = server.name
        rounds = Rounds(name, hmac.digest(self.key, b"rounds", hashlib.sha256))
        accounts, clock = self._accounts, self.clock
        gate = Gate(
            name,
            upstream,
            self.counters,
            accounts,
            clock,
            rounds,
            self._tasks,
            lambda: self.office.holding(name),
            lambda: self.pinned(name),
            Failures(server.failures),
        )
        self._gates[name] = gate
        return gate

    def pin(self, lock: Path, servers: Sequence[ServerSettings]) -> None:
        """Go by a lock from now on. Raises `ConfigurationError`."""
        from ostiary.pins.in_force import PinsInForce

        self.pins = PinsInForce(lock, servers, self.ledger.append, lambda: self._compare_again(servers))

    def pinned(self, server: str) -> Pinned | None:
        """What is approved of a server; None where it is not pinned."""
        return None if self.pins is None else self.pins.of(server)

    def _prove(self, path: Path, policy: Policy) -> None:
        if self.pins is not None:
            self.pins.prove(path, policy)

    def _compare_again(self, servers: Sequence[ServerSettings]) -> None:
        for path in dict.fromkeys(server.policy for server in servers):
            policy = None if path is None else self.policies.current(path)
            try:
                if path is not None and policy is not None:
                    self._prove(path, policy)
            except ConfigurationError as error:
                say(f"the policy in force does not fit the new pins:\n{error}")
        for gate in self._gates.values():
            gate.compare_again()

    def tools_changed(self, server: str) -> None:
        """A server says that it defines other tools now."""
        if server in self._gates:
            self._gates[server].ask_again()

    def _look_again(self) -> None:
        for gate in self._gates.values():
            gate.look_again()

    @cached_property
    def office(self) -> ApprovalOffice:
        """What approvals need, made when the first one is asked for."""
        from ostiary.asking.office import ApprovalOffice

        settings = self._approvals
        return ApprovalOffice(
            self.database, self.ledger, self.counters, self.clock, self.key, settings, settings.url or self.url
        )

    async def look_after(self) -> None:
        """Keep policies and pins current and approvals in time, until cancelled."""
        keeping = [] if self.pins is None else [self.pins.keep_current()]
        await asyncio.gather(self.policies.keep_current(), self._keep_approvals(), *keeping)

    async def _keep_approvals(self) -> None:
        """End approvals whose time is over, again and again, until cancelled. Loads nothing while there are none."""
        while True:
            await asyncio.sleep(KEEP_EVERY)
            try:
                if has_something_to_come(self.database):
                    await self.office.tend()
            except StoreError as error:
                say(f"approvals cannot be looked after: {error}")

    def close(self) -> None:
        self.ledger.close()
        self.database.close()


def serve_gateway(settings: Settings) -> int:
    """`ostiary serve`: listen until told to stop. Returns the exit code; raises `ConfigurationError`."""
    say_what_libraries_log()
    return uvloop.run(_serve(settings))


def run_server(server: ServerSettings, state: Path | None, lock: Path | None = None, hold: float | None = None) -> int:
    """`ostiary run`: one agent on stdio; `lock` has its pins, `hold` is how many seconds a call is held for an answer.
    Returns the server's own exit code; raises `UpstreamNotReached` where it cannot be started, and
    `ConfigurationError`."""
    say_what_libraries_log()
    approvals = ApprovalSettings() if hold is None else ApprovalSettings(hold=hold)
    return uvloop.run(_run(server, state or default_state(), lock, approvals))


async def _serve(settings: Settings) -> int:
    bounds = settings.bounds
    with _bound(settings) as listening, _house(settings.state, settings.approvals, settings.gateways) as house:
        policies = {name: server.policy for name, server in settings.servers.items()}
        _pin(settings, house)
        for path in dict.fromkeys(path for path in policies.values() if path is not None):
            house.policies.open(path)
        _demand_grants(settings, house)
        upstreams = {name: _upstream(server, bounds, house) for name, server in settings.servers.items()}
        gates = {name: house.gate(settings.servers[name], upstream) for name, upstream in upstreams.items()}
        local = _local_principal() if settings.is_loopback else None
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
            await _until_signalled(server, listening, upstreams.values())
        finally:
            watching.cancel()
            await _close(upstreams.values())
            for gate in gates.values():
                gate.close()
            house.ledger.append("gateway.stopped", {})
    return 0


async def _run(server: ServerSettings, state: Path, lock: Path | None, approvals: ApprovalSettings) -> int:
    with _house(state, approvals) as house:
        path = server.policy
        if path is None:
            raise ConfigurationError("no policy; say which one with --policy FILE")
        if lock is not None:
            house.pin(lock, [server])
            if house.pinned(server.name) is None:
                raise ConfigurationError(
                    f"{lock}: has no pins of `{server.name}`; make them with `ostiary pin --lock {lock} --name "
                    f"{server.name}` and the same server"
                )
        house.policies.open(path)
        child = _line(server, house)
        if child is not None:
            await child.start()
        upstream = Bridge(Interpreter(_http(server))) if child is None else Interpreter(child, is_alone=True)
        house.ledger.append("gateway.started", {"version": __version__, "servers": [server.name], "front": "stdio"})
        source, sink = await open_source(), await open_sink()
        gate = house.gate(server, upstream)
        front = StdioGateway(gate, _local_principal(), lambda: house.policies.current(path), sink)
        bounds = MessageBounds(Bounds().body, Bounds().depth)
        serving = asyncio.ensure_future(front.serve(lines_in(bounds.size, source), bounds))
        watching = asyncio.ensure_future(house.look_after())
        try:
            return await _until_over(server, serving, child)
        finally:
            watching.cancel()
            await upstream.close()
            gate.close()
            house.ledger.append("gateway.stopped", {})


async def _until_over(server: ServerSettings, serving: asyncio.Future[None], child: StdioUpstream | None) -> int:
    """Wait for the agent to close its side, for the server to end, or for a signal; the exit code that follows."""
    told = _signalled()
    ended = None if child is None else asyncio.ensure_future(child.wait())
    await asyncio.wait([each for each in (serving, told, ended) if each is not None], return_when=FIRST_COMPLETED)
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
    return 128 + told.result() if told.done() else status


def _signalled() -> asyncio.Future[int]:
    """The number of the first SIGTERM, SIGINT or SIGHUP, once it comes."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[int] = loop.create_future()

    def tell(number: int) -> None:
        if not told.done():
            told.set_result(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, tell, number)
    return told


@contextmanager
def _house(state: Path, approvals: ApprovalSettings | None = None, gateways: int = 1) -> Iterator[House]:
    house = House(state, approvals, gateways)
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


async def _until_signalled(server: uvicorn.Server, listening: socket.socket, upstreams: Iterable[Upstream]) -> None:
    """Serve until told to stop. Calls under way may end by themselves for a while; then their upstreams close, and
    they are answered with that."""
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    told = _signalled()
    await asyncio.wait((serving, told), return_when=FIRST_COMPLETED)
    server.should_exit = True
    await asyncio.wait((serving,), timeout=GRACE)
    await _close(upstreams)
    await serving


async def _close(upstreams: Iterable[Upstream]) -> None:
    await asyncio.gather(*(upstream.close() for upstream in upstreams), return_exceptions=True)


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


def _upstream(server: ServerSettings, bounds: Bounds, house: House) -> Upstream:
    meter = house.meter
    if server.url and server.transport == "http":
        return _metered(Interpreter(_http(server), poll_after=bounds.poll_after), server, meter)
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


def _metered(upstream: Interpreter, server: ServerSettings, meter: Meter) -> Interpreter:
    what = "Sessions kept for agents of servers that know none."
    meter.gauge("ostiary_kept_sessions", what, lambda: upstream.kept_sessions, server.name)
    return upstream


def _line(server: ServerSettings, house: House) -> StdioUpstream | None:
    """The one line of `ostiary run` to its server, not yet open; None for Streamable HTTP, which has none."""
    if not server.url:
        return StdioUpstream(_heeded(_command(server), server.name, house))
    if server.transport == "http":
        return None
    from ostiary.upstream.sse_line import SseServer

    far = SseServer(server.url, server.headers, Limits(answer=server.timeout))
    return StdioUpstream(_heeded(far, server.name, house), limits=StdioLimits(answer=server.timeout))


def _http(server: ServerSettings) -> HttpUpstream:
    return HttpUpstream(server.url or "", server.headers, limits=Limits(answer=server.timeout))


def _command(server: ServerSettings) -> Command:
    return Command(server.command, server.env, server.cwd)


def _heeded(far: Far, server: str, house: House) -> Heeded:
    return Heeded(far, lambda: house.tools_changed(server))


def _local_principal() -> Principal:
    """Whoever runs this process, for agents that come without a grant."""
    try:
        return Principal(f"local:{getpass.getuser()}")
    except (KeyError, OSError):
        return Principal(f"local:{os.getuid()}")
