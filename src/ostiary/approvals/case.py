"""One approval with everything that is kept of it: its life, what people are shown, what it has reserved."""

from __future__ import annotations

import msgspec

from ostiary.approvals.approval import Approval
from ostiary.model import Reservation

__all__ = ["Case", "Question"]


class Question(msgspec.Struct, frozen=True):
    """What a person is shown. `arguments` is canonical JSON, all of it; `why` is why the tool is risky, a sentence
    each; `reason` is the rule's own; `asked_today` counts this agent's questions since midnight UTC, with this one."""

    arguments: str
    agent: str = ""
    client: str = ""
    reason: str = ""
    description: str = ""
    risk_class: str | None = None
    severity: str | None = None
    why: tuple[str, ...] = ()
    asked_today: int = 1


class Case(msgspec.Struct, frozen=True):
    """`reservation` is of the limits, taken before the question was put; None once somebody took it over."""

    approval: Approval
    question: Question
    reservation: Reservation | None = None

    @property
    def id(self) -> str:
        return self.approval.id
