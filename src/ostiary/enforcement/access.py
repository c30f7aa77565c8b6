"""`resources/read` and `prompts/get`: judged by URI or name, allowed and recorded unless policy says else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ostiary import policy as pdp
from ostiary.enforcement.accounts import Accounts
from ostiary.enforcement.agent import Agent
from ostiary.enforcement.attendance import Attendance
from ostiary.enforcement.charges import Charges
from ostiary.enforcement.replies import NO_POLICY, arguments_of, missing, whole
from ostiary.enforcement.rounds import Rounds
from ostiary.errors import LedgerError, UpstreamNotReached, WireError
from ostiary.model import Call, Effect, Tool
from ostiary.ports import Clock, Reply
from ostiary.wire import answers, codes
from ostiary.wire.message import Request


class Access:
    """What is read at one server besides calling tools. `ask` forwards a request that was permitted."""

    def __init__(
        self,
        server: str,
        charges: Charges,
        accounts: Accounts,
        clock: Clock,
        rounds: Rounds,
        attendance: Attendance,
        ask: Callable[[Request, Agent], Awaitable[Reply]],
    ) -> None:
        self._server = server
        self._charges = charges
        self._accounts = accounts
        self._clock = clock
        self._rounds = rounds
        self._attendance = attendance
        self._ask = ask

    async def take(self, request: Request, agent: Agent) -> Reply:
        """Answer one request. Raises `WireError`, `UpstreamError` and `LedgerError`."""
        is_resource = request.method == "resources/read"
        name = request.params.get("uri" if is_resource else "name")
        if not isinstance(name, str):
            raise WireError(codes.INVALID_PARAMS, f"`{'uri' if is_resource else 'name'}` must be a string")
        now = self._clock.now()
        taken = self._rounds.take(request, agent.principal.id, now)
        call = Call(
            Tool(name, self._server),
            {"uri": name} if is_resource else arguments_of(request),
            agent.principal,
            agent.client,
            self._attendance.enter(agent.principal.id, now),
            now,
        )
        judge = pdp.decide_resource if is_resource else pdp.decide_prompt
        decision = NO_POLICY if agent.policy is None else judge(agent.policy, call)
        decision, reservation = await self._charges.reserve(decision, now, taken)
        try:
            await self._accounts.access(request.method, call, decision)
        except LedgerError:
            await self._charges.release(reservation)
            raise
        if decision.effect is Effect.HIDE:
            return whole(missing(request, name, agent.era))
        if not decision.is_allowed:
            return whole(answers.refusal(request.id, decision))
        try:
            return await self._ask(taken.request, agent)
        except UpstreamNotReached:
            await self._charges.release(reservation)
            raise
