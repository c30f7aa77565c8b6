"""What all gates of one process share."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ostiary.asking.settings import ApprovalSettings
from ostiary.enforcement import Gate
from ostiary.enforcement.accounts import Accounts
from ostiary.enforcement.failures import Failures
from ostiary.enforcement.rounds import Rounds
from ostiary.errors import ConfigurationError, StoreError
from ostiary.ledger.redaction import Redactor
from ostiary.meter import Meter, MeteredLedger
from ostiary.notices import say
from ostiary.pins.pinned import Pinned
from ostiary.policies import Policies
from ostiary.policy import Policy
from ostiary.ports import Upstream
from ostiary.settings import ServerSettings
from ostiary.stores.alive import has_something_to_come
from ostiary.stores.counters import SqliteCounters
from ostiary.stores.database import Database
from ostiary.stores.directory import digest_key
from ostiary.stores.grants import SqliteGrants
from ostiary.stores.ledger import SqliteLedger, new_writer
from ostiary.stores.outage import OutageCounters
from ostiary.stores.tasks import SqliteTasks

if TYPE_CHECKING:
    from ostiary.asking.office import ApprovalOffice
    from ostiary.pins.in_force import PinsInForce

__all__ = ["House", "open_house"]

KEEP_EVERY: Final = 1.0
"""Seconds between two looks for approvals whose time is over."""


class SystemClock:
    """The time of this machine."""

    def now(self) -> int:
        return time.time_ns()


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
        gate = Gate(
            name,
            upstream,
            self.counters,
            self._accounts,
            self.clock,
            Rounds(name, hmac.digest(self.key, b"rounds", hashlib.sha256)),
            self._tasks,
            open_holding=lambda: self.office.holding(name),
            pinned=lambda: self.pinned(name),
            failures=Failures(server.failures),
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
        for path in dict.fromkeys(server.policy for server in servers if server.policy is not None):
            policy = self.policies.current(path)
            try:
                if policy is not None:
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


@contextmanager
def open_house(state: Path, approvals: ApprovalSettings | None = None, gateways: int = 1) -> Iterator[House]:
    house = House(state, approvals, gateways)
    try:
        yield house
    finally:
        house.close()


def _numbered(prefix: str) -> Callable[[], str]:
    """Ids that no other run of a process makes: a random part for the run, then a count."""
    run = secrets.token_hex(6)
    count = itertools.count(1)
    return lambda: f"{prefix}{run}{next(count):x}"
