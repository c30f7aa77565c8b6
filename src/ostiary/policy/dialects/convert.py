"""A policy in another form → the same policy in our own, with the same decisions.

`rules` become `require`, `deny_if`, `budget` and `action: deny`; `limits` become `rate_limit` and `budget`; what a
document leaves unsaid is said. Comments are lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from ostiary.policy.compile import load
from ostiary.policy.dialects.converted_rules import blocks_of_rules
from ostiary.policy.dialects.counters import find_counters, scope_of
from ostiary.policy.dialects.recognise import Dialect
from ostiary.policy.document import read

__all__ = ["convert"]

Document: TypeAlias = dict[str, Any]

_SPECIAL_NAME: Final = re.compile(r"/|^(?:class|severity|annotation):")


def convert(text: str | bytes, file: str) -> Document:
    """The document in our own form. Raises `ConfigurationError` where it does not load as it is."""
    policy = load(text, file)
    root = read(text, file)
    counters = find_counters(root)
    old: Any = root.plain()
    new: Document = {"version": 1}
    new |= {key: old[key] for key in ("name", "description") if old.get(key)}
    new["default"] = policy.default.value
    new |= {key: old[key] for key in ("mode", "classes", "hide") if key in old}
    if "all_tools" in old:
        new["all_tools"] = _one_of(_block(old["all_tools"], "_global", counters))
    tools: dict[str, list[Document]] = {}
    is_foreign = policy.dialect == Dialect.INTERCEPT
    for selector, member in old.get("tools", {}).items():
        for block in member if isinstance(member, list) else [member]:
            made = _block(block, scope_of(selector), counters)
            name, guard = _guarded(selector) if is_foreign else (selector, {})
            tools.setdefault(name, []).extend({**guard, **one} for one in made)
    if "tools" in old:
        new["tools"] = {name: blocks[0] if len(blocks) == 1 else blocks for name, blocks in tools.items()}
    return new | {key: old[key] for key in ("resources", "prompts") if key in old}


def _guarded(name: str) -> tuple[str, Document]:
    """A selector for what Intercept takes for a plain name, and what a block under it has to say besides."""
    if name == "*":
        return name, {}
    if "*" in name or "?" in name:
        pattern = "^" + re.escape(name).replace(r"\*", "(?s:.*)").replace(r"\?", "(?s:.)") + "$"
        return "*", {"when": f"tool.name.matches({_cel_text(pattern)})"}
    if _SPECIAL_NAME.search(name):
        return "*", {"action": "allow", "when": f"tool.name == {_cel_text(name)}"}
    return name, {}


def _cel_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _block(block: Mapping[str, Any], scope: str, counters: Mapping[str, Any]) -> list[Document]:
    """The blocks that one block becomes: constraints, and one more for every rule that denies."""
    new = {key: value for key, value in block.items() if key not in ("rules", "limits")}
    more: list[Document] = []
    if "limits" in block:
        rates, budgets = _limits(block["limits"])
        _extend(new, "rate_limit", rates)
        _extend(new, "budget", budgets)
    if "rules" in block:
        constraints, more = blocks_of_rules(block["rules"], scope, counters)
        for key, values in constraints.items():
            _extend(new, key, values)
    shared = {key: block[key] for key in ("when", "mode") if key in block}
    return [new, *({**shared, **one} for one in more)]


def _extend(block: Document, key: str, values: list[Any]) -> None:
    if values:
        there = block.get(key, [])
        block[key] = [*(there if isinstance(there, list) else [there]), *values]


def _limits(limits: list[Any]) -> tuple[list[Document], list[Document]]:
    rates: list[Document] = []
    budgets: list[Document] = []
    for limit in limits:
        shared = {"window": limit["window"], "per": limit.get("scope", "grant"), "algorithm": "calendar"}
        told = {"on_deny": limit["on_deny"]} if "on_deny" in limit else {}
        if "increment_from" in limit:
            amount = {"amount": limit["increment_from"], "max": limit["max"], "unit": limit["counter"]}
            budgets.append({**amount, **shared, **told})
        elif isinstance(limit["max"], int):
            rates.append({"max": limit["max"], **shared, **told})
        else:
            budgets.append({"amount": 1, "max": limit["max"], "unit": "calls", **shared, **told})
    return rates, budgets


def _one_of(blocks: list[Document]) -> Document:
    """`all_tools` holds one block: what several say is said in one."""
    if len(blocks) == 1:
        return blocks[0]
    refusals = [one for one in blocks[1:] if one.get("action") == "deny"]
    return {**blocks[0], "action": "deny", "reason": refusals[0].get("reason", "denied by policy")}
