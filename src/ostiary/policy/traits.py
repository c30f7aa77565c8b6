"""What a policy takes a tool's class and severity to be. Policy language, "Selectors" and the key `classes`.

The document's own `classes` comes first. Else it is what the tool's definition is known for, and an annotation may
raise it but never lower it. Where neither says anything it is unknown, and whatever asks for it is an evaluation error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from ostiary.model import Tool
from ostiary.policy.selector import CLASSES, SEVERITIES, Selector

__all__ = ["NO_TRAITS", "Declared", "Traits"]


class Declared(msgspec.Struct, frozen=True):
    """An entry of `classes`; it says at least one of the two."""

    selector: Selector
    risk_class: str | None
    severity: str | None


class Traits:
    """The entries of `classes`. Where several are about a tool, those that name it exactly win, then the worst."""

    def __init__(self, declared: Sequence[Declared]) -> None:
        self.declared = tuple(declared)

    def of(self, tool: Tool) -> tuple[str | None, str | None]:
        """Class and severity of a tool, each None where it is not known."""
        about = [one for one in self.declared if one.selector.matches(tool)]
        about = [one for one in about if not one.selector.is_glob] or about
        risk_class = _worst([one.risk_class for one in about], CLASSES)
        severity = _worst([one.severity for one in about], SEVERITIES)
        if risk_class is None:
            is_destructive = tool.annotations.get("destructiveHint") is True
            risk_class = _worst([tool.risk_class, "destructive" if is_destructive else None], CLASSES)
        return risk_class, severity or tool.severity


NO_TRAITS: Final = Traits(())


def _worst(words: Sequence[str | None], order: Sequence[str]) -> str | None:
    return max((word for word in words if word in order), key=order.index, default=None)
