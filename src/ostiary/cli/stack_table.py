"""What `ostiary stack` found, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from ostiary.cli.stack_report import address
from ostiary.cli.styles import CLASSES, GRADES, SEVERITIES
from ostiary.cli.tables import console, indent, plural, visible
from ostiary.clients.find import Unread
from ostiary.clients.report import Reported
from ostiary.clients.surroundings import Surroundings
from ostiary.risk import RiskClass

__all__ = ["counted", "heading", "short", "show"]

_MARKS: Final = {"guarded": ("●", "green"), "open": ("○", "yellow"), "off": ("·", "dim"), "not a server": ("·", "dim")}
_DOES: Final = {
    RiskClass.READ: "read",
    RiskClass.WRITE: "write",
    RiskClass.EXECUTE: "execute",
    RiskClass.DESTRUCTIVE: "destroy",
    RiskClass.FINANCIAL: "pay",
}
_STATES: Final = {"guarded": "behind Ostiary", "open": "without it", "off": "switched off"}
_NAME: Final = 28
_MOST: Final = 3


def show(reported: Sequence[Reported], unread: Sequence[Unread], here: Surroundings) -> None:
    """Print every client's servers, what is careless about them, and what to do next."""
    out = console()
    for (title, file, project), group in groupby(reported, _configuration):
        servers = list(group)
        out.print(heading(title, file, project, here))
        width = min(max(len(visible(one.row.entry.name)) for one in servers), _NAME)
        for one in servers:
            out.print(_line(one, width), no_wrap=True, overflow="ellipsis")
            for note in _notes(one):
                out.print(indent(note, 6))
        out.print()
    for broken in unread:
        out.print(Text.assemble((f"{broken.client.title}: ", "bold"), (visible(broken.error), "red")), soft_wrap=True)
    _sum_up(out, reported)


def heading(title: str, file: Path, project: Path | None, here: Surroundings) -> Text:
    told = Text.assemble((title, "bold"), "  ", (short(file, here), "dim"))
    if project is not None:
        told.append(f"  for {short(project, here)}", "dim")
    return told


def short(path: Path, here: Surroundings) -> str:
    """A path as people write it."""
    return visible(f"~/{path.relative_to(here.home)}" if path.is_relative_to(here.home) else str(path))


def counted(classes: Mapping[RiskClass, int]) -> Text:
    """`12 tools: 7 read, 5 write`, the riskiest last."""
    told = Text(plural(sum(classes.values()), "tool"))
    for place, (risk_class, count) in enumerate(classes.items()):
        told.append(", " if place else ": ", "dim").append(f"{count} {_DOES[risk_class]}", CLASSES[risk_class])
    return told


def _configuration(one: Reported) -> tuple[str, Path, Path | None]:
    entry = one.row.entry
    return entry.client.title, entry.file, entry.project


def _line(one: Reported, width: int) -> Text:
    entry = one.row.entry
    mark, style = _MARKS[one.state.word]
    name = visible(entry.name)
    name = name if len(name) <= width else f"{name[: width - 1]}…"
    told = Text.assemble("  ", (mark, style), " ", (f"{name:<{width}}", "bold"), "  ", (f"{entry.transport:<5}", "dim"))
    if one.found is not None:
        letter = one.found.grade.letter
        return told.append("  ").append(letter, GRADES[letter]).append("  ").append_text(counted(one.classes))
    return told.append("     ").append(_untold(one), "dim")


def _untold(one: Reported) -> str:
    entry = one.row.entry
    if entry.obstacle:
        return entry.obstacle
    if one.row.error:
        return "did not list its tools"
    return f"{'switched off' if entry.is_off else 'not asked'}  {address(entry)}".rstrip()


def _notes(one: Reported) -> Iterator[Text]:
    if one.row.policy_error:
        yield Text.assemble(("✗ ", "red"), f"it does not start: {visible(one.row.policy_error)}")
    if one.row.error:
        yield Text.assemble(("✗ ", "red"), visible(one.row.error))
    if one.found is not None:
        worst = sorted(one.found.findings, key=lambda finding: -finding.severity.rank)
        worst = [finding for finding in worst if finding.rule != "shadowed-name"]
        for finding in worst[:_MOST]:
            style = SEVERITIES[finding.severity]
            yield Text.assemble(("⚑ ", style), (finding.title, style), "  ", visible(finding.tool))
        if len(worst) > _MOST:
            yield Text(f"⚑ and {plural(len(worst) - _MOST, 'more finding')}", "dim")
    if one.shadowed:
        yield Text.assemble(("! ", "yellow"), _shadow(one.shadowed))
    for place in one.secrets:
        yield Text.assemble(("! ", "yellow"), f"a secret in plain text: {visible(place)}")
    if one.unpinned:
        yield Text.assemble(("! ", "yellow"), f"no version: {visible(one.unpinned)} is whatever is newest that day")


def _shadow(shadowed: Mapping[str, str]) -> str:
    """Tools that two servers have: a model cannot tell which one it calls."""
    told = ", ".join(f"{visible(tool)} ({visible(server)})" for tool, server in list(shadowed.items())[:_MOST])
    more = f" and {len(shadowed) - _MOST} more" if len(shadowed) > _MOST else ""
    return f"another server has a tool of the same name: {told}{more}"


def _sum_up(out: Console, reported: Sequence[Reported]) -> None:
    if not reported:
        out.print("No MCP servers in the configurations of the clients that Ostiary knows.")
        return
    servers = [one for one in reported if not one.row.entry.obstacle]
    words = [one.state.word for one in servers]
    files = len({one.row.entry.file for one in servers})
    told = Text(f"{plural(len(words), 'server')} in {plural(files, 'file')}")
    for word, meaning in _STATES.items():
        if count := words.count(word):
            told.append(f", {count} {meaning}", _MARKS[word][1])
    out.print(told)
    for text in _advice(reported, words):
        out.print(Text.assemble(("→ ", "cyan"), text))


def _advice(reported: Sequence[Reported], words: Sequence[str]) -> Iterator[Text]:
    if "open" in words:
        yield Text.assemble(("ostiary init --dry-run", "bold"), " shows how it would go before them")
    if any(one.secrets for one in reported):
        yield Text("secrets: let the client fill them in where it can, with `${NAME}`")
    if any(one.unpinned for one in reported):
        yield Text("versions: `npx -y NAME@1.2.3`, `uvx NAME==1.2.3`, `docker run IMAGE:1.2.3`")
