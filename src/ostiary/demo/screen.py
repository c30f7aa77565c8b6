"""What the demo looks like: aligned, calm, and the same words with and without colour."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ostiary.demo.chain import Proof
from ostiary.demo.person import NAME
from ostiary.demo.play import Observation, Play
from ostiary.demo.script import ADA, CHAPTERS, THIEF
from ostiary.demo.verdict import Verdict
from ostiary.model import Record

WIDTH = 100
STYLES = {"allowed": "green", "denied": "red", "limited": "yellow", "hidden": "magenta", "held": "cyan"}
EXCERPT = 110
PACE = 0.1
"""Seconds between two calls on a terminal."""


def console() -> Console:
    """Standard output, at most `WIDTH` columns; no colour where it is piped or `NO_COLOR` is set."""
    out = Console(highlight=False)
    out.width = min(WIDTH, out.width) if out.is_terminal else WIDTH
    return out


def opening(out: Console) -> None:
    out.print()
    out.print(Text.assemble(("Ostiary", "bold"), " stands between an AI agent and its tools."))
    arrow = (" → ", "dim")
    parts = "agent (MCP SDK)", "ostiary serve", "support desk (MCP server)", "SQLite file"
    line = Text.assemble(parts[0], arrow, (parts[1], "bold"), arrow, parts[2], arrow, parts[3])
    out.print(line)
    out.print(Text("All of it is real and runs now; only what agent and person say is scripted.", "dim"))


def tools(out: Console, gated: Play, bare: Play, problems: Sequence[str]) -> None:
    hidden = [name for name in bare.tools if name not in gated.tools]
    line = Text(f"The server has {len(bare.tools)} tools. The agent is shown {len(gated.tools)}; not ")
    line.append(", ".join(hidden) or "one is hidden", "magenta")
    out.print()
    out.print(line.append("."))
    for problem in problems:
        out.print(Text(f"WRONG     {problem}", "bold red"))


def chapters(out: Console, verdicts: Sequence[Verdict]) -> None:
    """Every call under the chapter it belongs to, at a pace to read along where it is a terminal."""
    remaining = iter(verdicts)
    out.print()
    out.print(_lines((Text("gate"), Text("the agent asks, and reads"), Text("deciding rule, database"))), style="dim")
    for title, steps in CHAPTERS:
        out.print()
        out.print(Text(title, "bold"))
        for verdict in islice(remaining, len(steps)):
            out.print(_lines(*_call(verdict)))
            if out.is_terminal:
                time.sleep(PACE)


def _lines(*rows: tuple[RenderableType, RenderableType, RenderableType]) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=8, no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(width=31)
    for row in rows:
        table.add_row(*row)
    return table


def _call(verdict: Verdict) -> list[tuple[Text, Text, Text]]:
    answer, says = verdict.observation.answer, verdict.observation.step.says
    reads = Text(answer.text) if answer.is_error else Text(excerpt(answer.text, says), "dim")
    return [
        *_typed(verdict.observation.command),
        (Text(verdict.word, f"bold {STYLES[verdict.word]}"), _asked(verdict.observation), Text(verdict.recorded.rule)),
        (Text(), reads, _reached(verdict)),
        *((Text("WRONG", "bold red"), Text(problem, "red"), Text()) for problem in verdict.problems),
    ]


def _typed(command: str | None) -> list[tuple[Text, Text, Text]]:
    if command is None:
        return []
    return [(Text("a person", "bold"), Text(command, "bold"), Text(f"{NAME}, by an operator's token", "dim"))]


def _asked(observation: Observation) -> Text:
    arguments = ", ".join(f"{name}={json.dumps(value)}" for name, value in observation.step.arguments.items())
    return Text.assemble((observation.step.tool, "bold"), f"({arguments})")


def _reached(verdict: Verdict) -> Text:
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


def ledger(out: Console, records: Sequence[Record], proof: Proof) -> None:
    """The ledger's own word that it is whole, and what it says of a forged copy."""
    out.print()
    out.print(Text(f"The ledger has {len(records)} records, each with the hash of the one before", "bold"))
    table = Table.grid(padding=(0, 2))
    table.add_row("verified", Text(proof.says, "green" if proof.is_sound else "red"))
    table.add_row("a forged copy", Text(proof.says_of_forgery, "dim"))
    if not proof.is_sound:
        table.add_row(Text("WRONG", "bold red"), "expected the ledger to verify, and a forged copy not to")
    out.print(table)


def closing(out: Console, verdicts: Sequence[Verdict], is_as_expected: bool) -> None:
    """The verdict on the whole run, and where to go from here."""
    words = Counter(verdict.word for verdict in verdicts)
    counts = ", ".join(f"{count} {word}" for word, count in words.items())
    out.print()
    if not is_as_expected:
        out.print(Text(f"NOT AS EXPECTED: {counts}. See the lines marked WRONG.", "bold red"))
        return
    out.print(Text.assemble((f"{len(verdicts)} calls: {counts}.", "bold"), " Every one as the policy says."))
    out.print()
    table = Table.grid(padding=(0, 2))
    table.add_row("ostiary demo --serve", Text("keep it running and try it with your own MCP client", "dim"))
    table.add_row("ostiary run --policy P -- CMD", Text("guard one server, as the command in your client", "dim"))
    table.add_row("ostiary approvals watch", Text("see what waits for a person; approve and refuse answer it", "dim"))
    table.add_row("ostiary explain", Text("ask why a call would be decided as it would", "dim"))
    out.print(table)
    out.print()


def excerpt(text: str, says: str) -> str:
    """The part of a result that matters, from `says` on, without JSON's punctuation around it."""
    plain = text.replace('"', "").replace("{ ", "").replace(" }", "")
    start = plain.find(says)
    shown = plain if start < EXCERPT // 2 else "… " + plain[start:]
    return shown if len(shown) <= EXCERPT else shown[: EXCERPT - 2].rsplit(" ", 1)[0] + " …"
