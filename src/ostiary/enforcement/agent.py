"""Who stands at the gate."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ostiary.model import Client, Principal, Redaction
from ostiary.policy import Policy
from ostiary.ports import Origin
from ostiary.wire.era import Era


class Agent(msgspec.Struct, frozen=True):
    """Who stands at the gate with one message. `policy` is the one in force for them now; None permits nothing.

    `renew` gives the one in force later, for a call that had to wait: None where they may come in no longer.
    """

    principal: Principal
    client: Client
    origin: Origin
    era: Era
    policy: Policy | None
    renew: Callable[[], Policy | None] | None = None

    @property
    def policy_now(self) -> Policy | None:
        """The policy in force at this moment, not when the message came."""
        return self.policy if self.renew is None else self.renew()

    @property
    def redaction(self) -> Redaction | None:
        """Everything that their policy wants masked, for answers that do not say which call they belong to."""
        return None if self.policy is None else self.policy.redaction
