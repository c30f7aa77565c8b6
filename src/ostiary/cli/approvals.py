"""`ostiary approvals`: the questions that wait for a person, from a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ostiary.cli import options
from ostiary.cli.options import Format
from ostiary.cli.state import SystemClock, local_user, state_directory
from ostiary.errors import ConfigurationError

if TYPE_CHECKING:
    from ostiary.approvals import Case
    from ostiary.asking.questions import Questions

T = TypeVar("T")
FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")

LOOK_EVERY: Final = 0.5
VIA: Final = "cli"

_token = click.option(
    "--token",
    envvar="OSTIARY_OPERATOR",
    metavar="TOKEN",
    help="An operator's token.  [default: $OSTIARY_OPERATOR, else you are the local user]",
)
_note = click.option("--note", default="", metavar="TEXT", help="A word to the agent and the record.")


@click.group()
def approvals() -> None:
    """Calls that wait for a person: what they are, yes or no. APPROVAL is an id such as ap_3f…, or its beginning."""


@approvals.command("list")
@click.option("--all", "-a", "every", is_flag=True, help="Also what was decided or has expired.")
@options.config
@options.state
@options.format
def list_approvals(every: bool, config: Path | None, state: Path | None, format: Format) -> None:
    """What waits for an answer, oldest first."""
    from ostiary.approvals import as_json
    from ostiary.cli.approval_view import show_list
    from ostiary.cli.tables import show_json

    cases = _within(config, state, lambda questions, _: questions.store.cases(only_open=not every))
    now = SystemClock().now()
    if format is Format.JSON:
        show_json([as_json(case, now) for case in cases])
    else:
        show_list(cases, now)


@approvals.command()
@click.argument("approval")
@_token
@options.config
@options.state
@options.format
def show(approval: str, token: str | None, config: Path | None, state: Path | None, format: Format) -> None:
    """One call, every argument in full."""
    case = _within(config, state, lambda questions, who: _shown(questions, approval, who(token)))
    _tell(case, format)


@approvals.command()
@click.argument("approval")
@click.option("--uses", type=click.IntRange(min=1), metavar="N", help="How many calls it is for.")
@click.option("--for", "span", metavar="SPAN", help="How long it is valid: 30m, 1h.")
@click.option("--where", metavar="CEL", help="For every call that this is true of, not for the very arguments alone.")
@click.option("--spend", metavar="AMOUNT", help="The most that all its calls may spend of the rule's budget.")
@_note
@_token
@options.config
@options.state
@options.format
def approve(
    approval: str,
    uses: int | None,
    span: str | None,
    where: str | None,
    spend: str | None,
    note: str,
    token: str | None,
    config: Path | None,
    state: Path | None,
    format: Format,
) -> None:
    """Say yes to a call, or to a pattern of calls.

    Without options it is for exactly this call, as often and as long as its rule says.
    """
    from ostiary.asking.questions import Reply
    from ostiary.cli.approval_view import read_pattern

    pattern = read_pattern(uses, span, where, spend)

    async def answer(questions: Questions, who: Callable[[str | None], str]) -> Case:
        case = await _shown(questions, approval, by := who(token))
        return await questions.answer(case.id, Reply(by, VIA, True, note, pattern))

    _tell(_within(config, state, answer), format)


@approvals.command()
@click.argument("approval")
@_note
@_token
@options.config
@options.state
@options.format
def refuse(
    approval: str, note: str, token: str | None, config: Path | None, state: Path | None, format: Format
) -> None:
    """Say no to a call."""
    from ostiary.asking.questions import Reply

    async def answer(questions: Questions, who: Callable[[str | None], str]) -> Case:
        case = await _found(questions, approval)
        return await questions.answer(case.id, Reply(who(token), VIA, False, note))

    _tell(_within(config, state, answer), format)


@approvals.command()
@click.argument("approval")
@_note
@_token
@options.config
@options.state
@options.format
def revoke(
    approval: str, note: str, token: str | None, config: Path | None, state: Path | None, format: Format
) -> None:
    """Take back what was granted, or a question."""

    async def take_back(questions: Questions, who: Callable[[str | None], str]) -> Case:
        case = await _found(questions, approval)
        return await questions.revoke(case.id, who(token), VIA, note)

    _tell(_within(config, state, take_back), format)


@approvals.command()
@options.config
@options.state
@options.format
def figures(config: Path | None, state: Path | None, format: Format) -> None:
    """Per rule: asked, approved, and how long people take.

    And how often they cannot have looked.
    """
    from ostiary.approvals import figures as of
    from ostiary.cli.approval_view import show_figures
    from ostiary.cli.tables import show_json

    cases = _within(config, state, lambda questions, _: questions.store.cases())
    found = of(case.approval for case in cases)
    if format is Format.JSON:
        show_json(found)
    else:
        show_figures(found)


@approvals.command()
@_token
@options.config
@options.state
def watch(token: str | None, config: Path | None, state: Path | None) -> None:
    """The questions as they come and go, until interrupted.

    In a terminal with all their arguments: they count as seen by you.
    """
    from ostiary.cli.approval_view import watch_cases

    async def follow(questions: Questions, who: Callable[[str | None], str]) -> None:
        await watch_cases(questions, SystemClock(), LOOK_EVERY, who(token), VIA)

    _within(config, state, follow)


async def _found(questions: Questions, reference: str) -> Case:
    """The case with this id, or the only one whose id begins so. Raises `ConfigurationError`."""
    case = await questions.store.get(reference)
    if case is not None:
        return case
    cases = [case for case in await questions.store.cases() if case.id.startswith(reference)]
    if len(cases) != 1 or not reference:
        what = "there is no approval" if not cases else "several approvals begin with"
        raise ConfigurationError(f"{what} `{reference}`; `ostiary approvals list --all` shows what there is")
    return cases[0]


async def _shown(questions: Questions, reference: str, who: str) -> Case:
    return await questions.show((await _found(questions, reference)).id, who, VIA)


def _within(
    config: Path | None, state: Path | None, work: Callable[[Questions, Callable[[str | None], str]], Awaitable[T]]
) -> T:
    """What `work` gives, on the approvals of the state directory and with whatever says who is at the keyboard."""
    from ostiary.asking.questions import Questions
    from ostiary.stores.approvals import SqliteApprovals
    from ostiary.stores.counters import SqliteCounters
    from ostiary.stores.database import Database
    from ostiary.stores.directory import DATABASE_FILE
    from ostiary.stores.ledger import SqliteLedger, new_writer
    from ostiary.stores.operators import SqliteOperators

    directory = state_directory(config, state)
    if not (directory / DATABASE_FILE).exists():
        raise ConfigurationError(f"{directory}: nothing was asked here; name the state directory with --state or -c")
    clock = SystemClock()
    database = Database(directory, wait=5, report=lambda _: None)

    def who(token: str | None) -> str:
        if not token:
            return local_user()
        operator = SqliteOperators(database).authenticate(token, clock.now())
        if operator is None:
            raise ConfigurationError(
                "this operator's token is unknown, expired or revoked; make one with `ostiary operator create`"
            )
        return operator.principal

    async def run() -> T:
        ledger = SqliteLedger(database, clock, new_writer())
        return await work(Questions(SqliteApprovals(database), ledger, SqliteCounters(database), clock), who)

    try:
        return asyncio.run(run())
    finally:
        database.close()


def _tell(case: Case, format: Format) -> None:
    from ostiary.approvals import as_json
    from ostiary.cli.approval_view import show_case
    from ostiary.cli.tables import show_json

    now = SystemClock().now()
    if format is Format.JSON:
        show_json(as_json(case, now))
    else:
        show_case(case, now)
