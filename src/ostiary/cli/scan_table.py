"""What a scan found, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ostiary.cli.styles import CLASSES, GRADES, SEVERITIES
from ostiary.cli.tables import console, visible
from ostiary.risk import Assessed, Assessment, Recommendation, RiskClass, Severity, Source

__all__ = ["show"]

_MEANINGS: Final = {
    RiskClass.FINANCIAL: "moves money",
    RiskClass.DESTRUCTIVE: "destroys",
    RiskClass.EXECUTE: "sets something going",
    RiskClass.WRITE: "changes something",
    RiskClass.READ: "only reads",
}
_MARKS: Final = {
    Severity.CRITICAL: "●●●●",
    Severity.HIGH: "●●●○",
    Severity.MEDIUM: "●●○○",
    Severity.LOW: "●○○○",
}
_ADVICE: Final = {"allow": "green", "deny": "bold red", "hide": "magenta", "require_approval": "yellow"}
_SHOWN: Final = 60
_NAME: Final = 44
_ADVISED: Final = 24
_WORDS: Final = 24
"""Widest columns, in cells: beyond them text is cut, so that a line stays a line. Words need room to say anything."""


def show(found: Assessment, version: str, notes: Sequence[str], output: Path | None) -> None:
    """Print the server's grade, its tools riskiest first, the findings, and what to do next."""
    out = console()
    out.print(_head(found, version))
    widths = _widths(found.tools, out.width)
    for risk_class, style in CLASSES.items():
        group = [one for one in found.tools if one.risk.risk_class is risk_class]
        if not group:
            continue
        harmless = [one for one in group if _is_harmless(one)]
        rest = [one for one in group if not _is_harmless(one)]
        out.print(_class(risk_class, _MEANINGS[risk_class], style, rest, widths, len(group)))
        if harmless:
            told = _harmless(harmless, not rest)
            out.print(Padding(told, (0, 0, 0, 2)) if out.is_terminal else Text("  ").append_text(told))
    for line in _findings(found):
        out.print(line)
    for note in notes:
        out.print(Text.assemble(("  ! ", "yellow"), visible(note)))
    _next(out, found, output)


def _head(found: Assessment, version: str) -> RenderableType:
    title = Text.assemble(
        (visible(found.server)[:_SHOWN], "bold"), (f" {visible(version)[:20]}" if version else "", "dim")
    )
    style = GRADES[found.grade.letter]
    told = Text.assemble(("Grade ", ""), (found.grade.letter, style), (f"   {found.grade.score} of 100", "dim"))
    told.append(f"   {len(found.tools)} tool{'' if len(found.tools) == 1 else 's'}", "dim")
    reasons = [Text.assemble((f"  -{reason.points:<3}", "dim"), reason.why) for reason in found.grade.reasons]
    return Panel(
        Group(told, *reasons), title=title, title_align="left", box=box.ROUNDED, border_style=style, expand=False
    )


def _class(
    risk_class: RiskClass, meaning: str, style: str, group: Sequence[Assessed], widths: tuple[int, int, int], count: int
) -> RenderableType:
    """The tools of a class; `widths` are those of names, words and advice, the same for all classes."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True, width=4)
    table.add_column(no_wrap=True, overflow="ellipsis", width=widths[0])
    if widths[1]:
        table.add_column(no_wrap=True, overflow="ellipsis", width=widths[1])
    table.add_column(no_wrap=True, overflow="ellipsis", width=widths[2])
    for one in sorted(group, key=lambda one: (-one.risk.severity.rank, one.tool.name)):
        mark, colour = _MARKS[one.risk.severity], SEVERITIES[one.risk.severity]
        why = [Text(_why(one), "dim")] if widths[1] else []
        table.add_row(Text(mark, colour), _name(one), *why, _advice(one.recommended))
    heading = Text.assemble((f"{risk_class.value} ", style), (f"{meaning} · {count}", "dim"))
    return Group(Text(), heading, Padding(table, (0, 0, 0, 2))) if group else Group(Text(), heading)


def _harmless(group: Sequence[Assessed], is_all: bool) -> Text:
    """Tools that nobody has to look at one by one, in a line together."""
    mark, colour = _MARKS[Severity.LOW], SEVERITIES[Severity.LOW]
    names = ", ".join(sorted(visible(one.tool.name)[:_SHOWN] for one in group))
    lead = f"{len(group)}{'' if is_all else ' more'} that read{'s' if len(group) == 1 else ''} nothing private: "
    return Text.assemble((f"{mark}   ", colour), lead, (names, "dim"))


def _is_harmless(one: Assessed) -> bool:
    is_read = one.risk.risk_class is RiskClass.READ
    return is_read and one.risk.severity is Severity.LOW and one.recommended.action == "allow" and not one.findings


def _name(one: Assessed) -> Text:
    flag = Text(" ⚑", "bold red") if one.findings else Text()
    return Text(visible(one.tool.name)[:_SHOWN] or "(no name)").append_text(flag)


def _widths(tools: Sequence[Assessed], whole: int) -> tuple[int, int, int]:
    """Those of names, of the definition's words, and of advice; words that would be cut to nothing are left out."""
    names = min(max((_name(one).cell_len for one in tools), default=0), _NAME)
    advice = min(max((_advice(one.recommended).cell_len for one in tools), default=0), _ADVISED)
    words = whole - names - advice - 14
    return names, words if words >= _WORDS else 0, advice


def _why(one: Assessed) -> str:
    """The words of the definition that tell the class, or why there are none."""
    telling = [piece for piece in one.risk.evidence if piece.speaks_for is one.risk.risk_class]
    said = next((piece for piece in telling if piece.source is Source.DESCRIPTION), None)
    if said is not None:
        return visible(said.quote)
    return visible((telling or list(one.risk.evidence))[0].why)


def _advice(advice: Recommendation) -> Text:
    words = {"require_approval": "hold", "allow": "allow"}.get(advice.action, advice.action)
    told = Text(words, _ADVICE[advice.action])
    if advice.rate_limit:
        told.append(f" {advice.rate_limit}", "dim")
    if advice.selector:
        told.append(f" by `{visible(advice.selector)}`", "dim")
    return told


def _findings(found: Assessment) -> Iterator[RenderableType]:
    if not found.findings:
        return
    yield Text.assemble("\n", ("findings ", "bold red"), (f"{len(found.findings)}", "dim"))
    for finding in sorted(found.findings, key=lambda one: -one.severity.rank)[:200]:
        colour = SEVERITIES[finding.severity]
        head = Text.assemble(("  ⚑ ", colour), (finding.title, colour), ("  ", ""), visible(finding.tool)[:_SHOWN])
        head.append(f"  {visible(finding.where)[:80]}", "dim")
        yield head
        yield Padding(Text(f"“{finding.quote}”", "italic"), (0, 0, 0, 4))
        yield Padding(Text(f"{finding.why}  {' · '.join(finding.owasp)}", "dim"), (0, 0, 0, 4))


def _next(out: Console, found: Assessment, output: Path | None) -> None:
    out.print()
    if output is not None:
        out.print(Text.assemble(("→ ", "cyan"), "The recommended policy is in ", (str(output), "bold")), soft_wrap=True)
    elif found.tools:
        out.print(Text.assemble(("→ ", "cyan"), "Write the recommended policy with ", ("-o policy.yaml", "bold")))
