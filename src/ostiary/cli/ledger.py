"""`ostiary ledger`: read the record, search it, prove it."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from ostiary.cli.grant import Format, Output
from ostiary.cli.state import Config, State, SystemClock, state_directory
from ostiary.errors import ConfigurationError, StoreError

if TYPE_CHECKING:
    from ostiary.cli.entries import Entry
    from ostiary.ledger.verify import Anchor, Verdict

app = typer.Typer(no_args_is_help=True)

_LOOK_EVERY: Final = 0.2
_FOUND: Final = 1

File = Annotated[Path | None, typer.Argument(metavar="FILE", help="A database file or an export. [default: ours]")]
Count = Annotated[int, typer.Option("-n", "--lines", min=1, help="How many lines at most.")]


@app.command(help="The newest entries; -f goes on as they come.")
def tail(
    lines: Count = 20,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until interrupted.")] = False,
    config: Config = None,
    state: State = None,
    format: Output = Format.TABLE,
) -> None:
    from ostiary.cli.entries import Wanted, find

    path = _database(config, state)
    if follow and format is Format.JSON:
        raise ConfigurationError("ledger tail: -f and --format json do not go together; use `ostiary ledger export`")
    newest, last = find(path, Wanted(), lines)
    _show(newest, format)
    while follow:
        time.sleep(_LOOK_EVERY)
        newest, last = find(path, Wanted(), sys.maxsize, after=last)
        _show(newest, format)


@app.command(help="The newest entries that fit everything that is asked; names may hold `*` and `?`.")
def search(
    tool: Annotated[str | None, typer.Option("--tool", help="The tool's name.")] = None,
    server: Annotated[str | None, typer.Option("--server", help="The server's name.")] = None,
    principal: Annotated[str | None, typer.Option("--principal", help="Who asked, such as `grant:*`.")] = None,
    decision: Annotated[str | None, typer.Option("--decision", help="allow, deny, hide, require_approval.")] = None,
    outcome: Annotated[str | None, typer.Option("--outcome", help="returned, failed, unknown, not_sent.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Such as `call.refused` or `policy.*`.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="2h, 7d, or a date and time.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The same.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="Words anywhere in the record.")] = None,
    lines: Count = 100,
    config: Config = None,
    state: State = None,
    format: Output = Format.TABLE,
) -> None:
    from ostiary.cli.entries import Wanted, find

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
    _show(found, format)


@app.command(help="Check every record and chain, offline: the file, and an anchor kept elsewhere, are all it needs.")
def verify(
    file: File = None,
    anchor: Annotated[Path | None, typer.Option("--anchor", help="What `ostiary ledger anchor` once printed.")] = None,
    print_anchor: Annotated[bool, typer.Option("--print-anchor", help="Print the anchor of a sound ledger.")] = False,
    config: Config = None,
    state: State = None,
    format: Output = Format.TABLE,
) -> None:
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
    elif print_anchor and verdict.is_sound:
        show_json(_anchor(verdict))
    else:
        show_verdict(path, verdict, is_anchored=anchor is not None)
    raise typer.Exit(0 if verdict.is_sound else _FOUND)


@app.command(help="Print what proves later that nothing was taken away: publish it, or keep it elsewhere.")
def anchor(file: File = None, config: Config = None, state: State = None) -> None:
    verify(file, print_anchor=True, config=config, state=state)


@app.command(help="Every record as JSON Lines: {seq, writer, time, kind, body, prev, hash}.")
def export(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file, instead of standard output.")] = None,
    config: Config = None,
    state: State = None,
) -> None:
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

    return state_directory(config, state) / DATABASE_FILE


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


def _show(entries: list[Entry], format: Format) -> None:
    from ostiary.cli.lines import show_entries
    from ostiary.cli.tables import show_json

    if format is Format.JSON:
        show_json(entries)
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
    return timestamp(int(at.timestamp()) * 10**9)
