"""The wiring of approvals: the other half of `app`, made when the first call is held or the first answer comes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cached_property
from typing import TYPE_CHECKING

from ostiary.asking.consent import Consent
from ostiary.asking.holding import Holding
from ostiary.asking.links import Signer
from ostiary.asking.questions import Questions
from ostiary.asking.settings import ApprovalSettings
from ostiary.asking.waiting import WaitingRoom
from ostiary.notify.errands import Messenger
from ostiary.ports import Clock, CounterStore, Ledger
from ostiary.stores.approvals import SqliteApprovals
from ostiary.stores.database import Database
from ostiary.stores.errands import SqliteErrands

if TYPE_CHECKING:
    from ostiary.gateway.desk import Desk


class ApprovalOffice:
    """Everything about approvals in one process. `url` is where people reach it, `key` the installation's secret."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        counters: CounterStore,
        clock: Clock,
        key: bytes,
        settings: ApprovalSettings,
        url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._store = SqliteApprovals(database)
        self._errands = SqliteErrands(database)
        self._signer = Signer(hmac.digest(key, b"approval links", hashlib.sha256))
        self._state_key = hmac.digest(key, b"approval states", hashlib.sha256)
        self._messenger = Messenger(
            self._errands, self._store, settings.targets, settings.smtp, self._signer, url, clock, ledger
        )
        self._questions = Questions(
            self._store, ledger, counters, clock, per_hour=settings.per_hour, errands=self._messenger
        )
        room = WaitingRoom(self._store)
        self._consent = Consent(self._questions, room, counters, key, lambda: f"ap_{secrets.token_hex(8)}")

    def holding(self, server: str) -> Holding:
        """What one server's gate holds calls with."""
        seconds = self._settings.hold_of.get(server, self._settings.hold)
        return Holding(self._consent, seconds, self._settings.url, self._state_key, self._clock.now)

    @cached_property
    def desk(self) -> Desk:
        """Where people answer over HTTP."""
        from ostiary.gateway.desk import Desk
        from ostiary.stores.operators import SqliteOperators

        operators = SqliteOperators(self._database)
        return Desk(self._questions, operators, self._errands, self._signer, self._settings.targets, self._clock)

    async def tend(self) -> None:
        """End what is over, drop what ended long ago, tell whoever has to be told. Raises `StoreError`."""
        if await self._questions.expire():
            await self._questions.forget()
        await self._messenger.deliver()
