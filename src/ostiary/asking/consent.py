"""The gate's side of approvals: what a call is bound to, whether it has leave, what is asked if it has none.

Imported when the first call is held, never before.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

import msgspec

from ostiary import approvals
from ostiary.approvals import Asked, Binding, Case, NotPossible, Question, State
from ostiary.asking.coverage import holds_of
from ostiary.asking.questions import Questions, Reply
from ostiary.asking.waiting import WaitingRoom
from ostiary.ledger.canonical import encode
from ostiary.model import ApprovalTerms, Call, Decision, Effect, Reservation, Tool
from ostiary.ports import CounterStore
from ostiary.risk import classify

Reserve: TypeAlias = Callable[[Decision], Awaitable[tuple[Decision, Reservation | None]]]
"""Counts the limits of an allowing decision: what it becomes, and what it reserved where it still allows."""

_MOST_REASONS: Final = 4


class Passed(msgspec.Struct, frozen=True):
    """The call has leave, and nobody else has this use of it."""

    decision: Decision
    reservation: Reservation | None


class Consent:
    """One for all gates of a process. `key` keys the digest of arguments: the one that is on record of every call."""

    def __init__(
        self, questions: Questions, room: WaitingRoom, counters: CounterStore, key: bytes, new_id: Callable[[], str]
    ) -> None:
        self.questions = questions
        self.room = room
        self._counters = counters
        self._key = key
        self._new_id = new_id

    def bind(self, call: Call, decision: Decision) -> Binding:
        """Exactly this call, as this policy and this definition of its tool have it."""
        return Binding(
            call.principal.id,
            call.server,
            call.tool.name,
            hmac.digest(self._key, encode(call.arguments), "sha256").hex(),
            approvals.definition_digest(call.tool),
            decision.policy,
        )

    async def approach(
        self, call: Call, decision: Decision, siblings: Mapping[str, Tool], reserve: Reserve
    ) -> Case | Decision:
        """The case that may let this call pass, open or granted; a question is put where there is none. Or a refusal:
        somebody has said no to it, a limit is reached, or this agent has asked too much."""
        bound = self.bind(call, decision)
        try:
            case = await self.questions.standing(bound)
            if case is None or case.approval.state is not State.GRANTED:
                case = await self.questions.covering(bound, _cost(decision), holds_of(call)) or case
            if case is not None:
                return case
            return await self._ask(bound, call, decision, siblings, reserve)
        except NotPossible as error:
            return _refused(decision, str(error))

    async def current(self, id: str) -> Case:
        """The case as it is now; one whose time is over has expired. Raises `NotPossible` for an unknown id."""
        return await self.questions.current(id)

    async def use(self, case: Case, call: Call, decision: Decision, reserve: Reserve) -> Passed | Decision:
        """Take one use of a granted case for this call, which policy has just judged again; its limits are counted at
        this instant. Or a refusal, and nothing was used."""
        bound, cost, holds = self.bind(call, decision), _cost(decision), holds_of(call)
        try:
            approvals.redeem(case.approval, bound, cost, call.at, holds)
        except NotPossible as error:
            return _refused(decision, str(error))
        kept = await self.questions.store.take_reservation(case.id)
        if kept is not None:
            await self._counters.release(kept)
        allowed = msgspec.structs.replace(decision, effect=Effect.ALLOW, reason="", approval_id=case.id)
        counted, reservation = await reserve(allowed)
        if not counted.is_allowed:  # it waits for the limit now, and for nobody's word
            return msgspec.structs.replace(counted, approval_id=None)
        try:
            await self.questions.redeem(case.id, bound, cost, holds)
        except NotPossible as error:
            if reservation is not None:
                await self._counters.release(reservation)
            return _refused(decision, str(error))
        return Passed(counted, reservation)

    async def answer_at_client(self, case: Case, principal: str, *, is_yes: bool) -> Case | None:
        """Take the answer of the person at the agent's own client; None where that is not accepted."""
        try:
            return await self.questions.answer(case.id, Reply(principal, "client", is_yes))
        except NotPossible:
            return None

    async def _ask(
        self, bound: Binding, call: Call, decision: Decision, siblings: Mapping[str, Tool], reserve: Reserve
    ) -> Case | Decision:
        counted, reservation = await reserve(msgspec.structs.replace(decision, effect=Effect.ALLOW))
        if not counted.is_allowed:
            return counted
        terms = decision.obligations.approval or ApprovalTerms()
        asked = Asked(call.at, bound, terms, decision.rule, _cost(decision))
        try:
            return await self.questions.ask(self._new_id(), asked, _question(call, decision, siblings), reservation)
        except NotPossible:
            if reservation is not None:
                await self._counters.release(reservation)
            raise


def ended(case: Case, decision: Decision) -> Decision:
    """What an agent is told of a question that was not answered with yes."""
    return _refused(decision, f"{approvals.why_ended(case.approval)} (approval {case.id})")


def _refused(decision: Decision, reason: str) -> Decision:
    return msgspec.structs.replace(decision, effect=Effect.DENY, reason=reason)


def _cost(decision: Decision) -> Decimal | None:
    """What the call spends of its budget; of several, the most."""
    costs = [Decimal(demand.cost) for demand in decision.obligations.reserve if demand.unit != "calls"]
    return max(costs, default=None)


def _question(call: Call, decision: Decision, siblings: Mapping[str, Tool]) -> Question:
    risk = classify(call.tool, tuple(siblings.values()))
    return Question(
        encode(call.arguments).decode(),
        agent=call.principal.grant or "",
        client=f"{call.client.name} {call.client.version}".strip(),
        reason=decision.reason,
        description=call.tool.description,
        risk_class=call.tool.risk_class or risk.risk_class.value,
        severity=call.tool.severity or risk.severity.value,
        why=tuple(dict.fromkeys(one.why for one in risk.evidence))[:_MOST_REASONS],
    )
