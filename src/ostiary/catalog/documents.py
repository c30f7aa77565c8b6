"""What the catalogue says, as values: each page shows one of these, and the JSON beside the page is the same value.

Programs rely on the names of members: they are added to, never renamed and never given another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import field

from ostiary.catalog.advice import Advice
from ostiary.catalog.attacks import Incident
from ostiary.catalog.history import Event, Step
from ostiary.catalog.parameters import Parameter
from ostiary.catalog.questions import Question

__all__ = [
    "Advised",
    "CatalogDocument",
    "Change",
    "ChangesDocument",
    "Evidence",
    "Finding",
    "GradeReason",
    "Identity",
    "Link",
    "Misuse",
    "ServerDocument",
    "ServerLine",
    "ToolDocument",
    "ToolLine",
    "schemas",
]


class Identity(msgspec.Struct, frozen=True):
    """Who is behind a server. `names` are what it calls itself; `standing` is `official`, `reference`, `community`,
    `archived` or `unknown`. Empty where nobody said."""

    names: tuple[str, ...]
    package: str
    registry: str
    package_page: str
    publisher: str
    standing: str
    licence: str
    homepage: str
    repository: str
    launch: tuple[str, ...]
    credentials: str


class Advised(msgspec.Struct, frozen=True):
    """What is recommended: `action` is the policy language's; `unless` names an argument whose reading values pass."""

    action: str
    reason: str
    rate_limit: str | None = None
    unless: str | None = None


class GradeReason(msgspec.Struct, frozen=True):
    """Points off a server's hundred, and what for."""

    points: int
    why: str


class Finding(msgspec.Struct, frozen=True):
    """What is wrong with a definition; `where` is a JSON Pointer into it."""

    rule: str
    title: str
    severity: str
    tool: str
    where: str
    quote: str
    why: str
    owasp: tuple[str, ...]


class ToolLine(msgspec.Struct, frozen=True):
    """A tool in a list. `page` and `json` are relative to the catalogue's root."""

    name: str
    server: str
    page: str
    json: str
    risk_class: str = field(name="class")
    severity: str
    summary: str
    parameters: int
    findings: int
    recommended: Advised


class ServerLine(msgspec.Struct, frozen=True):
    """A server in a list. `classes` counts its tools by class."""

    server: str
    title: str
    page: str
    json: str
    grade: str
    score: int
    version: str
    package: str
    publisher: str
    standing: str
    summary: str
    scanned: str
    tools: int
    findings: int
    classes: dict[str, int]


class CatalogDocument(msgspec.Struct, frozen=True):
    """The index: every server."""

    servers: tuple[ServerLine, ...]
    tools: int
    format: int = 1


class ServerDocument(msgspec.Struct, frozen=True):
    """One server. `tools` are riskiest first; `policy` is the recommended policy, whole, as YAML."""

    server: str
    title: str
    page: str
    version: str
    scanned: str
    summary: str
    grade: str
    score: int
    grade_means: str
    reasons: tuple[GradeReason, ...]
    identity: Identity
    remarks: tuple[str, ...]
    notes: tuple[str, ...]
    classes: dict[str, int]
    severities: dict[str, int]
    tools: tuple[ToolLine, ...]
    findings: tuple[Finding, ...]
    history: tuple[Step, ...]
    policy: str
    format: int = 1


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason for a class. `quote` stands verbatim in the definition's `source`."""

    source: str
    quote: str
    why: str
    weight: float = 0.0
    risk_class: str | None = field(name="class", default=None)


class Misuse(msgspec.Struct, frozen=True):
    """How access of this kind is abused; `because` is what in this tool's definition makes it possible."""

    id: str
    title: str
    because: str
    how: str
    control: str
    incidents: tuple[Incident, ...]
    owasp: tuple[str, ...]


class Link(msgspec.Struct, frozen=True):
    """A tool elsewhere in the catalogue."""

    name: str
    server: str
    server_title: str
    page: str
    risk_class: str = field(name="class")
    severity: str


class Change(msgspec.Struct, frozen=True):
    """One change of one tool, at a time."""

    at: str
    version: str
    event: Event


class ToolDocument(msgspec.Struct, frozen=True):
    """One tool of one server. `scores` are the sums of weights that the class is the greatest of; `definition` is the
    server's own, as it was sent; `policies` come recommended first, each a whole policy as YAML."""

    name: str
    server: str
    server_title: str
    page: str
    version: str
    scanned: str
    package: str
    grade: str
    risk_class: str = field(name="class")
    class_means: str
    severity: str
    severity_means: str
    confidence: float
    summary: str
    description: str
    parameters: int
    fields: tuple[Parameter, ...]
    annotations: Mapping[str, Any]
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    scores: dict[str, float]
    signals: tuple[str, ...]
    operations: dict[str, str]
    selector: str
    findings: tuple[Finding, ...]
    attacks: tuple[Misuse, ...]
    recommended: Advised
    policies: tuple[Advice, ...]
    launch: tuple[str, ...]
    related: tuple[Link, ...]
    namesakes: tuple[Link, ...]
    questions: tuple[Question, ...]
    history: tuple[Change, ...]
    digest: str
    definition: Mapping[str, Any]
    format: int = 1


class ServerStep(msgspec.Struct, frozen=True):
    """A step in a server's history."""

    server: str
    title: str
    page: str
    step: Step


class ChangesDocument(msgspec.Struct, frozen=True):
    """All servers' histories, newest first."""

    changes: tuple[ServerStep, ...]
    format: int = 1


_DOCUMENTS: Final = {
    "catalog": CatalogDocument,
    "server": ServerDocument,
    "tool": ToolDocument,
    "changes": ChangesDocument,
}


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each kind of document."""
    return {
        name: {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(kind)}
        for name, kind in _DOCUMENTS.items()
    }
