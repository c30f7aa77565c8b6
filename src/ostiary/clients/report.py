"""What there is to say of one server of one client, and the next step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from ostiary.clients.entry import Entry
from ostiary.clients.hygiene import plain_secrets, unpinned
from ostiary.model import JSON
from ostiary.risk import Assessment, RiskClass, assess

__all__ = ["Reported", "Row", "State", "report"]


class State(msgspec.Struct, frozen=True):
    """Where a server stands: `word` is for programs, `next` what a person would do about it."""

    word: str
    next: str = ""


class Row(msgspec.Struct, frozen=True):
    """One server and what it listed: `definitions` is None where it was not asked or did not answer. `policy_error` is
    why Ostiary, which stands before it, would not start."""

    entry: Entry
    definitions: tuple[Mapping[str, JSON], ...] | None = None
    error: str = ""
    is_unasked: bool = False
    policy_error: str = ""


class Reported(msgspec.Struct, frozen=True):
    """`shadowed` are tools that another server of the same client has too, with that server's name."""

    row: Row
    state: State
    found: Assessment | None
    shadowed: Mapping[str, str]
    secrets: tuple[str, ...]
    unpinned: str | None

    @property
    def classes(self) -> Mapping[RiskClass, int]:
        tools = self.found.tools if self.found else ()
        counts = Counter(one.risk.risk_class for one in tools)
        return {risk_class: counts[risk_class] for risk_class in RiskClass if counts[risk_class]}

    @property
    def is_clean(self) -> bool:
        findings = self.found.findings if self.found else ()
        return not (findings or self.secrets or self.unpinned or self.row.policy_error)


def report(rows: Sequence[Row]) -> list[Reported]:
    """Every server, judged with the tools of its neighbours in the same client in view."""
    return [_reported(row, _others(row, rows)) for row in rows]


def _reported(row: Row, others: Mapping[str, str]) -> Reported:
    entry = row.entry
    found = None
    if row.definitions is not None:
        found = assess(entry.name, row.definitions, others)
    names = {one.tool.name for one in found.tools} if found else set()
    return Reported(
        row,
        _state(row),
        found,
        {tool: server for tool, server in others.items() if tool in names},
        tuple(plain_secrets(entry)),
        unpinned(_inner(entry)),
    )


def _others(row: Row, rows: Sequence[Row]) -> dict[str, str]:
    """The tools of the client's other servers; the same server, written down twice, is no other."""
    found: dict[str, str] = {}
    for one in rows:
        if one.entry.client.id != row.entry.client.id or one.entry.name == row.entry.name or one.entry.is_off:
            continue
        if _inner(one.entry) == _inner(row.entry) and one.entry.url == row.entry.url:
            continue
        for definition in one.definitions or ():
            name = definition.get("name")
            if isinstance(name, str):
                found.setdefault(name, one.entry.name)
    return found


def _inner(entry: Entry) -> tuple[str, ...]:
    """The server's own command line, behind Ostiary's if that stands before it."""
    words = entry.guard
    if words is None:
        return entry.argv
    return words[words.index("--") + 1 :] if "--" in words else ()


def _state(row: Row) -> State:
    entry = row.entry
    if entry.guard is not None:
        return State("guarded", "mend its policy: `ostiary check`" if row.policy_error else "")
    if entry.obstacle:
        return State("not a server", f"left alone: {entry.obstacle}")
    if entry.is_off:
        return State("off")
    if row.error:
        return State("open", "make it start, then `ostiary init`")
    if row.is_unasked:
        return State("open")
    return State("open", "`ostiary init`")
