"""What the catalogue answers when it is asked as a server: values, made for a model to read.

A model reads these answers. Whatever another server wrote is cut to a line and made printable, and of a definition
that gives orders to models nothing is passed on but what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from ostiary.catalog.catalog import Catalog
from ostiary.catalog.documents import ToolDocument, ToolLine
from ostiary.catalog.entry import Entry
from ostiary.catalog.messages import (
    Changed,
    ChangeEvents,
    Changes,
    Checked,
    CheckedTool,
    CheckServer,
    CheckTool,
    Connect,
    Found,
    FoundServer,
    FoundTool,
    FoundWrong,
    Piece,
    Search,
)
from ostiary.catalog.snapshot import is_time
from ostiary.risk import RiskClass, Severity
from ostiary.risk.rules import shown

__all__ = ["Unknown", "change_events", "check_server", "check_tool", "search"]

_MOST: Final = 20
_MOST_EVENTS: Final = 200
_MOST_FINDINGS: Final = 20


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
