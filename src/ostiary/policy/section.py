"""Which blocks a call meets. Selection costs the same however many other tools a policy names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from ostiary.model import Decision, Effect, Tool
from ostiary.policy.block import Block
from ostiary.policy.selector import Selector

__all__ = ["Hiding", "Plan", "Section"]

_MAX_PLANS: Final = 4096


class Hiding(msgspec.Struct, frozen=True):
    """An entry of `hide`."""

    rule: str
    selector: Selector
    line: int = 0
    column: int = 0


class Plan:
    """What a section says of one tool: the blocks that are about it, in the order of their ids.

    `fixed` is the decision where it is the same for every call of the tool; whoever decides first keeps it here.
    """

    __slots__ = ("enforced", "fixed", "hidden_by", "hidden_in_shadow_by", "shadow")

    def __init__(self, blocks: Sequence[Block], hidden_by: str | None, hidden_in_shadow_by: str | None) -> None:
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
        self, blocks: Sequence[Block], default: Effect, hide: Sequence[Hiding] = (), *, is_shadow: bool
    ) -> None:
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
        self.reads_traits = any(selector.reads_traits for selector in selectors)
        self._plans: dict[object, Plan] = {}

    @property
    def enforced_default(self) -> Effect:
        """What really happens where nothing permits: in shadow mode nothing is ever blocked."""
        return Effect.ALLOW if self._is_shadow else self.default

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

    def _select(self, tool: Tool) -> Plan:
        found = [*self._always, *self._exact.get(tool.name, ())]
        found += [block for selector, block in self._searched if selector.matches(tool)]
        found.sort(key=lambda block: block.id)
        hidden_by = next((hiding.rule for hiding in self.hide if hiding.selector.matches(tool)), None)
        if self._is_shadow:
            return Plan(found, None, hidden_by)
        return Plan(found, hidden_by, None)
