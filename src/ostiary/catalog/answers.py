"""What the catalogue answers when it is asked as a server: values, made for a model to read.

A model reads these answers. Whatever another server wrote is cut to a line and made printable, and of a definition
that gives orders to models nothing is passed on but what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta, field

from ostiary.catalog.catalog import Catalog, Entry
from ostiary.catalog.documents import Advised, GradeReason, ToolDocument, ToolLine
from ostiary.catalog.history import Happening
from ostiary.catalog.snapshot import is_time
from ostiary.risk import RiskClass, Severity
from ostiary.risk.rules import shown

__all__ = [
    "ChangeEvents",
    "Changes",
    "CheckServer",
    "CheckTool",
    "Checked",
    "CheckedTool",
    "Connect",
    "Found",
    "Search",
    "Unknown",
    "change_events",
    "check_server",
    "check_tool",
    "search",
]

Name = Annotated[str, Meta(min_length=1, max_length=300)]
_MOST: Final = 20
_MOST_EVENTS: Final = 200
_MOST_FINDINGS: Final = 20


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
    limit: Annotated[int, Meta(ge=1, le=100, description="The most tools to return.")] = _MOST


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
    severity: str = ""
    recommended: Advised = Advised("deny", "")


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
    severity: str = ""
    confidence: float = 0.0
    means: str = ""
    evidence: tuple[Piece, ...] = ()
    is_withheld: bool = False
    findings: tuple[FoundWrong, ...] = ()
    attacks: tuple[str, ...] = ()
    recommended: Advised = Advised("deny", "")
    policy: str = ""
    also_on: tuple[str, ...] = ()


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


class Unknown(Exception):
    """The catalogue does not have what was asked for; the message says what it has."""


def check_server(catalog: Catalog, asked: CheckServer) -> Checked:
    """A server's grade, what is wrong with it, and what to do before connecting. Raises `Unknown`."""
    entry = _entry(catalog, asked.server)
    found, facts = entry.document, entry.facts
    connect, why = _connect(entry)
    return Checked(
        entry.slug,
        shown(entry.title),
        found.version,
        facts.package,
        facts.publisher,
        found.scanned,
        found.grade,
        found.score,
        connect,
        why,
        found.reasons,
        found.classes,
        tuple(_wrong(entry))[:_MOST_FINDINGS],
        tuple(map(_line, entry.lines[:10])),
        found.policy,
    )


def _connect(entry: Entry) -> tuple[Connect, str]:
    grave = [one for one in entry.found.findings if one.severity.rank >= Severity.HIGH.rank]
    if grave:
        return Connect.ASK_FIRST, f"A person should look at this first: {grave[0].title.lower()}."
    if entry.found.grade.letter == "F":
        return Connect.ASK_FIRST, "A person should decide: its tools can do very much that cannot be undone."
    guarded = sum(one.recommended.action != "allow" or bool(one.recommended.rate_limit) for one in entry.found.tools)
    if guarded:
        tools = "tool needs" if guarded == 1 else "tools need"
        return Connect.WITH_RULE, f"{guarded} {tools} a rule; connect through a gate with the recommended policy."
    return Connect.PROCEED, "Its tools only read, and nothing is wrong with their definitions."


def check_tool(catalog: Catalog, asked: CheckTool) -> CheckedTool:
    """A tool's class, severity, evidence and recommended rule. Raises `Unknown`."""
    entries = [_entry(catalog, asked.server)] if asked.server else catalog.entries
    holders = [
        (entry, place)
        for entry in entries
        for place, one in enumerate(entry.found.tools)
        if one.tool.name == asked.tool
    ]
    if not holders:
        raise Unknown(_no_tool(entries, asked))
    if len({entry.slug for entry, _ in holders}) > 1:
        servers = ", ".join(entry.slug for entry, _ in holders[:10])
        raise Unknown(f"several servers have a tool `{shown(asked.tool, 80)}`: {servers}; say which with `server`")
    entry, place = holders[0]
    return _tool(entry, entry.tool(place), catalog)


def _no_tool(entries: Sequence[Entry], asked: CheckTool) -> str:
    names = [one.tool.name for entry in entries for one in entry.found.tools]
    near = get_close_matches(asked.tool, names, 3, 0.6)
    where = f"`{entries[0].slug}` lists" if asked.server else "no server here lists"
    negation = " no" if asked.server else " a"
    hint = f"; did you mean {' or '.join(f'`{shown(name, 80)}`' for name in near)}?" if near else ""
    return f"{where}{negation} tool `{shown(asked.tool, 80)}`{hint}"


