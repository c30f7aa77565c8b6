"""A policy and a call → a decision. Total and deterministic. Policy language, section "How a call is decided".

Every block that is about the call says what it has to say; then one rule of precedence makes a decision of it. The
order of blocks in the document plays no part: blocks are taken in the order of their ids, and so are their answers.
"""

from __future__ import annotations

import msgspec

from ostiary.model import (
    ApprovalTerms,
    Call,
    Decision,
    Demand,
    Effect,
    Exceeded,
    Obligations,
    Principal,
    RuleOutcome,
    Tool,
)
from ostiary.policy.block import Block, Rank
from ostiary.policy.demands import rehearsed, together
from ostiary.policy.facts import Facts, Unjudgeable
from ostiary.policy.policy import Policy
from ostiary.policy.section import Plan, Section
from ostiary.policy.terms import all_redactions, logged, strictest

__all__ = ["decide", "decide_prompt", "decide_resource", "is_listed", "is_shown", "refuse_exceeded", "would_exceed"]


def decide(policy: Policy, call: Call) -> Decision:
    """What the policy makes of a tool call. Limits are not counted here: they are demands in the obligations."""
    return _decide(policy, policy.tools, call)


def decide_resource(policy: Policy, call: Call) -> Decision:
    """What the policy makes of reading a resource: the call's `tool` bears its URI as name."""
    return _decide(policy, policy.resources, call)


def decide_prompt(policy: Policy, call: Call) -> Decision:
    """What the policy makes of getting a prompt: the call's `tool` bears its name."""
    return _decide(policy, policy.prompts, call)


def is_listed(policy: Policy, tool: Tool, principal: Principal) -> bool:  # noqa: ARG001 - who asks may matter to a policy
    """Whether `tools/list` shows the tool. Denied tools stay listed; hidden ones are not there for anybody."""
    return is_shown(policy.tools, tool)


def is_shown(section: Section, item: Tool) -> bool:
    """The same for an item of any section: a prompt by its name, a resource or template by its URI."""
    plan = section.plan(item)
    if plan.hidden_by is not None:
        return False
    if any(block.effect is Effect.HIDE and block.when is None for block in plan.enforced):
        return False
    if any(unclear.may_hide and not unclear.is_shadow for unclear in plan.unclear):
        return False
    return section.enforced_default is not Effect.HIDE or any(block.permits for block in plan.enforced)


