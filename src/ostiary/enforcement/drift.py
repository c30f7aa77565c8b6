"""A tool that is not defined as it was approved, and what becomes of a call of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from ostiary.model import Decision, Effect, pointer_to
from ostiary.pins.pinned import OnDrift

__all__ = ["Drift", "DriftKind", "held_back", "is_of_drift"]

_RULES: Final = "/pins"


class DriftKind(StrEnum):
    """`twice` where a name stands for two definitions, `unsure` where the server does not say what its tools are."""

    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"
    TWICE = "twice"
    UNSURE = "unsure"


class Drift(msgspec.Struct, frozen=True):
    """One tool of one session's list; `digest` is that of the definition found there, None where there is none."""

    name: str
    kind: DriftKind
    digest: str | None = None

    @property
    def rule(self) -> str:
        return pointer_to(_RULES, self.name)

    @property
    def reason(self) -> str:
        """What the agent is told. Nothing of the definition is in it: it has not been looked at."""
        return _REASONS[self.kind].format(self.name)


_REVIEW: Final = "a person has to look at it first (`ostiary pin --review`)"
_REASONS: Final = {
    DriftKind.CHANGED: f"the definition of `{{}}` has changed since it was approved; {_REVIEW}",
    DriftKind.NEW: f"`{{}}` is not among the approved tools of this server; {_REVIEW}",
    DriftKind.GONE: f"the server does not list `{{}}` any more, which was approved; {_REVIEW}",
    DriftKind.TWICE: f"the server lists `{{}}` more than once, with different definitions; {_REVIEW}",
    DriftKind.UNSURE: "the server does not tell whether `{}` is still as it was approved",
}
_EFFECTS: Final = {
    OnDrift.DENY: Effect.DENY,
    OnDrift.HIDE: Effect.HIDE,
    OnDrift.REQUIRE_APPROVAL: Effect.REQUIRE_APPROVAL,
}


def held_back(decision: Decision, drift: Drift, way: OnDrift) -> Decision:
    """The decision on a call of a tool that has drifted. What policy refuses or hides stays so, for policy's reason."""
    if decision.effect in (Effect.DENY, Effect.HIDE) or way is OnDrift.WARN:
        return decision
    is_unclear = way is OnDrift.REQUIRE_APPROVAL and drift.kind in (DriftKind.UNSURE, DriftKind.TWICE)
    effect = Effect.DENY if is_unclear else _EFFECTS[way]
    return msgspec.structs.replace(decision, effect=effect, rule=drift.rule, reason=drift.reason)


def is_of_drift(decision: Decision) -> bool:
    """Whether it was taken because the tool has drifted, and not by a rule of a policy."""
    return decision.rule.startswith(f"{_RULES}/")
