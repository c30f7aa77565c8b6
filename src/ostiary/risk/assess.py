"""A whole server, from its list of tools: every tool's risk, findings and advice, the grade and the policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from ostiary.model import JSONObject, Tool
from ostiary.risk.classify import classify_all
from ostiary.risk.definition import digest
from ostiary.risk.grade import Grade, grade
from ostiary.risk.policy_text import policy_text
from ostiary.risk.recommend import Recommendation, recommend
from ostiary.risk.risk import Risk
from ostiary.risk.rules import Finding, Inspected, inspect, passages

__all__ = ["Assessed", "Assessment", "assess", "tool_of"]


class Assessed(msgspec.Struct, frozen=True):
    """One tool. `digest` names the exact `definition`, which is as the server sent it."""

    tool: Tool
    risk: Risk
    findings: tuple[Finding, ...]
    recommended: Recommendation
    digest: str
    definition: JSONObject


class Assessment(msgspec.Struct, frozen=True):
    """A server. `tools` stand in the server's order; `policy` is the recommended policy as YAML."""

    server: str
    tools: tuple[Assessed, ...]
    findings: tuple[Finding, ...]
    grade: Grade
    policy: str


def assess(server: str, definitions: Sequence[JSONObject], others: Mapping[str, str] | None = None) -> Assessment:
    """What there is to say of a server's tools; `others` names, by tool, a server that has a tool of that name."""
    tools = [tool_of(definition, server) for definition in definitions]
    risks = classify_all(tools)
    listed = Counter(tool.name for tool in tools)
    assessed = []
    for definition, tool, risk in zip(definitions, tools, risks, strict=True):
        findings = tuple(inspect(Inspected(tool, definition, passages(definition), risk, listed, others or {})))
        assessed.append(Assessed(tool, risk, findings, recommend(tool, risk, findings), digest(definition), definition))
    found = tuple(finding for one in assessed for finding in one.findings)
    policy = policy_text(server, tools, risks, [one.recommended for one in assessed])
    return Assessment(server, tuple(assessed), found, grade(tools, risks, found), policy)


def tool_of(definition: JSONObject, server: str) -> Tool:
    """A definition as a tool; members of the wrong type count as absent."""
    name, description = definition.get("name"), definition.get("description")
    schema, annotations = definition.get("inputSchema"), definition.get("annotations")
    return Tool(
        name if isinstance(name, str) else "",
        server,
        description if isinstance(description, str) else "",
        schema if isinstance(schema, Mapping) else None,
        annotations if isinstance(annotations, Mapping) else {},
    )
