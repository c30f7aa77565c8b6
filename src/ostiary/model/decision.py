"""The whole answer to one call. Command line, console, ledger and the agent's text are renderings of it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ostiary.model.limit import Demand


class Effect(StrEnum):
    ALLOW = "allow"
    DENY = "deny"
    HIDE = "hide"
    REQUIRE_APPROVAL = "require_approval"


class RuleOutcome(msgspec.Struct, frozen=True):
    """What one rule said: `permits`, `holds`, `passes`, `denies`, `hides`, `errs`, `reserves`, `skipped` (its `when`
    is false); `why` says it as a person would. `shadow` rules took no part in the decision."""

    id: str
    outcome: str
    why: str
    shadow: bool = False


class ApprovalTerms(msgspec.Struct, frozen=True):
    """How a held call may be approved; times in nanoseconds."""

    timeout: int = 600 * 10**9
    approvers: int = 1
    assurance: str = "out_of_band"
    uses: int = 1
    valid_for: int = 900 * 10**9
    notify: tuple[str, ...] = ()


class Redaction(msgspec.Struct, frozen=True):
    """What is masked in the result: the named sets `secrets` and `pii`, and RE2 patterns."""

    patterns: tuple[str, ...]


class Obligations(msgspec.Struct, frozen=True):
    """What must be done for an allowing (or holding) decision to stand. One that cannot be done means deny.

    `rehearse` is what blocks in shadow mode would reserve: it is counted beside, and never denies.
    """

    reserve: tuple[Demand, ...] = ()
    approval: ApprovalTerms | None = None
    redact: Redaction | None = None
    log_arguments: bool | tuple[str, ...] = False
    rehearse: tuple[Demand, ...] = ()


class Decision(msgspec.Struct, frozen=True):
    """One decision. `rule` is the id of the rule that decided (`/default` where none did); `reason` is one sentence
    without a full stop needed; `errors` are evaluation errors, each naming its rule; `would` is what blocks in shadow
    mode would have made of the call, None where that is no different. `retry_after_ms` is set by limits alone."""

    effect: Effect
    rule: str
    reason: str = ""
    rules: tuple[RuleOutcome, ...] = ()
    errors: tuple[str, ...] = ()
    obligations: Obligations = Obligations()
    retry_after_ms: int | None = None
    approval_id: str | None = None
    would: Effect | None = None
    policy: str = ""

    @property
    def is_allowed(self) -> bool:
        return self.effect is Effect.ALLOW

    @property
    def is_retryable(self) -> bool:
        return self.retry_after_ms is not None or self.approval_id is not None
