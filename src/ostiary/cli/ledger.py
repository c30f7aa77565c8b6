"""`ostiary ledger`: read the record, search it, prove it."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from ostiary.cli import options
from ostiary.cli.options import FILE, Format
from ostiary.cli.state import SystemClock, state_directory
from ostiary.errors import ConfigurationError, StoreError

if TYPE_CHECKING:
    from ostiary.cli.entries import Entry
    from ostiary.ledger.verify import Anchor, Verdict

_LOOK_EVERY: Final = 0.2
_FOUND: Final = 1

_COUNT: Final = click.IntRange(min=1)
_OUTCOMES: Final = ("returned", "failed", "unknown", "not_sent")


@click.group()
def ledger() -> None:
    """The record of every decision: read it, search it, prove it. FILE is a database or an export; ours by default."""


@ledger.command()
@click.option("-n", "--lines", type=_COUNT, metavar="N", default=20, show_default=True, help="How many lines at most.")
@click.option("-f", "--follow", is_flag=True, help="Go on until interrupted.")
@options.config
@options.state
@options.format
def tail(lines: int, follow: bool, config: Path | None, state: Path | None, format: Format) -> None:
    """The newest entries."""
    from ostiary.cli.entries import Wanted, find

    path = _database(config, state)
    if follow and format is Format.JSON:
        raise ConfigurationError(
            "ostiary ledger tail: -f and --format json do not go together; use `ostiary ledger export`"
        )
    newest, last = find(path, Wanted(), lines)
    _show(newest, format, empty="" if follow else "Nothing is on record yet.")
    while follow:
        time.sleep(_LOOK_EVERY)
        newest, last = find(path, Wanted(), sys.maxsize, after=last)
        _show(newest, format)


@ledger.command()
@click.option("--tool", metavar="NAME", help="The tool's name.")
@click.option("--server", metavar="NAME", help="The server's name.")
@click.option("--principal", metavar="ID", help="Who asked, such as `grant:*`.")
@click.option("--decision", metavar="WORD", help="allow, deny, hide, require_approval.")
@click.option("--outcome", metavar="WORD", type=click.Choice(_OUTCOMES), help="returned, failed, unknown, not_sent.")
@click.option("--kind", metavar="KIND", help="Such as `call.refused` or `policy.*`.")
@click.option("--since", metavar="TIME", help="2h, 7d, or a date and time.")
@click.option("--until", metavar="TIME", help="The same.")
@click.option("--text", metavar="TEXT", help="Words anywhere in the record.")
@click.option("-n", "--lines", type=_COUNT, metavar="N", default=100, show_default=True, help="How many lines at most.")
@options.config
@options.state
@options.format
def search(
    tool: str | None,
    server: str | None,
    principal: str | None,
    decision: str | None,
    outcome: str | None,
    kind: str | None,
    since: str | None,
    until: str | None,
    text: str | None,
    lines: int,
    config: Path | None,
    state: Path | None,
    format: Format,
) -> None:
    """The newest entries that fit.

    All that is asked has to fit; names may hold `*` and `?`.
    """
    from ostiary.cli.entries import Wanted, find

    _require_decision(decision)
    named = {"tool": tool, "server": server, "principal": principal, "decision": decision}
    wanted = Wanted(
        globs={key: glob for key, glob in named.items() if glob is not None},
        outcome=outcome,
        kind=kind,
        since=None if since is None else _instant(since, "--since"),
        until=None if until is None else _instant(until, "--until"),
        text=text,
    )
    found, _ = find(_database(config, state), wanted, lines)
    _show(found, format, empty="Nothing on record fits.")


@ledger.command()
@click.argument("file", type=FILE, required=False)
@click.option("--anchor", type=FILE, metavar="FILE", help="What `ostiary ledger anchor` once printed.")
@options.config
@options.state
@options.format
@click.pass_context
def verify(
    context: click.Context,
    file: Path | None,
    anchor: Path | None,
    config: Path | None,
    state: Path | None,
    format: Format,
) -> None:
    """Is every record as it was written?

    Needs the file alone, offline; with an anchor kept elsewhere it also finds what was taken away from the end.
    """
    from ostiary.cli.lines import show_verdict
    from ostiary.cli.tables import show_json

    path = file or _database(config, state)
    verdict = _verdict(path, anchor)
    if format is Format.JSON:
        show_json(
            {
                "sound": verdict.is_sound,
                "records": verdict.records,
                "findings": verdict.findings,
                "anchor": _anchor(verdict) if verdict.is_sound else None,
            }
        )
    else:
        show_verdict(path, verdict, is_anchored=anchor is not None)
    context.exit(0 if verdict.is_sound else _FOUND)


@ledger.command()
@click.argument("file", type=FILE, required=False)
@options.config
@options.state
@click.pass_context
def anchor(context: click.Context, file: Path | None, config: Path | None, state: Path | None) -> None:
    """Print proof, for later, that nothing was taken away.

    Keep it where nobody who may write the ledger can, and give it to `verify --anchor`.
    """
    from ostiary.cli.lines import show_verdict
    from ostiary.cli.tables import show_json

    path = file or _database(config, state)
    verdict = _verdict(path, None)
    if not verdict.is_sound:
        show_verdict(path, verdict, is_anchored=False)
        context.exit(_FOUND)
    show_json(_anchor(verdict))


@ledger.command()
@click.option("-o", "--output", type=FILE, metavar="FILE", help="A file, instead of standard output.")
@options.config
@options.state
def export(output: Path | None, config: Path | None, state: Path | None) -> None:
    """Every record, as JSON Lines.

    One `{seq, writer, time, kind, body, prev, hash}` per line.
    """
    from ostiary.ledger.chain import line
    from ostiary.ledger.verify import Unreadable
    from ostiary.stores.reading import read_ledger

    path = _database(config, state)
    target = sys.stdout.buffer if output is None else _created(output)
    try:
        for record in read_ledger(path):
            if isinstance(record, Unreadable):
                raise StoreError(f"{path}: {record.place}: {record.message}; `ostiary ledger verify` says more")
            target.write(line(record))
        target.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise StoreError(f"{output or 'standard output'}: cannot be written: {error.strerror}") from None
    finally:
        if output is not None:
            target.close()


def _database(config: Path | None, state: Path | None) -> Path:
    from ostiary.stores.directory import DATABASE_FILE

    path = state_directory(config, state) / DATABASE_FILE
    if not path.exists():
        raise ConfigurationError(f"{path}: there is no ledger here; name the state directory with --state or -c")
    return path


def _require_decision(glob: str | None) -> None:
    """Nothing is found of what nobody decides: a misspelt word is said."""
    from ostiary.model import Effect

    if glob is not None and not any(fnmatchcase(effect, glob) for effect in Effect):
        raise ConfigurationError(
            f"ostiary ledger search: --decision: there is no `{glob}`; there are: {', '.join(Effect)}"
        )


def _verdict(path: Path, anchor: Path | None) -> Verdict:
    from ostiary.ledger.verify import parse_anchor, verify
    from ostiary.stores.reading import read_ledger

    expected = None
    if anchor is not None:
        try:
            expected = parse_anchor(anchor.read_bytes(), str(anchor))
        except OSError as error:
            raise ConfigurationError(f"{anchor}: cannot be read: {error.strerror}") from None
    return verify(read_ledger(path), expected)


def _anchor(verdict: Verdict) -> Anchor:
    from ostiary.ledger.canonical import timestamp
    from ostiary.ledger.verify import ANCHOR_VERSION, Anchor

    return Anchor(ANCHOR_VERSION, timestamp(SystemClock().now()), verdict.records, verdict.heads)


def _show(entries: list[Entry], format: Format, *, empty: str = "") -> None:
    from ostiary.cli.lines import show_entries
    from ostiary.cli.tables import show_json

    if format is Format.JSON:
        show_json(entries)
    elif not entries and empty and sys.stdout.isatty():
        click.echo(empty)
    else:
        show_entries(entries)


def _created(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None


def _instant(text: str, option: str) -> str:
    """The ledger's time for `2h` (ago) or a date and time, local where it does not say."""
    from ostiary.ledger.canonical import timestamp
    from ostiary.policy.window import parse_duration

    ago = parse_duration(text)
    if ago is not None:
        return timestamp(SystemClock().now() - ago)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option}: `{text}` is no time; write 2h, 7d, or 2026-11-20T14:00") from None
    return timestamp(round(at.timestamp() * 10**6) * 1000)
