"""What `./dev aws` shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from msgspec.structs import replace
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ostiary.demo import board
from ostiary.demo.person import NAME
from ostiary.demo.verdict import Verdict
from tests.aws.play import Observation
from tests.aws.script import Chapter

NEXT = (
    ("examples/aws/README.md", "the configuration, the policies and their tests, step by step"),
    ("docs/aws.md", "one of these servers behind Ostiary in five minutes, in your own client"),
    ("ostiary test examples/aws/policies/*.test.yaml", "what the policies promise, without any server"),
)


def opening(out: Console) -> None:
    parts = "agents (MCP SDK)", "ostiary serve", "4 AWS Labs servers", "AWS API (moto), Redis"
    note = "The servers are as published, AWS is on this machine; what agents and person say is scripted."
    board.path(out, "stands between AI agents and the AWS Labs servers.", parts, 1, note)
    board.heading(out, "what arrived")


def chapter(out: Console, played: Chapter, verdicts: Sequence[Verdict[Observation]]) -> None:
    """One chapter; calls that are the same several times in a row are shown once."""
    shown = [_shown(verdict) for verdict in verdicts]
    several = [list(same) for _, same in groupby(shown, lambda one: replace(one, reads=""))]
    board.chapter(out, played.title, [replace(same[0], times=len(same)) for same in several])


def _shown(verdict: Verdict[Observation]) -> board.Shown:
    observation, step = verdict.observation, verdict.observation.step
    return board.Shown(
        word=verdict.word,
        tool=step.tool,
        arguments={name: value for name, value in step.arguments.items() if name != "ctx"},
        rule=verdict.recorded.rule,
        reads=observation.answer.text,
        says=step.says,
        is_refusal=observation.answer.is_error,
        reached=_reached(verdict),
        typed=None if observation.command is None else (observation.command, NAME),
        problems=verdict.problems,
        who="" if step.agent == "operator" else step.agent,
    )


def _reached(verdict: Verdict[Observation]) -> Text:
    reached = verdict.observation.reached
    if not reached:
        return Text("nothing arrived")
    text = Text("\n".join(name.replace(":", " ", 1) for name in reached), "green")
    if verdict.recorded.outcome == "failed":
        text.append("\nan error, called a success", "yellow")
    return text


def arrivals(out: Console, verdicts: Sequence[Verdict[Observation]]) -> None:
    """Of which tool how many calls were asked for, and how many had any effect behind the gate."""
    asked = Counter(verdict.observation.step.tool for verdict in verdicts)
    arrived = Counter(verdict.observation.step.tool for verdict in verdicts if verdict.observation.reached)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 2), pad_edge=False, show_edge=False)
    table.add_column("Calls, as counted at AWS and Redis")
    table.add_column("asked", justify="right")
    table.add_column("arrived", justify="right")
    for tool, count in asked.items():
        if arrived[tool] != count:
            table.add_row(tool, str(count), Text(str(arrived[tool]), "green"))
    rest = [tool for tool, count in asked.items() if arrived[tool] == count]
    table.add_row(f"{len(rest)} other tools, for reading", *[str(sum(asked[tool] for tool in rest))] * 2)
    out.print()
    out.print(table)


def over_stdio(out: Console, server: str, verdicts: Sequence[Verdict[Observation]]) -> None:
    """One server's chapter again, in a line."""
    counts = ", ".join(f"{count} {word}" for word, count in Counter(verdict.word for verdict in verdicts).items())
    table = Table.grid(padding=(0, 2))
    table.add_column(width=11)
    table.add_row(Text(server, "bold"), f"{len(verdicts)} calls: {counts}")
    out.print(table)
    for verdict in verdicts:
        for problem in verdict.problems:
            board.wrong(out, f"{verdict.observation.step.tool}: {problem}")
