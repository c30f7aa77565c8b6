"""What a policy that loads is still likely to get wrong. Policy language, section "Checking a policy"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ostiary.errors import Problem
from ostiary.model import JSON, Effect, Tool
from ostiary.policy.block import Block
from ostiary.policy.facts import Unjudgeable
from ostiary.policy.node import visible
from ostiary.policy.path import Steps
from ostiary.policy.policy import Policy
from ostiary.policy.proofread import nearest
from ostiary.policy.section import Hiding, Plan

__all__ = ["check", "type_errors"]


def check(policy: Policy, tools: Sequence[Tool] | None = None) -> list[Problem]:
    """Warnings, in the order of the document; with the server's `tools` at hand, about them as well."""
    warnings = list(_never_applying(policy))
    if tools is not None:
        tools = [policy.tools.known(tool) for tool in tools]
        warnings += _selecting_nothing(policy, tools)
        for tool in tools:
            warnings += _about(policy, tool)
    return sorted(warnings, key=lambda problem: (problem.line == 0, problem.line, problem.column, problem.message))


def type_errors(policy: Policy, tools: Sequence[Tool]) -> list[Problem]:
    """What no call of a tool can make right: expressions of the blocks that name it, against its inputSchema."""
    problems: list[Problem] = []
    for block in policy.tools.blocks:
        if not block.written or block.selector is None or block.selector.is_glob or block.selector.reads_traits:
            continue
        for tool in tools:
            if tool.input_schema is not None and block.selector.matches(tool):
                problems += _type_errors(policy, block, tool.name, tool.input_schema)
    return problems


def _type_errors(policy: Policy, block: Block, name: str, schema: Mapping[str, JSON]) -> Iterator[Problem]:
    from ostiary.policy.typed import type_error

    for one in block.written:
        error = type_error(one.source, schema)
        if error is not None:
            message = f"for `{name}`: {error}"
            yield Problem(policy.file, one.line, one.column, visible(message), one.rule, error.hint)


def _never_applying(policy: Policy) -> Iterator[Problem]:
    """Blocks of one tool that `hide` takes away from under them."""
    for block in policy.tools.blocks:
        if block.selector is None or block.selector.name is None:
            continue
        tool = Tool(block.selector.name)
        by = next((hiding for hiding in policy.tools.hide if hiding.selector.matches(tool)), None)
        if by is not None:
            message = f"never applies: `{tool.name}` is hidden by `{by.selector.text}`"
            yield _warning(policy, block, message, "remove one of the two")


def _selecting_nothing(policy: Policy, tools: Sequence[Tool]) -> Iterator[Problem]:
    names = [tool.name for tool in tools]
    seen: set[str] = set()
    places: list[Block | Hiding] = [*policy.tools.hide, *policy.tools.blocks]
    for place in places:
        selector = place.selector
        if selector is None or selector.text in seen:
            continue
        try:
            if any(selector.matches(tool) for tool in tools):
                continue
        except Unjudgeable:
            continue
        seen.add(selector.text)
        hint = None if selector.reads_traits else nearest(selector.text, names)
        yield _warning(policy, place, f"`{selector.text}` selects none of the {len(tools)} tools", hint)


def _about(policy: Policy, tool: Tool) -> Iterator[Problem]:
    plan = policy.tools.plan(tool)
    blocks = plan.enforced
    for unclear in plan.unclear:
        hint = "say it under `classes`"
        yield Problem(policy.file, 0, 0, f"every call of `{tool.name}` is denied: {unclear.why}", unclear.rule, hint)
        return
    is_gone = plan.hidden_by is not None or any(
        block.effect in (Effect.DENY, Effect.HIDE) and block.when is None for block in blocks
    )
    if is_gone:
        return
    if not any(block.permits for block in blocks) and policy.tools.default in (Effect.DENY, Effect.HIDE):
        hint = "permit it under `tools`, or say `action: deny` so that readers see it is meant"
        yield Problem(policy.file, 0, 0, f"nothing permits `{tool.name}`", hint=hint)
        return
    yield from _unbounded(policy, tool, plan)
    for block in blocks:
        for rule, steps in _asked(block):
            unknown = _unknown_argument(tool.input_schema, steps)
            if unknown is not None:
                name, known = unknown
                message = f"`{tool.name}` has no argument `{name}`"
                yield Problem(policy.file, block.line, block.column, message, rule=rule, hint=nearest(name, known))


def _unbounded(policy: Policy, tool: Tool, plan: Plan) -> Iterator[Problem]:
    """A tool that can do harm, allowed without a limit and without asking anybody."""
    kind = tool.risk_class
    if kind not in ("destructive", "financial") or policy.tools.enforced_default is Effect.REQUIRE_APPROVAL:
        return
    if any(block.charges or block.effect is Effect.REQUIRE_APPROVAL for block in plan.enforced):
        return
    place = next((block for block in plan.enforced if block.permits), None)
    message = f"`{tool.name}` is {kind}, and allowed without a limit or an approval"
    hint = "add `rate_limit`, `budget`, or `action: require_approval`"
    yield Problem(policy.file, 0, 0, message, hint=hint) if place is None else _warning(policy, place, message, hint)


def _asked(block: Block) -> Iterator[tuple[str, Steps]]:
    for check in block.checks:
        for steps in check.asks:
            yield check.rule, steps
    for charge in block.charges:
        if charge.amount is not None:
            yield charge.rule, charge.amount.steps


def _unknown_argument(schema: Mapping[str, JSON] | None, steps: Steps) -> tuple[str, list[str]] | None:
    """The first step that the schema does not know, and what it knows there; None where all is well or unsaid."""
    for index, step in enumerate(steps):
        if schema is None or any(key in schema for key in ("$ref", "allOf", "anyOf", "oneOf", "patternProperties")):
            return None
        if isinstance(step, int):
            inner = schema.get("items")
        else:
            properties = schema.get("properties")
            if not isinstance(properties, Mapping) or (index and not properties):
                return None
            if step not in properties:
                before = [str(part) for part in steps[:index]]
                return ".".join([*before, step]), [".".join([*before, name]) for name in properties]
            inner = properties[step]
        schema = inner if isinstance(inner, Mapping) else None
    return None


def _warning(policy: Policy, place: Block | Hiding, message: str, hint: str | None = None) -> Problem:
    rule = place.id if isinstance(place, Block) else place.rule
    return Problem(policy.file, place.line, place.column, message, rule=rule, hint=hint)
