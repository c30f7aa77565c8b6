"""`ostiary grant`: tokens for agents. A token is shown once; each change is on record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ostiary.cli import options
from ostiary.cli.options import FILE, Format
from ostiary.cli.state import SystemClock, local_user, settings_of, state_directory
from ostiary.errors import ConfigurationError

if TYPE_CHECKING:
    from ostiary.model import Grant
    from ostiary.stores.grants import Issued, SqliteGrants
    from ostiary.stores.ledger import SqliteLedger

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@click.group()
def grant() -> None:
    """Tokens for agents: made, listed, renewed, revoked. GRANT is an id, a name, or SERVER/NAME."""


@grant.command()
@click.option("--server", required=True, metavar="NAME", help="The server it opens, as the configuration names it.")
@click.option("--name", required=True, metavar="NAME", help="Whose it is, such as `ann-laptop` or `ci`.")
@click.option("--policy", type=FILE, metavar="FILE", help="Its own policy; the server's where it has none.")
@click.option("--expires", metavar="SPAN", help="When it ends: 12h, 30d.")
@options.config
@options.state
@options.format
def create(
    server: str,
    name: str,
    policy: Path | None,
    expires: str | None,
    config: Path | None,
    state: Path | None,
    format: Format,
) -> None:
    """Make a grant: the token of one agent for one server. It is shown this once."""
    _require_server(server, config, state)
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"`{name}` is no name for a grant; use letters, digits, `.`, `_`, `@`, `-`, 64 at most"
        )
    path = None if policy is None else _loaded(policy)
    lifetime = None if expires is None else _nanoseconds(expires)
    with _opened(state_directory(config, state), must_exist=False) as (grants, ledger, now):
        end = None if lifetime is None else now + lifetime
        issued = grants.create(server, name, path, end, now)
        ledger.write("grant.created", _told(issued.grant))
    _show_issued(issued, format)


@grant.command("list")
@options.config
@options.state
@options.format
def list_grants(config: Path | None, state: Path | None, format: Format) -> None:
    """Every grant ever made, and whether it still opens anything."""
    import msgspec

    from ostiary.cli.tables import show_json, show_table

    with _opened(state_directory(config, state)) as (grants, _, now):
        every = grants.all()
    if format is Format.JSON:
        show_json([{**msgspec.to_builtins(grant), "state": _state(grant, now)} for grant in every])
        return
    rows = [
        (grant.id, grant.name, grant.server, grant.policy or "the server's", _day(grant.created), _end(grant), state)
        for grant in every
        for state in (_state(grant, now),)
    ]
    show_table(("id", "name", "server", "policy", "created", "expires", "state"), rows, empty="There are no grants.")


@grant.command()
@click.argument("grant")
@options.config
@options.state
@options.format
def rotate(grant: str, config: Path | None, state: Path | None, format: Format) -> None:
    """Give a grant a new token; the old one ends at once."""
    with _opened(state_directory(config, state)) as (grants, ledger, now):
        issued = grants.rotate(grant, now)
        ledger.write("grant.rotated", _told(issued.grant))
    _show_issued(issued, format)


@grant.command()
@click.argument("grant")
@options.config
@options.state
@options.format
def revoke(grant: str, config: Path | None, state: Path | None, format: Format) -> None:
    """End a grant, at once."""
    from ostiary.cli.tables import show_json

    with _opened(state_directory(config, state)) as (grants, ledger, now):
        revoked = grants.revoke(grant, now)
        ledger.write("grant.revoked", _told(revoked))
    if format is Format.JSON:
        show_json({"id": revoked.id, "name": revoked.name, "server": revoked.server, "revoked": revoked.revoked})
    else:
        click.echo(f"Grant `{revoked.name}` for server `{revoked.server}` is revoked.")


@contextmanager
def _opened(directory: Path, *, must_exist: bool = True) -> Iterator[tuple[SqliteGrants, SqliteLedger, int]]:
    """Grants and the ledger in one transaction: a change and its record, both or neither."""
    from ostiary.stores.database import Database
    from ostiary.stores.directory import DATABASE_FILE
    from ostiary.stores.grants import SqliteGrants
    from ostiary.stores.ledger import SqliteLedger, new_writer

    if must_exist and not (directory / DATABASE_FILE).exists():
        raise ConfigurationError(f"{directory}: there are no grants here; name the state directory with --state or -c")
    clock = SystemClock()
    database = Database(directory, wait=5, report=lambda _: None)
    try:
        with database.transaction():
            yield SqliteGrants(database), SqliteLedger(database, clock, new_writer()), clock.now()
    finally:
        database.close()


def _require_server(server: str, config: Path | None, state: Path | None) -> None:
    from ostiary.settings import DEFAULT_FILE, NAME, NAME_HINT, load

    settings = settings_of(config)
    if settings is None and state is None:
        settings = load(DEFAULT_FILE, is_starting=False)
    if settings is not None and server not in settings.servers:
        there = ", ".join(f"`{name}`" for name in settings.servers)
        raise ConfigurationError(f"{settings.file}: there is no server `{server}`; there are: {there}")
    if not NAME.fullmatch(server):
        raise ConfigurationError(f"`{server}` is no name for a server; {NAME_HINT}")


def _loaded(policy: Path) -> str:
    """The absolute path of a policy that loads. Raises `ConfigurationError`."""
    from ostiary.policy import load

    try:
        load(policy.read_bytes(), str(policy))
    except OSError as error:
        raise ConfigurationError(f"{policy}: cannot be read: {error.strerror}; give a policy with --policy") from None
    return str(policy.resolve())


def _nanoseconds(text: str) -> int:
    from ostiary.policy.window import parse_duration

    lifetime = parse_duration(text)
    if lifetime is None:
        raise ConfigurationError(f"--expires: `{text}` is no time span of at most a year; write 12h or 30d")
    return lifetime


def _told(grant: Grant) -> dict[str, str | int | None]:
    from ostiary.ledger.canonical import timestamp

    end = None if grant.expires is None else timestamp(grant.expires)
    return {
        "grant": grant.id,
        "name": grant.name,
        "server": grant.server,
        "policy": grant.policy,
        "expires": end,
        "principal": local_user(),
    }


def _show_issued(issued: Issued, format: Format) -> None:
    from ostiary.cli.tables import show_fields, show_json

    grant = issued.grant
    if format is Format.JSON:
        show_json({"id": grant.id, "name": grant.name, "server": grant.server, "token": issued.token})
        return
    show_fields(
        [
            ("grant", f"{grant.name} ({grant.id})"),
            ("server", grant.server),
            ("policy", grant.policy or "the server's"),
            ("expires", _end(grant)),
            ("token", issued.token),
        ]
    )
    click.echo("The token is shown this once: the agent sends it as `Authorization: Bearer TOKEN`.", err=True)


def _state(grant: Grant, now: int) -> str:
    from ostiary.stores.grants import is_live

    if is_live(grant, now):
        return "live"
    return "revoked" if grant.revoked is not None else "expired"


def _end(grant: Grant) -> str:
    return "never" if grant.expires is None else _day(grant.expires)


def _day(nanoseconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(nanoseconds // 10**9, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
