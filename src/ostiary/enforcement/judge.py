"""What is decided of one call: of which definition of its tool, by policy, and by what is approved of that tool."""

from __future__ import annotations

from functools import partial
from typing import Final

import msgspec

from ostiary import policy as pdp
from ostiary.enforcement.agent import Agent
from ostiary.enforcement.drift import held_back
from ostiary.enforcement.inquiry import Inquiry
from ostiary.enforcement.pins import Pins, session_of
from ostiary.enforcement.replies import NO_POLICY, refused
from ostiary.errors import UpstreamError
from ostiary.model import Call, Decision, Tool
from ostiary.policy import Policy
from ostiary.ports import Clock
from ostiary.wire.message import Request

_UNLISTED: Final = "the server does not list this tool, and this policy judges by what it lists"


class Judge:
    """The judge of one server's calls. It sends nothing but questions for the server's list."""

    def __init__(self, inquiry: Inquiry, pins: Pins, clock: Clock) -> None:
        self._inquiry = inquiry
        self._pins = pins
        self._clock = clock

    async def define(self, name: str, request: Request, agent: Agent, *, anew: bool = False) -> Tool:
        """The tool that policy judges: of a pinned server as it was approved, where this session was listed that; else
        as the server defines it, as far as policy asks for that, or `anew`. Raises `UpstreamError`."""
        if self._pins.in_force is None:
            if anew or (agent.policy is not None and agent.policy.needs_definitions):
                return await self._inquiry.define(name, request, agent.origin, agent.era, anew=anew)
            return self._inquiry.known(name)
        at = session_of(request, agent.origin)
        if anew or not self._pins.knows(name, at):
            ask = partial(self._inquiry.define, name, request, agent.origin, agent.era, anew=True)
            await self._pins.attend(name, at, ask, anew=anew)
        return self._pins.tool(name, at)

    async def look_up(self, call: Call, request: Request, agent: Agent) -> Call:
        """The call, of once the server has said it, with its tool as the server defines it now: people see that, and
        approve that."""
        try:
            tool = await self.define(call.tool.name, request, agent, anew=True)
        except UpstreamError:
            tool = self._inquiry.known(call.tool.name)
        return msgspec.structs.replace(call, tool=self._inquiry.exact(tool), at=self._clock.now())

    def decide(self, call: Call, policy: Policy | None, request: Request, agent: Agent) -> Decision:
        """What policy makes of the call, and then what becomes of a tool that is not as it was approved. Where policy
        judges by definitions, an unlisted tool would escape judgement."""
        if policy is None:
            return NO_POLICY
        if policy.tools.reads_traits:
            call = msgspec.structs.replace(call, tool=self._inquiry.classified(call.tool))
        decision, pinned = pdp.decide(policy, call), self._pins.in_force
        if pinned is not None:
            drift = self._pins.drift(call.tool.name, session_of(request, agent.origin))
            if drift is None:
                return decision
            decision = held_back(decision, drift, pinned.on_drift)
        if decision.is_allowed and policy.needs_definitions and not self._inquiry.is_known(call.tool.name):
            return refused(decision, _UNLISTED)
        return decision
