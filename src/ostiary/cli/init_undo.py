"""`ostiary init --undo`: exactly the entries that were changed, whatever else has happened to the files since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from ostiary.cli import init_view as view
from ostiary.clients.files import Original
from ostiary.clients.journal import Deed, Journal
from ostiary.clients.plan import Change, take_back
from ostiary.clients.surroundings import Surroundings
from ostiary.errors import ConfigurationError

__all__ = ["take_all_back"]


def take_all_back(
    journal: Journal, here: Surroundings, is_meant: Callable[[str, str], bool], *, dry_run: bool, yes: bool
) -> int:
    """The exit code: 0, or 2 where something could not be undone."""
    meant = [deed for deed in journal.deeds if is_meant(deed.client, deed.name) and _is_in(deed, here)]
    if not meant:
        click.echo("There is nothing to undo.")
        return 0
    changes, errors, gone = list[Change](), list[str](), list[Deed]()
    for file in dict.fromkeys(deed.file for deed in meant):
        deeds = [deed for deed in meant if deed.file == file]
        if not file.exists():
            gone += deeds
            continue
        try:
            changes.append(take_back(Original.read(file), deeds))
        except ConfigurationError as error:
            errors.append(str(error))
    view.show_undo(changes, here)
    for line in errors:
        click.echo(line, err=True)
    code = 2 if errors or any(change.refusals for change in changes) else 0
    gone += [deed for change in changes for deed in change.gone]
    view.show_gone(gone, here)
    if gone and not dry_run:
        journal.keep(tuple(deed for deed in journal.deeds if deed not in gone))
    changes = [change for change in changes if change.deeds]
    if dry_run:
        view.show_diffs(changes)
        return code
    if not changes or not (yes or click.confirm("Undo this?")):
        return code
    return max(code, _write(changes, journal, here))


def _is_in(deed: Deed, here: Surroundings) -> bool:
    return here.project is None or deed.file.is_relative_to(here.project)


def _write(changes: Sequence[Change], journal: Journal, here: Surroundings) -> int:
    code = 0
    undone: list[Deed] = []
    for change in changes:
        try:
            if change.text != change.original.text:
                change.original.write(change.text, None)
        except ConfigurationError as error:
            click.echo(str(error), err=True)
            code = 2
            continue
        undone += change.deeds
        journal.keep(tuple(deed for deed in journal.deeds if deed not in change.deeds))
        _drop_backups(change)
    view.show_undone(undone, here)
    return code


def _drop_backups(change: Change) -> None:
    """A copy of what the file is again is of no use, and it may hold secrets."""
    now = change.original.file.read_bytes()
    for backup in {deed.backup for deed in change.deeds if deed.backup is not None}:
        if _is_copy(backup, now):
            backup.unlink()


def _is_copy(backup: Path, data: bytes) -> bool:
    try:
        return backup.read_bytes() == data
    except OSError:
        return False
