"""What the demo looks like: aligned, calm, and the same words with and without colour."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ostiary.demo.play import Observation, Play
from ostiary.demo.script import CHAPTERS
from ostiary.demo.verdict import Verdict

WIDTH = 100
STYLES = {"allowed": "green", "denied": "red", "limited": "yellow", "hidden": "magenta", "approval": "cyan"}
READS = 112


def console() -> Console:
    """Standard output, at most `WIDTH` columns; no colour where it is piped or `NO_COLOR` is set."""
    out = Console(highlight=False)
    out.width = min(WIDTH, out.width)
    return out


def opening(out: Console) -> None:
    out.print()
    out.print(Text.assemble(("Ostiary", "bold"), " stands between an AI agent and its tools."))
    arrow = (" → ", "dim")
    parts = "agent (MCP SDK)", "ostiary serve", "support desk (MCP server)", "SQLite file"
    line = Text.assemble(parts[0], arrow, (parts[1], "bold"), arrow, parts[2], arrow, parts[3])
    out.print(line)
    out.print(Text("All of it is real and runs now; only the agent's lines are scripted.", "dim"))


def tools(out: Console, gated: Play, bare: Play) -> None:
    hidden = [name for name in bare.tools if name not in gated.tools]
    line = Text(f"The server has {len(bare.tools)} tools. The agent is shown {len(gated.tools)}; not ")
    line.append(", ".join(hidden) or "one is hidden", "magenta")
    out.print()
    out.print(line.append("."))


def chapters(out: Console, verdicts: Sequence[Verdict]) -> None:
    """Every call, under the chapter it belongs to."""
    remaining = list(verdicts)
    for title, steps in CHAPTERS:
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(width=8, no_wrap=True)
        table.add_column(ratio=1)
        table.add_column(width=31)
        for verdict in remaining[: len(steps)]:
            _add_call(table, verdict)
        del remaining[: len(steps)]
        out.print()
        out.print(Text(title, "bold"))
        out.print(table)


def _add_call(table: Table, verdict: Verdict) -> None:
    observation = verdict.observation
    style = STYLES[verdict.word]
    table.add_row(Text(verdict.word, f"bold {style}"), _asked(observation), Text(verdict.recorded.rule))
    table.add_row("", Text(shorten(observation.answer.text), "dim"), _reached(verdict))
    for problem in verdict.problems:
        table.add_row(Text("WRONG", "bold red"), Text(problem, "red"), "")


def _asked(observation: Observation) -> Text:
    arguments = ", ".join(f"{name}={json.dumps(value)}" for name, value in observation.step.arguments.items())
    return Text.assemble((observation.step.tool, "bold"), f"({arguments})")


def _reached(verdict: Verdict) -> Text:
    observation = verdict.observation
    if not observation.statements:
        return Text("nothing reached the database", "dim")
    written = "rows written" if observation.has_changed_rows else "read only"
    plural = "" if observation.statements == 1 else "s"
    text = Text(f"{observation.statements} statement{plural}, {written}", "green" if written else "dim")
    if verdict.recorded.would:
        text.append(f"\nshadow rule would {verdict.recorded.would}", "yellow")
    return text


def comparison(out: Console, gated: Play, bare: Play) -> None:
    """The database after the script: behind the gate, and in a copy where the same script ran without one."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 2), pad_edge=False, show_edge=False)
    table.add_column("The same script, counted in the database files")
    for heading in ("at first", "with Ostiary", "without"):
        table.add_column(heading, justify="right")
    looks = gated.first, gated.last, bare.last
    for name, *cells in (
        ("refunded, EUR", *(f"{look.refunded / 100:,.2f}" for look in looks)),
        ("orders", *(str(len(look.orders)) for look in looks)),
        ("customers", *(str(len(look.customers)) for look in looks)),
        ("accounts moved to another address", *(str(look.moved) for look in looks)),
        ("customers whose data the agent has read", "0", str(gated.people_read), str(bare.people_read)),
        ("SQL statements that reached the file", *(str(look.statements) for look in looks)),
    ):
        is_same = cells[1] == cells[2]
        table.add_row(name, cells[0], Text(cells[1], "green"), Text(cells[2], "" if is_same else "red"))
    out.print()
    out.print(Padding(table, (0, 0, 0, 0)))


def shorten(text: str) -> str:
    """An answer as one line of bearable length, without JSON's punctuation around it."""
    plain = text.replace('"', "").replace("{ ", "").replace(" }", "")
    return plain if len(plain) <= READS else plain[: READS - 1].rstrip() + "…"
