"""Which form a document is written in. All of them load the same way; the form says how silence is understood."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from ostiary.policy.node import Node

__all__ = ["Dialect", "has_rules", "recognise"]


class Dialect(StrEnum):
    OSTIARY = "ostiary"
    POLICYLAYER = "policylayer"
    INTERCEPT = "intercept"


_INTERCEPT: Final = frozenset(("version", "description", "default", "hide", "tools"))
_POLICYLAYER: Final = frozenset(("version", "default", "hide", "all_tools", "tools"))
_POLICYLAYER_BLOCK: Final = frozenset(("require", "deny_if", "limits", "rate_limit", "action", "reason"))


def recognise(root: Node) -> Dialect:
    """Intercept's form has `rules` and none of our own keys, PolicyLayer's has its `limits` or its groups of
    conditions and none of our own; everything else is our own form, `rules` or not."""
    top = root.value
    if not isinstance(top, dict) or "version" not in top or top["version"].value != "1":
        return Dialect.OSTIARY
    blocks = list(_blocks(root))
    if top.keys() <= _INTERCEPT and has_rules(root) and all(block.keys() <= {"rules"} for block in blocks):
        return Dialect.INTERCEPT
    if top.keys() <= _POLICYLAYER and all(block.keys() <= _POLICYLAYER_BLOCK for block in blocks):
        return Dialect.POLICYLAYER if any(map(_is_policylayers, blocks)) else Dialect.OSTIARY
    return Dialect.OSTIARY


def has_rules(root: Node) -> bool:
    """Whether any block is written as Intercept's `rules`."""
    return any("rules" in block for block in _blocks(root))


def _blocks(root: Node) -> Iterator[dict[str, Node]]:
    top = root.value if isinstance(root.value, dict) else {}
    found = [top["all_tools"]] if "all_tools" in top else []
    tools = top["tools"].value if "tools" in top else None
    for member in tools.values() if isinstance(tools, dict) else ():
        found += member.value if isinstance(member.value, list) else [member]
    for node in found:
        if isinstance(node.value, dict):
            yield node.value


def _is_policylayers(block: dict[str, Node]) -> bool:
    if "limits" in block:
        return True
    conditions = [node for key in ("require", "deny_if") if key in block for node in _items(block[key])]
    return any(isinstance(node.value, dict) and "conditions" in node.value for node in conditions)


def _items(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []
