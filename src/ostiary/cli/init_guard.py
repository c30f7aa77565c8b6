"""`ostiary init`, step by step: find, ask, plan, show, and only then write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import msgspec

from ostiary.cli import init_view as view
from ostiary.cli.survey import Answer, ask_all
from ostiary.clients.client import Client, Scope
from ostiary.clients.entry import Entry
from ostiary.clients.find import Found, find
from ostiary.clients.journal import Deed, Journal
from ostiary.clients.plan import Change, Refusal, put_before
from ostiary.clients.policies import cautious, place_of, server_name, usable, write
from ostiary.clients.program import program
from ostiary.clients.rewrite import Guard
from ostiary.clients.surroundings import Surroundings
from ostiary.errors import ConfigurationError
from ostiary.risk import Assessment, assess
from ostiary.settings import default_state

__all__ = ["put_before_all"]

_TRIAL: Final = Guard(("ostiary",), "server", Path("policy.yaml"))


class Planned(msgspec.Struct, frozen=True):
    """One server that is to be guarded; `policy` is None where there is a file already, which is kept."""

    entry: Entry
    guard: Guard
    policy: str | None
    found: Assessment | None


def put_before_all(
    journal: Journal,
    here: Surroundings,
    is_meant: Callable[[str, str], bool],
    clients: Iterable[Client],
    seconds: float,
    *,
    everything: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """The exit code: 0, or 2 where a file could not be used."""
    files, unread = [], []
    for each in find(here, clients):
        if isinstance(each, Found):
            files.append(each)
        else:
            unread.append(each.error)
    files = [each for each in files if (each.place.scope is Scope.PROJECT) == (here.project is not None)]
    candidates, refusals = _candidates(files, is_meant, everything=everything)
    answers = ask_all(candidates, here, seconds, lambda line: click.echo(f"ostiary init: {line}", err=True))
    planned, more = _planned([(one, answers[place]) for place, one in enumerate(candidates)], journal, here, everything)
    changes = [_change(each, planned) for each in files]
    refusals += more + [refusal for change in changes for refusal in change.refusals]
    changes = [change for change in changes if change.deeds]
    view.show_plan(files, planned, changes, refusals, here)
    for line in unread:
        click.echo(line, err=True)
    code = 2 if unread else 0
    if not changes:
        view.say_nothing_to_do(files, is_meant)
        return code
    if dry_run:
        view.show_diffs(changes)
        return code
    if not (yes or click.confirm(view.question(changes))):
        click.echo("Nothing was changed.")
        return code
    written = _write(changes, planned, journal)
    view.show_done(written, here)
    return code if len(written) == len(changes) else 2


def _candidates(
    files: Sequence[Found], is_meant: Callable[[str, str], bool], *, everything: bool
) -> tuple[list[Entry], list[Refusal]]:
    """The servers that may be started and could be guarded; why others are left alone. Guarded ones are neither."""
    candidates, refusals = list[Entry](), list[Refusal]()
    for each in files:
        for entry in each.entries:
            if entry.guard is not None or not is_meant(entry.client.id, entry.name):
                continue
            refused = put_before(each.original, [(entry, _TRIAL)]).refusals
            if not refused and entry.is_off and not everything:
                refused = (Refusal(entry.file, entry.name, "switched off; --all takes it too"),)
            refusals += refused
            if not refused:
                candidates.append(entry)
    return candidates, refusals


def _planned(
    asked: Sequence[tuple[Entry, Answer]], journal: Journal, here: Surroundings, everything: bool
) -> tuple[list[Planned], list[Refusal]]:
    planned, refusals = list[Planned](), list[Refusal]()
    mine = {(entry.file, entry.path) for entry, _ in asked}
    taken = {deed.policy for deed in journal.deeds if (deed.file, deed.path) not in mine}
    policies = here.config / "ostiary" / "policies"
    state = None if default_state() == here.home / ".local" / "state" / "ostiary" else default_state()
    for entry, answer in asked:
        name = server_name(entry)
        found = assess(name, answer.listing.definitions) if answer.listing else None
        if found is None and (not everything or "log-in" in answer.error):
            refusals.append(Refusal(entry.file, entry.name, answer.error))
            continue
        place = place_of(entry, policies, taken)
        try:
            is_there = usable(place)
        except ConfigurationError as error:
            refusals.append(Refusal(entry.file, entry.name, f"its policy is there already and does not load: {error}"))
            continue
        taken.add(place)
        text = found.policy if found is not None else cautious(entry, answer.error)
        planned.append(Planned(entry, Guard(program(), name, place, state), None if is_there else text, found))
    return planned, refusals


def _change(each: Found, planned: Sequence[Planned]) -> Change:
    mine = {id(entry) for entry in each.entries}
    return put_before(each.original, [(one.entry, one.guard) for one in planned if id(one.entry) in mine])


def _write(changes: Sequence[Change], planned: Sequence[Planned], journal: Journal) -> list[Change]:
    """Policies first, then what is needed to undo, then the file: whatever fails, nothing is left half done."""
    policies = {one.guard.policy: one for one in planned}
    now = datetime.now(UTC)
    done = []
    for change in changes:
        file = change.original.file
        backup = file.with_name(f"{file.name}.ostiary-backup-{now:%Y%m%dT%H%M%SZ}")
        deeds = tuple(_dated(deed, backup, now) for deed in change.deeds)
        before = journal.deeds
        try:
            for deed in deeds:
                one = policies[deed.policy]
                if one.policy is not None:
                    write(deed.policy, one.entry, one.policy)
            journal.keep((*(one for one in before if not _is_again(one, deeds)), *deeds))
            try:
                change.original.write(change.text, backup)
            except ConfigurationError:
                journal.keep(before)
                raise
        except ConfigurationError as error:
            click.echo(str(error), err=True)
            continue
        done.append(msgspec.structs.replace(change, deeds=deeds))
    return done


def _is_again(old: Deed, deeds: Sequence[Deed]) -> bool:
    """Whether somebody undid it by hand, since it is done again now."""
    return any((old.file, old.path) == (one.file, one.path) for one in deeds)


def _dated(deed: Deed, backup: Path, now: datetime) -> Deed:
    return msgspec.structs.replace(deed, backup=backup, time=f"{now:%Y-%m-%dT%H:%M:%SZ}")