def _tool(entry: Entry, one: ToolDocument, catalog: Catalog) -> CheckedTool:
    withheld = bool(one.findings)
    others = tuple(
        other.slug
        for other in catalog.entries
        if other is not entry and any(tool.tool.name == one.name for tool in other.found.tools)
    )
    return CheckedTool(
        shown(one.name, 120),
        entry.slug,
        shown(entry.title),
        one.risk_class,
        one.severity,
        one.confidence,
        f"It {one.class_means}. {one.severity_means}",
        tuple(
            Piece(piece.source, "" if withheld else shown(piece.quote, 160), "" if withheld else shown(piece.why, 300))
            for piece in one.evidence
        ),
        withheld,
        tuple(finding for finding in _wrong(entry) if finding.tool == shown(one.name, 120)),
        tuple(attack.title for attack in one.attacks),
        one.recommended,
        one.policies[0].policy if one.policies else "",
        others,
    )


def search(catalog: Catalog, asked: Search) -> Found:
    """Servers and tools whose names or summaries hold all the words, the riskiest tools first."""
    words = asked.query.lower().split()
    servers = [entry for entry in catalog.entries if not asked.risk_class and _holds(words, _text(entry))]
    lines = [
        line
        for entry in catalog.entries
        for line in entry.lines
        if _holds(words, f"{line.name} {line.summary} {entry.title}".lower())
        and (asked.risk_class is None or line.risk_class == asked.risk_class)
        and (asked.severity is None or Severity(line.severity).rank >= asked.severity.rank)
    ]
    lines.sort(key=lambda line: (-Severity(line.severity).rank, -RiskClass(line.risk_class).rank, line.name))
    return Found(
        tuple(
            FoundServer(
                entry.slug,
                shown(entry.title),
                entry.found.grade.letter,
                len(entry.lines),
                shown(entry.facts.summary, 200),
            )
            for entry in servers[:_MOST]
        ),
        tuple(map(_line, lines[: asked.limit])),
        max(0, len(lines) - asked.limit),
    )


def change_events(catalog: Catalog, asked: ChangeEvents) -> Changes:
    """What changed since a time, newest first. Raises `Unknown` for an unreadable time or a server that is not here."""
    if asked.since and not is_time(asked.since):
        raise Unknown(f"`since` is no date or time in UTC: {shown(asked.since, 40)!r}; write it as 2026-11-01")
    slug = _entry(catalog, asked.server).slug if asked.server else ""
    events = [
        Changed(
            one.step.at,
            one.server,
            one.step.version,
            event.event,
            shown(event.tool, 120),
            event.before,
            event.after,
        )
        for one in catalog.changes.changes
        if _is_since(one.step.at, asked.since) and (not slug or one.server == slug)
        for event in one.step.events
    ]
    return Changes(tuple(events[:_MOST_EVENTS]), max(0, len(events) - _MOST_EVENTS))


def _is_since(at: str, since: str) -> bool:
    """Whether a time is not before another, as far as both say."""
    common = min(len(at), len(since))
    return at[:common] >= since[:common]


def _entry(catalog: Catalog, asked: str) -> Entry:
    wanted = asked.strip().lower()
    for entry in catalog.entries:
        if wanted in {name.lower() for name in _names(entry)}:
            return entry
    near = get_close_matches(wanted, [name.lower() for entry in catalog.entries for name in _names(entry)], 1, 0.6)
    if near:
        raise Unknown(f"the catalogue has no server `{shown(asked, 80)}`; did you mean `{shown(near[0], 80)}`?")
    known = ", ".join(entry.slug for entry in catalog.entries[:30])
    raise Unknown(f"the catalogue has no server `{shown(asked, 80)}`; it has {known or 'none'}")


def _names(entry: Entry) -> Iterator[str]:
    return filter(None, (entry.slug, entry.title, entry.facts.package, entry.snapshot.name, *entry.facts.names))


def _text(entry: Entry) -> str:
    return f"{' '.join(_names(entry))} {entry.facts.summary} {entry.facts.publisher}".lower()


def _holds(words: Sequence[str], text: str) -> bool:
    return all(word in text for word in words)


def _line(line: ToolLine) -> FoundTool:
    return FoundTool(shown(line.name, 120), line.server, line.risk_class, line.severity, line.recommended)


def _wrong(entry: Entry) -> Iterator[FoundWrong]:
    for one in sorted(entry.found.findings, key=lambda one: -one.severity.rank):
        yield FoundWrong(one.rule, one.title, one.severity.value, shown(one.tool, 120), shown(one.where, 200))
