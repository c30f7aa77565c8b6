"""`ostiary init`: Ostiary before the servers of this machine's MCP clients, each with a policy; and back again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ostiary.cli import options
from ostiary.cli.options import FILE
from ostiary.errors import ConfigurationError


@click.command()
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client; again for more.")
@click.option("--server", "servers", multiple=True, metavar="NAME", help="Only servers of this name; again for more.")
@click.option("--project", type=FILE, metavar="DIR", help="The files of this project, and nothing else.")
@click.option("--all", "everything", is_flag=True, help="Also servers that list no tools: every call waits for you.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@click.option("--undo", is_flag=True, help="Take back what `ostiary init` has changed.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@options.timeout
@click.pass_context
def init(
    context: click.Context,
    clients: tuple[str, ...],
    servers: tuple[str, ...],
    project: Path | None,
    everything: bool,
    dry_run: bool,
    undo: bool,
    yes: bool,
    timeout: float,
) -> None:
    """Put Ostiary before the MCP servers of this machine.

    Each server is asked for its tools, gets a policy of its own, and its entry in the client's configuration then
    starts `ostiary run` with what stood there. All else in the files stays byte for byte as it is; a copy is kept
    beside each, and --undo takes back exactly these entries.
    """
    from ostiary.cli.stack import chosen, folder
    from ostiary.clients.journal import Journal
    from ostiary.clients.surroundings import Surroundings
    from ostiary.settings import default_state

    here = Surroundings.here(folder(project))
    selected = chosen(clients)
    if undo and everything:
        raise ConfigurationError("ostiary init: --all is about what is guarded; leave it out with --undo")
    if not (yes or dry_run or (sys.stdin.isatty() and sys.stdout.isatty())):
        raise ConfigurationError(
            "ostiary init: nobody can be asked here; --dry-run shows what it would do, --yes does it"
        )
    journal = Journal(default_state())

    def is_meant(client: str, name: str) -> bool:
        return client in {one.id for one in selected} and (not servers or name in servers)

    if undo:
        from ostiary.cli.init_undo import take_all_back

        context.exit(take_all_back(journal, here, is_meant, dry_run=dry_run, yes=yes))
    from ostiary.cli.init_guard import put_before_all

    context.exit(
        put_before_all(journal, here, is_meant, selected, timeout, everything=everything, dry_run=dry_run, yes=yes)
    )
