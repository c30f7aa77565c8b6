"""What is wrong with a definition, and the rules that say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from ostiary.model import JSONObject, Tool
from ostiary.risk.risk import Risk, Severity
from ostiary.risk.rules.passages import Passage

__all__ = ["Finding", "Hit", "Inspected", "Rule"]


class Inspected(msgspec.Struct, frozen=True):
    """One tool under inspection. `definition` is as the server sent it, `passages` are all its strings; `listed` counts
    the names of its server's tools, and `foreign` names the servers that have a tool of that name already."""

    tool: Tool
    definition: JSONObject
    passages: tuple[Passage, ...]
    risk: Risk
    listed: Mapping[str, int] = {}
    foreign: Mapping[str, str] = {}


class Hit(msgspec.Struct, frozen=True):
    """Where a rule found something: a JSON Pointer into the definition, the words, and a sentence."""

    where: str
    quote: str
    why: str


class Rule(msgspec.Struct, frozen=True):
    """One rule. `llm` and `mcp` are ids of the OWASP Top 10 for LLM Applications (2025) and of the OWASP MCP Top 10."""

    id: str
    title: str
    severity: Severity
    llm: tuple[str, ...]
    mcp: tuple[str, ...]
    check: Callable[[Inspected], Iterator[Hit]]


class Finding(msgspec.Struct, frozen=True):
    """What a rule said of a tool; `where` is a JSON Pointer into the tool's definition, `quote` is made printable."""

    rule: str
    title: str
    severity: Severity
    tool: str
    where: str
    quote: str
    why: str
    owasp: tuple[str, ...]
