"""What a play at the gate looks like on a terminal: aligned, calm, and the same words with and without colour.

It knows nothing of what is played: the demo's support desk and any other server are shown with it.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ostiary.demo.chain import Proof
from ostiary.model import JSON, Record

WIDTH = 100
STYLES = {"allowed": "green", "denied": "red", "limited": "yellow", "hidden": "magenta", "held": "cyan"}
EXCERPT = 110
_TIMES = "\N{MULTIPLICATION SIGN}"
PACE = 0.1
"""Seconds between two calls on a terminal."""


class Shown(msgspec.Struct, frozen=True):
    """One call as people see it. `word` is what the gate did; `says` is the part of the answer that matters; `reached`
    is what became of it behind the gate; `typed` is what a person typed before it, and who that was; `times` how often
    in a row it was made, by `who`, where there are several."""

    word: str
    tool: str
    arguments: Mapping[str, JSON]
    rule: str
    reads: str
    says: str
    is_refusal: bool
    reached: Text
    typed: tuple[str, str] | None = None
    problems: tuple[str, ...] = ()
    times: int = 1
    who: str = ""


def console() -> Console:
    """Standard output, at most `WIDTH` columns; no colour where it is piped or `NO_COLOR` is set."""
    out = Console(highlight=False)
    out.width = min(WIDTH, out.width) if out.is_terminal else WIDTH
    return out


def path(out: Console, says: str, parts: Sequence[str], gate: int, note: str) -> None:
    """The title, and the way of a call: `parts` from the agent on, of which the one at `gate` is Ostiary."""
    out.print()
    out.print(Text.assemble(("Ostiary", "bold"), f" {says}"))
    line = Text()
    for number, part in enumerate(parts):
        line.append(" → ", "dim") if number else None
        line.append(part, "bold" if number == gate else "")
    out.print(line)
    out.print(Text(note, "dim"))


def heading(out: Console, reached: str) -> None:
    out.print()
    out.print(_lines((Text("gate"), Text("the agent asks, and reads"), Text(f"deciding rule, {reached}"))), style="dim")


def chapter(out: Console, title: str, calls: Iterable[Shown]) -> None:
    """Calls under their title, at a pace to read along where it is a terminal."""
    out.print()
    out.print(Text(title, "bold"))
    for call in calls:
        out.print(_lines(*_rows(call)))
        if out.is_terminal:
            time.sleep(PACE)


def wrong(out: Console, problem: str) -> None:
    out.print(Text(f"WRONG     {problem}", "bold red"))


def _lines(*rows: tuple[RenderableType, RenderableType, RenderableType]) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=8, no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(width=31, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _rows(call: Shown) -> list[tuple[Text, Text, Text]]:
    reads = Text(call.reads) if call.is_refusal else Text(excerpt(call.reads, call.says), "dim")
    typed = [] if call.typed is None else [(Text("a person", "bold"), Text(call.typed[0], "bold"), _by(call.typed[1]))]
    return [
        *typed,
        (Text(call.word, f"bold {STYLES[call.word]}"), _asked(call), Text(call.rule)),
        (Text(), reads, call.reached),
        *((Text("WRONG", "bold red"), Text(problem, "red"), Text()) for problem in call.problems),
    ]


def _by(name: str) -> Text:
    return Text(f"{name}, by an operator's token", "dim")


def _asked(call: Shown) -> Text:
    arguments = ", ".join(f"{name}={_value(value)}" for name, value in call.arguments.items())
    times = f" {_TIMES}{call.times}" if call.times > 1 else ""
    who = f"{call.who}: " if call.who else ""
    return Text.assemble((who, "italic"), (call.tool, "bold"), f"({arguments})", (times, "bold"))


def _value(value: JSON) -> str:
    """As JSON; what is nested without its quotes, to be read at a glance."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace('"', "") if isinstance(value, Mapping) else text


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


def closing(out: Console, words: Sequence[str], is_as_expected: bool, next: Sequence[tuple[str, str]]) -> None:
    """The verdict on the whole run, and where to go from here."""
    counts = ", ".join(f"{count} {word}" for word, count in Counter(words).items())
    out.print()
    if not is_as_expected:
        out.print(Text(f"NOT AS EXPECTED: {counts}. See the lines marked WRONG.", "bold red"))
        return
    out.print(Text.assemble((f"{len(words)} calls: {counts}.", "bold"), " Every one as the policy says."))
    out.print()
    table = Table.grid(padding=(0, 2))
    for command, does in next:
        table.add_row(command, Text(does, "dim"))
    out.print(table)
    out.print()


def excerpt(text: str, says: str) -> str:
    """The part of a result that matters, from `says` on, without JSON's punctuation around it."""
    plain = text.replace('\\"', "").replace('"', "").replace("{ ", "").replace(" }", "")
    start = plain.find(says)
    shown = plain if start < EXCERPT // 2 else "… " + plain[start:]
    return shown if len(shown) <= EXCERPT else shown[: EXCERPT - 2].rsplit(" ", 1)[0] + " …"
