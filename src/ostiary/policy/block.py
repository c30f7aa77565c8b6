"""A block: what a policy says about the calls its selector matches. Policy language, section "A block"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Final, assert_never

import msgspec

from ostiary.model import ApprovalTerms, Effect, Redaction, RuleOutcome
from ostiary.policy.conditions import Condition, Holds, read_condition
from ostiary.policy.counting import read_budgets, read_limits, read_rate_limits
from ostiary.policy.demands import Charge
from ostiary.policy.facts import Facts
from ostiary.policy.node import Node
from ostiary.policy.path import Steps
from ostiary.policy.reading import Reading, Written
from ostiary.policy.selector import Selector
from ostiary.policy.terms import read_approval, read_log_arguments, read_redact

if TYPE_CHECKING:
    from ostiary.policy.schema import ArgumentSchema, StrictArguments

__all__ = ["ALL_TOOLS_KEYS", "SUBJECT_KEYS", "TOOL_KEYS", "Block", "Check", "Rank", "read_block"]

_WORDS: Final = ("action", "reason", "on_deny", "when", "require", "deny_if", "rate_limit", "mode")
SUBJECT_KEYS: Final = _WORDS
"""What a block under `resources` or `prompts` may say."""
TOOL_KEYS: Final = (*_WORDS, "arguments", "limits", "budget", "approval", "redact", "log_arguments", "rules")
ALL_TOOLS_KEYS: Final = TOOL_KEYS
_NEEDS_A_CALL: Final = frozenset(TOOL_KEYS) - {"action", "reason", "on_deny", "when", "mode", "log_arguments"}


class Rank(IntEnum):
    """Which of several denials is the one that the agent is told: the lowest, then the first rule id."""

    ACTION = 0
    CHECK = 1
    ERROR = 2


class Check(msgspec.Struct, frozen=True):
    """One check of a block. `passes` raises `Unjudgeable`; `refusal` says why a call that fails it is denied.

    `order` is its place among the rules of a list, empty where order says nothing."""

    rule: str
    passes: Holds
    refusal: str | Callable[[Facts], str]
    passed: RuleOutcome
    asks: tuple[Steps, ...] = ()
    needs_definition: bool = False
    order: str = ""


class Block(msgspec.Struct, frozen=True):
    """A compiled block. `effect` is None where it only constrains; `selector` is None where it is about every call."""

    id: str
    selector: Selector | None
    effect: Effect | None
    reason: str | None = None
    when: Holds | None = None
    checks: tuple[Check, ...] = ()
    charges: tuple[Charge, ...] = ()
    approval: ApprovalTerms | None = None
    redact: Redaction | None = None
    log_arguments: bool | tuple[str, ...] | None = None
    is_shadow: bool = False

    says: RuleOutcome | None = None
    written: tuple[Written, ...] = ()
    line: int = 0
    column: int = 0

    @property
    def permits(self) -> bool:
        return self.effect is Effect.ALLOW or self.effect is Effect.REQUIRE_APPROVAL

    @property
    def is_fixed(self) -> bool:
        """Whether it says the same of every call."""
        return self.when is None and not self.checks and not self.charges


def read_block(
    node: Node, place: Node, selector: Selector | None, default: Effect | None, known: tuple[str, ...], reading: Reading
) -> Block:
    """The block at `node`, as far as it could be read; problems are noted. It is said to stand at `place`."""
    proof = reading.proof
    rule = node.pointer
    before = len(reading.written)
    hint = " (an empty block is `{}`)" if node.value is None else ""
    fields = proof.fields(node, known, expected=f"a block{hint}")
    action = proof.choice(fields["action"], list(Effect), "action") if "action" in fields else None
    effect = Effect(action) if action else default
    reason = _read_reason(fields, reading)
    if effect in (Effect.DENY, Effect.HIDE):
        for key in sorted(_NEEDS_A_CALL & fields.keys()):
            proof.refuse(node.keys[key], f"`{key}` has no effect beside `action: {effect}`", "remove one", rule=rule)
    mode = proof.choice(fields["mode"], ("enforce", "shadow"), "mode") if "mode" in fields else None
    ruled = _read_rules(fields["rules"], selector, reading) if "rules" in fields else ([], [])
    when = reading.condition(fields["when"], f"{rule}/when") if "when" in fields else None
    checks = (*_read_checks(fields, rule, reason, reading), *ruled[0])
    charges = (*_read_charges(fields, rule, reason, reading), *ruled[1])
    return Block(
        id=rule,
        selector=selector,
        effect=effect,
        reason=reason,
        when=when.holds if when else None,
        checks=checks,
        charges=charges,
        approval=read_approval(fields["approval"], proof) if "approval" in fields else None,
        redact=read_redact(fields["redact"], proof) if "redact" in fields else None,
        log_arguments=read_log_arguments(fields["log_arguments"], proof) if "log_arguments" in fields else None,
        is_shadow=reading.is_shadow if mode is None else mode == "shadow",
        says=None if effect is None else RuleOutcome(rule, *_says(effect, reason)),
        written=tuple(reading.written[before:]),
        line=place.line,
        column=place.column,
    )


def _read_rules(node: Node, selector: Selector | None, reading: Reading) -> tuple[list[Check], list[Charge]]:
    from ostiary.policy.dialects.intercept import read_rules

    return read_rules(node, None if selector is None else selector.text, reading)


def _says(effect: Effect, reason: str | None) -> tuple[str, str]:
    match effect:
        case Effect.ALLOW:
            return "permits", "permits the tool"
        case Effect.DENY:
            return "denies", reason or "denies the tool"
        case Effect.HIDE:
            return "hides", reason or "hides the tool"
        case Effect.REQUIRE_APPROVAL:
            return "holds", reason or "asks for a person's approval"
    assert_never(effect)


def _read_reason(fields: Mapping[str, Node], reading: Reading) -> str | None:
    if "reason" in fields and "on_deny" in fields:
        reading.proof.refuse(fields["on_deny"], "`on_deny` is another word for `reason`", "remove one")
    node = fields.get("reason") or fields.get("on_deny")
    return None if node is None else reading.proof.text(node)


def _read_charges(fields: Mapping[str, Node], rule: str, reason: str | None, reading: Reading) -> tuple[Charge, ...]:
    charges: list[Charge] = []
    for key, read in (("budget", read_budgets), ("limits", read_limits), ("rate_limit", read_rate_limits)):
        if key in fields:
            charges += read(fields[key], f"{rule}/{key}", reason, reading)
    return tuple(charges)


def _read_checks(fields: Mapping[str, Node], rule: str, reason: str | None, reading: Reading) -> tuple[Check, ...]:
    checks: list[Check] = []
    if "arguments" in fields:
        check = _read_arguments(fields["arguments"], f"{rule}/arguments", reason, reading)
        checks += [check] if check else []
    for key in ("deny_if", "require"):
        if key not in fields:
            continue
        for index, item in enumerate(reading.proof.sequence(fields[key], "a list of conditions") or []):
            condition = read_condition(item, f"{rule}/{key}/{index}", reading)
            if condition is not None:
                checks.append(_required(condition, reason) if key == "require" else _forbidden(condition, reason))
    return tuple(checks)


def _required(condition: Condition, reason: str | None) -> Check:
    refusal = condition.on_deny or reason or condition.demand
    return Check(
        condition.rule, condition.holds, refusal, RuleOutcome(condition.rule, "passes", condition.fact), condition.asks
    )


def _forbidden(condition: Condition, reason: str | None) -> Check:
    holds = condition.holds
    refusal = condition.on_deny or reason or f"calls where {condition.fact} are not permitted"
    passed = RuleOutcome(condition.rule, "passes", f"it is not so that {condition.fact}")
    return Check(condition.rule, lambda facts: not holds(facts), refusal, passed, condition.asks)


def _read_arguments(node: Node, rule: str, reason: str | None, reading: Reading) -> Check | None:
    from ostiary.policy.schema import KEYWORDS, ArgumentSchema, SchemaError, StrictArguments

    schema: ArgumentSchema | StrictArguments
    if node.value is False:
        reading.proof.refuse(node, "no arguments ever fit the schema `false`", "write `action: deny`", rule=rule)
        return None
    if node.value == "strict":
        schema = StrictArguments()
    elif isinstance(node.value, str):
        reading.proof.unknown(node, "value", ("strict",))
        return None
    else:
        try:
            schema = ArgumentSchema(node.plain())
        except SchemaError as error:
            place = _within(node, error.steps, is_key=error.word is not None)
            if error.word is None:
                reading.proof.refuse(place, str(error), rule=rule)
            else:
                reading.proof.unknown(place, "keyword of JSON Schema", KEYWORDS, rule=rule)
            return None
    refusal = reason or schema.why_not
    passed = RuleOutcome(rule, "passes", "the arguments fit the schema")
    return Check(rule, schema.fits, refusal, passed, needs_definition=isinstance(schema, StrictArguments))


def _within(node: Node, steps: tuple[str | int, ...], *, is_key: bool) -> Node:
    """The place in a document that steps lead to, as far as they go; `is_key` asks for where the last key stands."""
    for index, step in enumerate(steps):
        value = node.value
        if isinstance(value, dict) and isinstance(step, str) and step in value:
            node = node.keys[step] if is_key and index == len(steps) - 1 else value[step]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            node = value[step]
        else:
            break
    return node
