"""What the gate tells the ledger of each call: refused, intended, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from ostiary.errors import LedgerError
from ostiary.ledger.redaction import Redactor
from ostiary.model import JSON, Call, Client, Decision, Effect, JSONObject, Principal
from ostiary.notices import say
from ostiary.ports import Clock, Ledger

MILLISECOND = 1_000_000


class Intent(msgspec.Struct, frozen=True):
    """A call that is on record and may be sent. `id` ties its records together, `since` is Unix nanoseconds."""

    id: str
    since: int


class Accounts:
    """`new_id` makes the id that ties a call's records together."""

    def __init__(self, ledger: Ledger, redactor: Redactor, clock: Clock, new_id: Callable[[], str]) -> None:
        self._ledger = ledger
        self._redactor = redactor
        self._clock = clock
        self._new_id = new_id

    async def intend(self, call: Call, decision: Decision, continues: str | None = None) -> Intent:
        """Put a call on record before it is sent; `continues` is the one whose question it answers. Raises
        `LedgerError`: then it must not be sent."""
        intent = Intent(self._new_id(), self._clock.now())
        try:
            link = {"continues": continues} if continues else {}
            await self._ledger.append("call.intent", {"call": intent.id, **link, **self._told(call, decision)})
        except asyncio.CancelledError:
            self.settle(intent, "not_sent", reason="the agent went away before the call was sent")
            raise
        return intent

    def settle(self, intent: Intent, outcome: str, **more: JSON) -> None:
        """Record how an intended call ended: `returned`, `failed` (the server says so, or the pattern in `failure` was
        found in the result), `unknown` (sent, no answer: nobody can say whether it happened) or `not_sent`. The ledger
        itself says aloud if it cannot."""
        took = (self._clock.now() - intent.since) // MILLISECOND
        self._ledger.note("call.outcome", {"call": intent.id, "outcome": outcome, "ms": took, **more})

    def task_ended(self, call: str, task: str, outcome: str, failure: str | None) -> None:
        """Record how a call ended that was answered with a task: `returned` or `failed`, seen when it was fetched."""
        more = {} if failure is None else {"failure": failure}
        self._ledger.note("task.outcome", {"call": call, "task": task, "outcome": outcome, **more})

    async def refused(self, call: Call, decision: Decision) -> None:
        """Record a call that was not let through. The refusal stands even where it cannot be recorded."""
        await self._best_effort("call.refused", {"call": self._new_id(), **self._told(call, decision)})

    async def access(self, method: str, call: Call, decision: Decision) -> None:
        """Put an access to a resource or prompt on record; raises `LedgerError` only where it is to be let through."""
        body: dict[str, JSON] = {
            "server": call.server,
            "method": method,
            "name": call.tool.name,
            **_who(call.principal, call.client),
            **_judgement(decision),
        }
        if decision.is_allowed:
            await self._ledger.append("access.allowed", body)
        else:
            await self._best_effort("access.refused", body)

    def filtered(self, server: str, who: Principal, removed: Sequence[str]) -> None:
        """Record that a list was shown without the tools named."""
        self._ledger.note("list.filtered", {"server": server, "principal": who.id, "removed": list(removed)})

    def drifted(self, body: JSONObject) -> None:
        """Record that a server defines a tool otherwise than was approved, and how."""
        self._ledger.note("pins.drift", body)

    def broken(self, server: str, who: Principal, method: str, error: Exception) -> None:
        """Record, and say aloud, that a message was refused because Ostiary itself failed."""
        what = f"{type(error).__name__}: {error}"
        say(f"{server}: `{method}` was refused because the gate failed: {what}")
        self._ledger.note("gate.failed", {"server": server, "principal": who.id, "method": method, "error": what})

    async def _best_effort(self, kind: str, body: JSONObject) -> None:
        try:
            await self._ledger.append(kind, body)
        except LedgerError as error:
            say(f"a refusal could not be recorded: {error}")

    def _told(self, call: Call, decision: Decision) -> dict[str, JSON]:
        return {
            "server": call.server,
            "tool": call.tool.name,
            **_who(call.principal, call.client),
            **_judgement(decision),
            "arguments": self._redactor.describe(call.arguments, decision.obligations.log_arguments),
        }


def _who(principal: Principal, client: Client) -> dict[str, JSON]:
    return {
        "principal": principal.id,
        "grant": principal.grant,
        "client": f"{client.name} {client.version}".strip(),
    }


def _judgement(decision: Decision) -> dict[str, JSON]:
    told: dict[str, JSON] = {"decision": decision.effect.value, "rule": decision.rule, "policy": decision.policy}
    if decision.effect is not Effect.ALLOW:
        told["reason"] = decision.reason
    if decision.errors:
        told["errors"] = list(decision.errors)
    if decision.would is not None:
        told["would"] = decision.would.value
    if decision.approval_id is not None:
        told["approval"] = decision.approval_id
    if decision.retry_after_ms is not None:
        told["retry_after_ms"] = decision.retry_after_ms
    return told
