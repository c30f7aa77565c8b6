"""`ostiary operator`: the people who answer approvals, and their tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ostiary.cli import options
from ostiary.cli.options import Format
from ostiary.cli.state import SystemClock, local_user, state_directory
from ostiary.errors import ConfigurationError

if TYPE_CHECKING:
    from ostiary.model import Operator
    from ostiary.stores.ledger import SqliteLedger
    from ostiary.stores.operators import SqliteOperators

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


@click.group()
def operator() -> None:
    """People who answer approvals: made, listed, revoked. A token is shown once; each change is on record."""


@operator.command()
@click.option("--name", required=True, metavar="NAME", help="Who it is, such as `ann` or `ann@example.com`.")
@click.option("--expires", metavar="SPAN", help="When it ends: 12h, 30d.")
@options.config
@options.state
@options.format
def create(name: str, expires: str | None, config: Path | None, state: Path | None, format: Format) -> None:
    """Make an operator, and the token that shows who it is. It is shown this once."""
    from ostiary.cli.tables import show_fields, show_json
    from ostiary.policy.window import parse_duration

    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"`{name}` is no name for an operator; use letters, digits, `.`, `_`, `@`, `+`, `-`, 64 at most"
        )
    span = None if expires is None else parse_duration(expires)
    if expires is not None and span is None:
        raise ConfigurationError(f"--expires: `{expires}` is no time span of at most a year; write 12h or 30d")
    with _opened(state_directory(config, state)) as (operators, ledger, now):
        issued = operators.create(name, None if span is None else now + span, now)
        ledger.write("operator.created", _told(issued.operator))
    made = issued.operator
    if format is Format.JSON:
        show_json({"id": made.id, "name": made.name, "token": issued.token})
        return
    show_fields([("operator", f"{made.name} ({made.id})"), ("token", issued.token)])
    click.echo("The token is shown this once: put it into OSTIARY_OPERATOR, or send it as a Bearer token.", err=True)


@operator.command("list")
@options.config
@options.state
@options.format
def list_operators(config: Path | None, state: Path | None, format: Format) -> None:
    """Every operator ever made, and whether the token still opens anything."""
    import msgspec

    from ostiary.cli.tables import show_json, show_table

    with _opened(state_directory(config, state), must_exist=True) as (operators, _, now):
        every = [(one, "live" if one.is_live(now) else _ending(one)) for one in operators.all()]
    if format is Format.JSON:
        show_json([{**msgspec.to_builtins(one), "state": word} for one, word in every])
        return
    rows = [(one.id, one.name, word) for one, word in every]
    show_table(("id", "name", "state"), rows, empty="There are no operators.")


@operator.command()
@click.argument("operator")
@options.config
@options.state
@options.format
def revoke(operator: str, config: Path | None, state: Path | None, format: Format) -> None:
    """End an operator's token, at once. OPERATOR is an id or a name."""
    from ostiary.cli.tables import show_json

    with _opened(state_directory(config, state), must_exist=True) as (operators, ledger, now):
        revoked = operators.revoke(operator, now)
        ledger.write("operator.revoked", _told(revoked))
    if format is Format.JSON:
        show_json({"id": revoked.id, "name": revoked.name, "revoked": revoked.revoked})
    else:
        click.echo(f"Operator `{revoked.name}` is revoked.")


@contextmanager
def _opened(directory: Path, *, must_exist: bool = False) -> Iterator[tuple[SqliteOperators, SqliteLedger, int]]:
    """Operators and the ledger in one transaction: a change and its record, both or neither."""
    from ostiary.stores.database import Database
    from ostiary.stores.directory import DATABASE_FILE
    from ostiary.stores.ledger import SqliteLedger, new_writer
    from ostiary.stores.operators import SqliteOperators

    if must_exist and not (directory / DATABASE_FILE).exists():
        raise ConfigurationError(
            f"{directory}: there are no operators here; name the state directory with --state or -c"
        )
    clock = SystemClock()
    database = Database(directory, wait=5, report=lambda _: None)
    try:
        with database.transaction():
            yield SqliteOperators(database), SqliteLedger(database, clock, new_writer()), clock.now()
    finally:
        database.close()


def _told(operator: Operator) -> dict[str, str | int | None]:
    return {
        "operator": operator.id,
        "name": operator.name,
        "expires": operator.expires,
        "principal": local_user(),
    }


def _ending(operator: Operator) -> str:
    return "revoked" if operator.revoked is not None else "expired"
