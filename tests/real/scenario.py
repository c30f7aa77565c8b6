"""A scenario: a server, a policy in front of it, an agent's calls, and what must be true of the world afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.real.agent import Call
from tests.real.servers import Server

UNKNOWN_TOOL = "no_such_tool"


class Outcome(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"
    LIMITED = "limited"
    HIDDEN = "hidden"
    UNKNOWN = "unknown"  # permitted by the policy, and no tool of the server


@dataclass(frozen=True, slots=True)
class Step:
    """One call, how it must come out, and a part of what the agent must read."""

    outcome: Outcome
    call: Call
    says: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`world` looks at what the server works on, past the gate; `after` is what it must see when all steps are done."""

    server: Server
    policy: str
    hidden: frozenset[str]
    steps: tuple[Step, ...]
    world: Callable[[], Mapping[str, object]] = dict
    after: Mapping[str, object] = field(default_factory=dict)


def allowed(tool: str, says: str = "", **arguments: object) -> Step:
    return Step(Outcome.ALLOWED, Call(tool, arguments), says)


def denied(tool: str, says: str = "", **arguments: object) -> Step:
    return Step(Outcome.DENIED, Call(tool, arguments), says)


def limited(tool: str, **arguments: object) -> Step:
    return Step(Outcome.LIMITED, Call(tool, arguments), "Retry after")


def hidden(tool: str, **arguments: object) -> Step:
    return Step(Outcome.HIDDEN, Call(tool, arguments))


def unknown() -> Step:
    return Step(Outcome.UNKNOWN, Call(UNKNOWN_TOOL))
