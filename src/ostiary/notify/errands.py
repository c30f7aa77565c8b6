"""Messages to people: kept with their question, sent aside, tried again with longer and longer waits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from ostiary.approvals import Case
from ostiary.asking.links import Signer
from ostiary.asking.settings import Form, Smtp, Target
from ostiary.notices import say
from ostiary.notify.message import as_event, as_mail, as_slack
from ostiary.notify.sending import mail, post
from ostiary.ports import ApprovalStore, Clock, Errand, ErrandStore, Ledger

SECOND: Final = 10**9
FIRST_WAIT: Final = 2
LONGEST_WAIT: Final = 600
MOST_TRIES: Final = 12
AT_ONCE: Final = 8
CLAIMED_FOR: Final = 60 * SECOND


class Messenger:
    """`url` is where people reach this gateway. A policy's `notify` names targets; without it all of them are told."""

    def __init__(
        self,
        store: ErrandStore,
        approvals: ApprovalStore,
        targets: Mapping[str, Target],
        smtp: Smtp | None,
        signer: Signer,
        url: str,
        clock: Clock,
        ledger: Ledger,
    ) -> None:
        self._store = store
        self._approvals = approvals
        self._targets = targets
        self._smtp = smtp
        self._signer = signer
        self._url = url
        self._clock = clock
        self._ledger = ledger

    async def send(self, case: Case) -> None:
        """See `questions.Errands`: the messages are kept in the transaction of the question itself."""
        wanted = case.approval.terms.notify or tuple(self._targets)
        for name in wanted:
            if name in self._targets:
                self._store.add(case.id, name, self._clock.now())
            else:
                say(f"approval {case.id}: policy wants `{name}` told, and `approvals.notify` has nobody of that name")

    async def deliver(self) -> None:
        """Send what is due; what does not arrive is tried again later."""
        now = self._clock.now()
        claimed = self._store.claim(now, now + CLAIMED_FOR, AT_ONCE)
        await asyncio.gather(*(self._try(errand) for errand in claimed))

    async def _try(self, errand: Errand) -> None:
        case = await self._approvals.get(errand.approval)
        target = self._targets.get(errand.target)
        if case is None or target is None or not case.approval.state.is_open:
            self._store.drop(errand.id)
            return
        try:
            await asyncio.to_thread(self._deliver, errand, case, target)
        except OSError as error:
            self._put_off(errand, error)
            return
        self._store.drop(errand.id)
        self._ledger.note("notice.sent", {"approval": errand.approval, "target": errand.target, "message": errand.id})

    def _deliver(self, errand: Errand, case: Case, target: Target) -> None:
        now = self._clock.now()
        url = self._signer.link(self._url, case.id, f"link:{target.name}", case.approval.until)
        if target.email is not None and self._smtp is not None:
            mail(self._smtp, as_mail(case, url, now, self._smtp.sender, target.email, errand.id))
        elif target.webhook is not None:
            body = as_slack(case, url, now) if target.form is Form.SLACK else as_event(case, url, now)
            post(target.webhook, target.secret, errand.id, body, now // SECOND)

    def _put_off(self, errand: Errand, error: OSError) -> None:
        tries, why = errand.tries + 1, error.strerror or str(error)
        if tries >= MOST_TRIES:
            say(f"approval {errand.approval}: `{errand.target}` could not be told, for the last time: {why}")
            self._store.drop(errand.id)
            self._ledger.note("notice.failed", {"approval": errand.approval, "target": errand.target, "reason": why})
            return
        if tries == 1:
            say(f"approval {errand.approval}: `{errand.target}` could not be told, trying again: {why}")
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**errand.tries)
        self._store.retry(errand.id, self._clock.now() + wait * SECOND)
