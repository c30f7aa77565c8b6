"""`ostiary stack`: the servers that this machine's MCP clients have, what they can do, and who guards them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ostiary.cli import options
from ostiary.cli.options import FILE, Format
from ostiary.errors import ConfigurationError

if TYPE_CHECKING:
    from ostiary.clients.client import Client
    from ostiary.clients.entry import Entry
    from ostiary.clients.report import Row
    from ostiary.clients.surroundings import Surroundings


@click.command()
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client; again for more.")
@click.option("--server", "servers", multiple=True, metavar="NAME", help="Only servers of this name; again for more.")
@click.option("--project", type=FILE, metavar="DIR", help="A project whose own files are trusted: its servers too.")
@click.option("--no-start", "--offline", is_flag=True, help="Start and reach nothing: only say what is configured.")
@options.timeout
@options.format
@click.pass_context
def stack(
    context: click.Context,
    clients: tuple[str, ...],
    servers: tuple[str, ...],
    project: Path | None,
    no_start: bool,
    timeout: float,
    format: Format,
) -> None:
    """Report on the MCP servers of this machine.

    Reads the configurations of the MCP clients here, starts each server with exactly the variables that its entry
    gives it, asks for its lists, and calls nothing. Servers that the current folder brings along are shown, but only
    started if --project names it: whoever wrote that folder chose them.
    """
    from ostiary.clients.find import Found, find
    from ostiary.clients.report import report
    from ostiary.clients.surroundings import Surroundings

    here = Surroundings.here(folder(project) or Path.cwd())
    found = list(find(here, chosen(clients)))
    entries = selected([one for each in found if isinstance(each, Found) for one in each.entries], servers)
    rows = _ask(entries, here, timeout, starts=not no_start, trusts=project is not None)
    reported = report(rows)
    unread = [each for each in found if not isinstance(each, Found)]
    if format is Format.JSON:
        from ostiary.cli.stack_report import as_json
        from ostiary.cli.tables import show_json

        show_json(as_json(reported, unread))
    else:
        from ostiary.cli.stack_table import show

        show(reported, unread, here)
    context.exit(0 if not unread and all(one.is_clean for one in reported) else 1)


def chosen(names: Sequence[str]) -> Sequence[Client]:
    """The clients of these ids, or all. Raises `ConfigurationError` for one that is unknown."""
    from ostiary.clients.known import CLIENTS

    known = {client.id: client for client in CLIENTS}
    for name in names:
        if name not in known:
            raise ConfigurationError(f"--client {name}: unknown; known are {', '.join(known)}")
    return [known[name] for name in names] if names else CLIENTS


def selected(entries: Sequence[Entry], names: Sequence[str]) -> Sequence[Entry]:
    """The entries of these names, or all. Raises `ConfigurationError` for a name that none has."""
    known = sorted({entry.name for entry in entries})
    for name in names:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there is none at all"
            raise ConfigurationError(f"--server {name}: no client has a server of that name; {there}")
    return [entry for entry in entries if entry.name in names] if names else entries


def folder(project: Path | None) -> Path | None:
    """A project's folder, absolute. Raises `ConfigurationError` where there is none."""
    if project is not None and not project.is_dir():
        raise ConfigurationError(f"--project {project}: no such directory")
    return project.absolute() if project is not None else None


def _ask(entries: Sequence[Entry], here: Surroundings, timeout: float, *, starts: bool, trusts: bool) -> list[Row]:
    from ostiary.clients.client import Scope
    from ostiary.clients.report import Row

    asked = [
        one for one in entries if starts and not one.is_off and not one.obstacle and (trusts or one.scope is Scope.USER)
    ]
    from ostiary.cli.survey import ask_all

    answers = ask_all(asked, here, timeout, lambda line: click.echo(f"ostiary stack: {line}", err=True))
    by_entry = {id(one): answers[place] for place, one in enumerate(asked)}
    rows = []
    for entry in entries:
        answer = by_entry.get(id(entry))
        if answer is None:
            rows.append(Row(entry, is_unasked=True, policy_error=_policy_error(entry)))
        else:
            definitions = answer.listing.definitions if answer.listing else None
            rows.append(Row(entry, definitions, answer.error, policy_error=_policy_error(entry)))
    return rows


def _policy_error(entry: Entry) -> str:
    """Why the policy of a server that is guarded already cannot be used."""
    from ostiary.clients.policies import usable

    if entry.guard is None:
        return ""
    if entry.policy is None:
        return "no policy is named"
    try:
        return "" if usable(entry.policy.expanduser()) else f"{entry.policy}: there is no such policy"
    except ConfigurationError as error:
        return str(error).splitlines()[0]
