"""Which blocks a call meets. Selection costs the same however many other tools a policy names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from ostiary.model import Decision, Effect, Tool
from ostiary.policy.block import Block
from ostiary.policy.facts import Unjudgeable
from ostiary.policy.selector import Selector
from ostiary.policy.traits import NO_TRAITS, Traits

__all__ = ["Hiding", "Plan", "Section"]

_MAX_PLANS: Final = 4096


class Hiding(msgspec.Struct, frozen=True):
    """An entry of `hide`."""

    rule: str
    selector: Selector
    line: int = 0
    column: int = 0


class Unclear(msgspec.Struct, frozen=True):
    """A selector of which nobody can say whether it selects a tool: an evaluation error of its rule."""

    rule: str
    why: Unjudgeable
    is_shadow: bool
    may_hide: bool


class Plan:
    """What a section says of one tool: the blocks that are about it, in the order of their ids.

    `tool` is it with the class and severity that the policy takes it to have. `fixed` is the decision where it is the
    same for every call of the tool; whoever decides first keeps it here.
    """

    __slots__ = ("enforced", "fixed", "hidden_by", "hidden_in_shadow_by", "risk_class", "severity", "shadow", "unclear")

    def __init__(
        self,
        blocks: Sequence[Block],
        hidden_by: str | None,
        hidden_in_shadow_by: str | None,
        unclear: Sequence[Unclear] = (),
        traits: tuple[str | None, str | None] = (None, None),
    ) -> None:
        self.risk_class, self.severity = traits
        self.unclear = tuple(unclear)
        self.enforced = tuple(block for block in blocks if not block.is_shadow)
        self.shadow = tuple(block for block in blocks if block.is_shadow)
        self.hidden_by = hidden_by
        self.hidden_in_shadow_by = hidden_in_shadow_by
        self.fixed: Decision | None = None

    @property
    def is_fixed(self) -> bool:
        heard = self.shadow if self.hidden_by is not None else (*self.enforced, *self.shadow)
        return all(block.is_fixed for block in heard)


class Section:
    """`tools`, `resources` or `prompts` of a policy: its blocks, indexed, and what happens where none permits."""

    def __init__(
        self,
        blocks: Sequence[Block],
        default: Effect,
        hide: Sequence[Hiding] = (),
        *,
        is_shadow: bool,
        traits: Traits = NO_TRAITS,
        reads_traits: bool = False,
    ) -> None:
        """`reads_traits` where an expression looks at class, severity or annotations."""
        self.blocks = tuple(blocks)
        self.default = default
        self._is_shadow = is_shadow
        self.hide = tuple(hide)
        self._always: list[Block] = []
        self._exact: dict[str, list[Block]] = {}
        self._searched: list[tuple[Selector, Block]] = []
        for block in blocks:
            if block.selector is None:
                self._always.append(block)
            elif block.selector.name is not None:
                self._exact.setdefault(block.selector.name, []).append(block)
            else:
                self._searched.append((block.selector, block))
        selectors = [block.selector for block in blocks if block.selector] + [hiding.selector for hiding in hide]
        self.reads_traits = reads_traits or any(selector.reads_traits for selector in selectors)
        self.traits = traits
        self._plans: dict[object, Plan] = {}

    @property
    def enforced_default(self) -> Effect:
        """What really happens where nothing permits: in shadow mode nothing is ever blocked."""
        return Effect.ALLOW if self._is_shadow else self.default

    @property
    def may_hide(self) -> bool:
        """Whether anything could be hidden by it."""
        hides = any(block.effect is Effect.HIDE and not block.is_shadow for block in self.blocks)
        return bool(self.hide) or hides or self.enforced_default is Effect.HIDE

    def plan(self, tool: Tool) -> Plan:
        """The plan of a tool, remembered for a bounded number of tools."""
        key: object = (tool.server, tool.name)
        if self.reads_traits:
            declared = tuple(sorted(name for name, value in tool.annotations.items() if value is True))
            key = (key, tool.risk_class, tool.severity, declared)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._select(tool)
        return plan

    def known(self, tool: Tool) -> Tool:
        """The tool with the class and severity that the policy takes it to have."""
        risk_class, severity = self.traits.of(tool)
        return msgspec.structs.replace(tool, risk_class=risk_class, severity=severity)

    def _select(self, tool: Tool) -> Plan:
        tool = self.known(tool) if self.reads_traits else tool
        traits = (tool.risk_class, tool.severity)
        found = [*self._always, *self._exact.get(tool.name, ())]
        unclear: list[Unclear] = []
        for selector, block in self._searched:
            try:
                if selector.matches(tool):
                    found.append(block)
            except Unjudgeable as error:
                unclear.append(Unclear(block.id, error, block.is_shadow, block.effect is Effect.HIDE))
        found.sort(key=lambda block: block.id)
        hidden_by = None
        for hiding in self.hide:
            try:
                if hidden_by is None and hiding.selector.matches(tool):
                    hidden_by = hiding.rule
            except Unjudgeable as error:
                unclear.append(Unclear(hiding.rule, error, self._is_shadow, True))
        unclear.sort(key=lambda one: one.rule)
        if self._is_shadow:
            return Plan(found, None, hidden_by, unclear, traits)
        return Plan(found, hidden_by, None, unclear, traits)
