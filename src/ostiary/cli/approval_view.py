"""Approvals on a screen: coloured and live in a terminal, plain lines in a pipe."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from rich import box
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ostiary.approvals import Case, Figures, NotPossible, Pattern, State, ago, as_lines, facts, standing, visible
from ostiary.asking.questions import Questions
from ostiary.cli.tables import console, show_table
from ostiary.errors import ConfigurationError
from ostiary.policy.window import parse_duration
from ostiary.ports import Clock

_COLUMNS = ("id", "agent", "call", "risk", "asked", "stands")
_STATES = {
    State.GRANTED: "green",
    State.USED_UP: "dim green",
    State.REFUSED: "red",
    State.REVOKED: "red",
    State.EXPIRED: "yellow",
}


def read_pattern(uses: int | None, span: str | None, where: str | None, spend: str | None) -> Pattern:
    """What the options of `approve` say. Raises `ConfigurationError`."""
    valid_for = None if span is None else parse_duration(span)
    if span is not None and valid_for is None:
        raise ConfigurationError(f"--for: `{span}` is no time span of at most a year; write 30m or 1h")
    try:
        amount = None if spend is None else Decimal(spend)
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount is not None and not amount.is_finite():
        raise ConfigurationError(f"--spend: `{spend}` is no amount; write 500 or 99.50")
    return Pattern(uses, valid_for, where, amount)


def show_list(cases: Sequence[Case], now: int) -> None:
    show_table(_COLUMNS, [_row(case, now) for case in cases], empty="Nothing waits for an answer.")


def show_case(case: Case, now: int) -> None:
    """Everything a person needs to answer."""
    told = facts(case, now)
    width = max(len(name) for name, _ in told)
    for name, value in told:
        style = "bold red" if name == "risk" else _STATES.get(case.approval.state, "bold") if name == "approval" else ""
        console().print(Text.assemble((f"{name:<{width}}  ", "dim"), (value, style)), soft_wrap=True)
    console().print(Text("arguments", style="dim"))
    for line in as_lines(case.question.arguments):
        console().print(Text(f"  {line}"), soft_wrap=True)


def show_figures(found: Sequence[Figures]) -> None:
    rows = [
        (
            one.rule,
            str(one.asked),
            str(one.approved),
            str(one.refused),
            str(one.expired),
            "-" if one.median_seconds is None else f"{one.median_seconds:g} s",
            str(one.quick),
        )
        for one in found
    ]
    columns = ("rule", "asked", "approved", "refused", "expired", "median to decide", "approved within 2 s")
    show_table(columns, rows, empty="Nothing was ever asked.")


async def watch_cases(questions: Questions, clock: Clock, look_every: float, who: str, via: str) -> None:
    """Show what waits, for as long as it is not interrupted: one table that stays, and that `who` sees, or in a pipe a
    line per change."""
    if not sys.stdout.isatty():
        await _follow(questions, clock, look_every)
        return
    with Live(console=console(), auto_refresh=False, screen=False) as live:
        while True:
            cases = await questions.store.cases(only_open=True)
            live.update(_picture(cases, clock.now()), refresh=True)
            for case in cases:
                if all(shown.to != who for shown in case.approval.shown):
                    await _see(questions, case, who, via)
            await asyncio.sleep(look_every)


async def _see(questions: Questions, case: Case, who: str, via: str) -> None:
    with suppress(NotPossible):  # it ended meanwhile
        await questions.show(case.id, who, via)


async def _follow(questions: Questions, clock: Clock, look_every: float) -> None:
    cursor, _ = await questions.store.changes(-1)
    news = [case.id for case in await questions.store.cases(only_open=True)]
    while True:
        for id in news:
            case = await questions.store.get(id)
            if case is not None:
                sys.stdout.write("\t".join(_row(case, clock.now())) + "\n")
        sys.stdout.flush()
        await asyncio.sleep(look_every)
        cursor, changed = await questions.store.changes(cursor)
        news = list(changed)


def _picture(cases: Sequence[Case], now: int) -> Group:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, expand=True)
    for column in _COLUMNS:
        table.add_column(column, overflow="fold")
    for case in cases:
        id, agent, call, risk, asked, stands = _row(case, now)
        arguments = " ".join(line.strip() for line in as_lines(case.question.arguments))
        what = Text.assemble((call, "bold"), "\n", (arguments, "dim"))
        table.add_row(Text(id), Text(agent), what, Text(risk, "red"), Text(asked), Text(stands, "yellow"))
    foot = "ostiary approvals show ID · approve ID · refuse ID" if cases else "Nothing waits for an answer."
    return Group(table, Text(foot, style="dim"))


def _row(case: Case, now: int) -> tuple[str, ...]:
    life, question = case.approval, case.question
    return (
        life.id,
        visible(life.bound.principal),
        visible(f"{life.bound.server}/{life.bound.tool}"),
        " ".join(word for word in (question.severity, question.risk_class) if word) or "-",
        f"{ago(now - life.asked)} ago",
        standing(life, now),
    )
