"""What the demo shows of the support desk."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ostiary.demo import board
from ostiary.demo.person import NAME
from ostiary.demo.play import Observation, Play
from ostiary.demo.script import ADA, CHAPTERS, THIEF
from ostiary.demo.verdict import Verdict

NEXT = (
    ("ostiary demo --serve", "keep it running and try it with your own MCP client"),
    ("ostiary run --policy P -- CMD", "guard one server, as the command in your client"),
    ("ostiary approvals watch", "see what waits for a person; approve and refuse answer it"),
    ("ostiary explain", "ask why a call would be decided as it would"),
)


def opening(out: Console) -> None:
    parts = "agent (MCP SDK)", "ostiary serve", "support desk (MCP server)", "SQLite file"
    note = "All of it is real and runs now; only what agent and person say is scripted."
    board.path(out, "stands between an AI agent and its tools.", parts, 1, note)


def tools(out: Console, gated: Play, bare: Play, problems: Sequence[str]) -> None:
    hidden = [name for name in bare.tools if name not in gated.tools]
    line = Text(f"The server has {len(bare.tools)} tools. The agent is shown {len(gated.tools)}; not ")
    line.append(", ".join(hidden) or "one is hidden", "magenta")
    out.print()
    out.print(line.append("."))
    for problem in problems:
        board.wrong(out, problem)


def chapters(out: Console, verdicts: Sequence[Verdict[Observation]]) -> None:
    """Every call under the chapter it belongs to."""
    remaining = iter(verdicts)
    board.heading(out, "database")
    for title, steps in CHAPTERS:
        board.chapter(out, title, [_shown(verdict) for verdict in islice(remaining, len(steps))])


def _shown(verdict: Verdict[Observation]) -> board.Shown:
    observation = verdict.observation
    return board.Shown(
        word=verdict.word,
        tool=observation.step.tool,
        arguments=observation.step.arguments,
        rule=verdict.recorded.rule,
        reads=observation.answer.text,
        says=observation.step.says,
        is_refusal=observation.answer.is_error,
        reached=_reached(verdict),
        typed=None if observation.command is None else (observation.command, NAME),
        problems=verdict.problems,
    )


def _reached(verdict: Verdict[Observation]) -> Text:
    observation = verdict.observation
    if not observation.statements:
        return Text("nothing reached the database")
    text = Text()
    if observation.has_changed_rows:
        text.append("written to the database", "green")
    else:
        text.append("read from the database", "dim")
    if verdict.recorded.would:
        text.append(f"\nshadow: would {verdict.recorded.would}", "yellow")
    return text


def comparison(out: Console, gated: Play, bare: Play) -> None:
    """The database after the script: behind the gate, and in a copy where the same script ran without one."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 2), pad_edge=False, show_edge=False)
    table.add_column("The same script, counted in the files")
    for heading in ("at first", "with Ostiary", "without"):
        table.add_column(heading, justify="right")
    looks = gated.first, gated.last, bare.last
    for name, *cells in (
        ("refunded, EUR", *(f"{look.refunded / 100:,.2f}" for look in looks)),
        ("orders", *(str(len(look.orders)) for look in looks)),
        ("customers", *(str(len(look.customers)) for look in looks)),
        ("addresses changed as Ada asked", *(str(look.reached_at(ADA)) for look in looks)),
        ("accounts moved to the thief's address", *(str(look.reached_at(THIEF)) for look in looks)),
        ("customers whose data was read", "0", str(gated.people_read), str(bare.people_read)),
        ("statements that reached the file", *(str(look.statements) for look in looks)),
    ):
        is_same = cells[1] == cells[2]
        table.add_row(name, cells[0], Text(cells[1], "green"), Text(cells[2], "" if is_same else "red"))
    out.print()
    out.print(table)
