"""What the catalogue's server is asked, and what it answers: the schemas of its tools come from these."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, field

from ostiary.catalog.documents import Advised, GradeReason
from ostiary.catalog.history import Happening
from ostiary.risk import RiskClass, Severity

Name = Annotated[str, Meta(min_length=1, max_length=300)]


class CheckServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `check_mcp_server`."""

    server: Annotated[
        Name, Meta(description="Which server: its short name here, its title, its package, or what it calls itself.")
    ]


class CheckTool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `check_tool`."""

    tool: Annotated[Name, Meta(description="The tool's exact name.")]
    server: Annotated[str, Meta(max_length=300, description="Which server's; needed where several have it.")] = ""


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `search_registry`."""

    query: Annotated[
        str, Meta(max_length=300, description="Words that a server's or tool's name or summary holds; empty for all.")
    ] = ""
    risk_class: Annotated[RiskClass | None, Meta(description="Only tools of this class.")] = field(
        name="class", default=None
    )
    severity: Annotated[Severity | None, Meta(description="Only tools of at least this severity.")] = None
    limit: Annotated[int, Meta(ge=1, le=100, description="The most tools to return.")] = 20


class ChangeEvents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `get_change_events`."""

    since: Annotated[
        str,
        Meta(max_length=30, description="From when: a date or time in UTC, as 2026-11-01; empty for the beginning."),
    ] = ""
    server: Annotated[str, Meta(max_length=300, description="Only this server's; empty for all.")] = ""


class Connect(StrEnum):
    """What to do before connecting to a server."""

    PROCEED = "proceed"
    WITH_RULE = "connect-with-rule"
    ASK_FIRST = "ask-first"


class FoundWrong(msgspec.Struct, frozen=True):
    """What is wrong with a definition; `where` is a JSON Pointer into it."""

    rule: str
    title: str
    severity: str
    tool: str
    where: str


class Checked(msgspec.Struct, frozen=True):
    """A server. `connect` is what to do before connecting and `why` is the reason; `policy` is the recommended policy
    as YAML; `riskiest` are its riskiest tools."""

    server: str
    title: str
    version: str
    package: str
    publisher: str
    scanned: str
    grade: str
    score: int
    connect: Connect
    why: str
    reasons: tuple[GradeReason, ...]
    classes: dict[str, int]
    findings: tuple[FoundWrong, ...]
    riskiest: tuple[FoundTool, ...]
    policy: str


class FoundTool(msgspec.Struct, frozen=True):
    """A tool that was found."""

    tool: str
    server: str
    risk_class: str = field(name="class")
    severity: str
    recommended: Advised


class FoundServer(msgspec.Struct, frozen=True):
    """A server that was found."""

    server: str
    title: str
    grade: str
    tools: int
    summary: str


class Found(msgspec.Struct, frozen=True):
    """Servers and tools; `more` is how many tools there are besides."""

    servers: tuple[FoundServer, ...]
    tools: tuple[FoundTool, ...]
    more: int


class Piece(msgspec.Struct, frozen=True):
    """A reason for a class; `quote` stands in the definition, and is empty where it is withheld."""

    source: str
    quote: str
    why: str


class CheckedTool(msgspec.Struct, frozen=True):
    """A tool. `policy` is the recommended rule, a whole policy as YAML; `is_withheld` says that its words are not
    passed on, as they give orders to models; `also_on` are other servers with a tool of this name."""

    tool: str
    server: str
    title: str
    risk_class: str = field(name="class")
    severity: str
    confidence: float
    means: str
    evidence: tuple[Piece, ...]
    is_withheld: bool
    findings: tuple[FoundWrong, ...]
    attacks: tuple[str, ...]
    recommended: Advised
    policy: str
    also_on: tuple[str, ...]


class Changed(msgspec.Struct, frozen=True):
    """One change; `before` and `after` are classes, severities or grades."""

    at: str
    server: str
    version: str
    event: Happening
    tool: str
    before: str
    after: str


class Changes(msgspec.Struct, frozen=True):
    """Changes, newest first; `more` is how many there are besides."""

    events: tuple[Changed, ...]
    more: int