def refuse_exceeded(decision: Decision, exceeded: Exceeded) -> Decision:
    """The denial that an allowing decision becomes when a limit has no room; waiting is in whole milliseconds."""
    demand = exceeded.demand
    reason = demand.reason or "a limit is reached"
    wait = None if exceeded.retry_after is None else -(-exceeded.retry_after // 10**6)
    refusal = RuleOutcome(demand.rule, "denies", f"{reason} ({exceeded.used} used)")
    rules = tuple(
        refusal if outcome.id == demand.rule and outcome.outcome == "reserves" and not outcome.shadow else outcome
        for outcome in decision.rules
    )
    return msgspec.structs.replace(
        decision,
        effect=Effect.DENY,
        rule=demand.rule,
        reason=reason,
        rules=rules,
        obligations=Obligations(log_arguments=decision.obligations.log_arguments),
        retry_after_ms=wait,
    )


def would_exceed(decision: Decision, exceeded: Exceeded) -> Decision:
    """The decision, where a limit in shadow mode has no room: nothing changes but what is said beside it."""
    demand = exceeded.demand
    refusal = RuleOutcome(
        demand.rule, "denies", f"{demand.reason or 'a limit is reached'} ({exceeded.used} used)", shadow=True
    )
    rules = tuple(
        refusal if outcome.id == demand.rule and outcome.outcome == "reserves" and outcome.shadow else outcome
        for outcome in decision.rules
    )
    return msgspec.structs.replace(decision, rules=rules, would=Effect.DENY)


def _decide(policy: Policy, section: Section, call: Call) -> Decision:
    plan = section.plan(call.tool)
    if plan.fixed is not None:
        return plan.fixed
    if section.reads_traits:
        tool = msgspec.structs.replace(call.tool, risk_class=plan.risk_class, severity=plan.severity)
        call = msgspec.structs.replace(call, tool=tool)
    facts = Facts(call, policy.expressions)
    said = _Said()
    said.hidden_by = plan.hidden_by
    if plan.hidden_by is None:
        for unclear in plan.unclear:
            if not unclear.is_shadow:
                said.err(unclear.rule, unclear.why)
        for block in plan.enforced:
            said.take(block, facts)
    decision = said.conclude(policy, section.enforced_default, call.tool.name)
    has_shadow = plan.shadow or any(unclear.is_shadow for unclear in plan.unclear)
    if has_shadow or section.default is not section.enforced_default or plan.hidden_in_shadow_by:
        decision = _with_shadow(policy, section, plan, facts, said, decision)
    if plan.is_fixed:
        plan.fixed = decision
    return decision


def _with_shadow(
    policy: Policy, section: Section, plan: Plan, facts: Facts, said: _Said, decision: Decision
) -> Decision:
    """The decision, with what blocks in shadow mode would have made of it beside it."""
    enforced, demanded = len(said.outcomes), len(said.demands)
    said.hidden_by = said.hidden_by or plan.hidden_in_shadow_by
    for unclear in plan.unclear:
        if unclear.is_shadow:
            said.err(unclear.rule, unclear.why)
    for block in plan.shadow:
        said.take(block, facts)
    would = said.conclude(policy, section.default, facts.call.tool.name)
    shadow = [msgspec.structs.replace(outcome, shadow=True) for outcome in said.outcomes[enforced:]]
    if plan.hidden_in_shadow_by is not None:
        shadow.append(RuleOutcome(plan.hidden_in_shadow_by, "hides", "hidden by policy", shadow=True))
    rules = (*decision.rules, *shadow)
    differs = None if would.effect is decision.effect else would.effect
    decision = msgspec.structs.replace(decision, rules=rules, would=differs)
    rehearse = rehearsed(would.obligations.reserve, said.demands[demanded:])
    if not rehearse or decision.effect not in (Effect.ALLOW, Effect.REQUIRE_APPROVAL):
        return decision
    obligations = msgspec.structs.replace(decision.obligations, rehearse=rehearse)
    return msgspec.structs.replace(decision, obligations=obligations)


class _Said:
    """What the blocks that apply have said so far."""

    __slots__ = ("demands", "denials", "errors", "hidden_by", "hides", "holds", "outcomes", "permits", "spoke")

    def __init__(self) -> None:
        self.hidden_by: str | None = None
        self.outcomes: list[RuleOutcome] = []
        self.errors: list[str] = []
        self.denials: list[tuple[Rank, str, str, str | None]] = []
        self.hides: list[Block] = []
        self.permits: list[Block] = []
        self.holds: list[Block] = []
        self.demands: list[Demand] = []
        self.spoke: list[Block] = []

    def take(self, block: Block, facts: Facts) -> None:
        """Hear one block that is about the call."""
        if block.when is not None:
            try:
                applies = block.when(facts)
            except Unjudgeable as error:
                self.err(f"{block.id}/when", error)
                return
            if not applies:
                self.outcomes.append(RuleOutcome(block.id, "skipped", "its `when` is false"))
                return
        self.spoke.append(block)
        if block.effect is not None:
            self._act(block, block.effect)
        for check in block.checks:
            try:
                if check.passes(facts):
                    self.outcomes.append(check.passed)
                    continue
                why = check.refusal if isinstance(check.refusal, str) else check.refusal(facts)
            except Unjudgeable as error:
                self.err(check.rule, error)
                continue
            self.outcomes.append(RuleOutcome(check.rule, "denies", why))
            self.denials.append((Rank.CHECK, check.order or check.rule, check.rule, why))
        for charge in block.charges:
            try:
                self.demands.append(charge.demand(facts))
            except Unjudgeable as error:
                self.err(charge.rule, error)
                continue
            self.outcomes.append(charge.reserves)

    def _act(self, block: Block, effect: Effect) -> None:
        if block.says is not None:
            self.outcomes.append(block.says)
        if effect is Effect.ALLOW:
            self.permits.append(block)
        elif effect is Effect.DENY:
            self.denials.append((Rank.ACTION, block.id, block.id, block.reason))
        elif effect is Effect.HIDE:
            self.hides.append(block)
        else:
            self.permits.append(block)
            self.holds.append(block)

    def err(self, rule: str, error: Unjudgeable) -> None:
        """Hear that a rule cannot be judged."""
        self.errors.append(f"{rule}: {error}")
        self.outcomes.append(RuleOutcome(rule, "errs", str(error)))
        self.denials.append((Rank.ERROR, rule, rule, f"the policy cannot judge this call: {error}"))

    def conclude(self, policy: Policy, default: Effect, tool: str) -> Decision:
        """One decision of all that was said."""
        effect, rule, reason = self._verdict(policy, default, tool)
        wishes = [block.log_arguments for block in self.spoke if block.log_arguments is not None]
        log = logged(wishes) if wishes else False
        outcomes = tuple(self.outcomes)
        if effect is Effect.ALLOW or effect is Effect.REQUIRE_APPROVAL:
            obligations = self._obligations(effect, log)
        else:
            obligations = Obligations(log_arguments=log) if log else _NOTHING
            outcomes = tuple(outcome for outcome in outcomes if outcome.outcome != "reserves")
        if rule == _DEFAULT or self.hidden_by is not None:
            outcomes += (RuleOutcome(rule, _SAYS[effect], reason or "nothing forbids it"),)
        return Decision(effect, rule, reason, outcomes, tuple(self.errors), obligations, policy=policy.digest)

    def _verdict(self, policy: Policy, default: Effect, tool: str) -> tuple[Effect, str, str]:
        if self.hidden_by is not None:
            return Effect.HIDE, self.hidden_by, f"`{tool}` is hidden by policy"
        if self.hides:
            block = self.hides[0]
            return Effect.HIDE, block.id, block.reason or f"`{tool}` is hidden by policy"
        if policy.dialect == "intercept" and default is Effect.DENY and not self.permits:
            return default, _DEFAULT, f'Tool "{tool}" is not permitted by policy'
        if self.denials:
            _, _, rule, reason = min(self.denials, key=_precedence)
            return Effect.DENY, rule, reason or f"`{tool}` is not permitted by policy"
        if self.holds:
            block = self.holds[0]
            return Effect.REQUIRE_APPROVAL, block.id, block.reason or f"`{tool}` needs the approval of a person"
        if self.permits:
            return Effect.ALLOW, self.permits[0].id, ""
        return default, _DEFAULT, _DEFAULT_REASONS[default].format(tool)

    def _obligations(self, effect: Effect, log: bool | tuple[str, ...]) -> Obligations:
        redactions = [block.redact for block in self.spoke if block.redact is not None]
        terms: ApprovalTerms | None = None
        if effect is Effect.REQUIRE_APPROVAL:
            terms = strictest(block.approval for block in self.spoke if block.approval is not None)
        if not self.demands and not redactions and terms is None and not log:
            return _NOTHING
        redact = all_redactions(redactions) if redactions else None
        return Obligations(together(self.demands), terms, redact, log)


_DEFAULT = "/default"
_NOTHING = Obligations()
_SAYS = {Effect.ALLOW: "permits", Effect.DENY: "denies", Effect.HIDE: "hides", Effect.REQUIRE_APPROVAL: "holds"}
_DEFAULT_REASONS = {
    Effect.ALLOW: "",
    Effect.DENY: "`{}` is not permitted by policy",
    Effect.HIDE: "`{}` is hidden by policy",
    Effect.REQUIRE_APPROVAL: "`{}` needs the approval of a person",
}


def _precedence(denial: tuple[Rank, str, str, str | None]) -> tuple[Rank, str]:
    return denial[0], denial[1]
