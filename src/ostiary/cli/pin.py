"""`ostiary pin`: approve the definitions of a server's tools, and look at what has changed since."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from ostiary.cli import options
from ostiary.cli.options import FILE, Format
from ostiary.cli.pin_targets import Target, configured, unconfigured
from ostiary.errors import ConfigurationError, UpstreamError

if TYPE_CHECKING:
    from ostiary.pins.review import Review
    from ostiary.risk import Difference

_FINDINGS: Final = 1
_NOT_REACHED: Final = 3


class Choice(msgspec.Struct, frozen=True):
    """What was said beforehand: `yes` takes all but what is suspicious, `names` are taken whatever was found. With
    `is_open` nothing was, and a person is asked."""

    yes: bool
    names: frozenset[str]
    is_open: bool

    def takes(self, server: str, difference: Difference) -> bool:
        from ostiary.pins.review import suspicions

        is_named = bool({difference.name, f"{server}/{difference.name}"} & self.names)
        return is_named or (self.yes and not suspicions(difference))


class Outcome(msgspec.Struct, frozen=True):
    """What was done about one server: the differences that are approved now, and whether it is pinned at all."""

    review: Review
    taken: tuple[Difference, ...]

    @property
    def names(self) -> Iterator[str]:
        """What its tools, and those that it had, may be called."""
        for one in (*self.review.after, *(self.review.before or ())):
            yield from (one.name, f"{self.review.server}/{one.name}")

    @property
    def left(self) -> tuple[Difference, ...]:
        names = {one.name for one in self.taken}
        return tuple(one for one in self.review.differences if one.name not in names)


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, metavar="[-- COMMAND...]")
@click.option(
    "--server", "-s", multiple=True, metavar="NAME", help="One of the configuration's servers.  [default: all]"
)
@options.config
@click.option("--review", is_flag=True, help="Show what has changed since, and ask about each tool.")
@click.option("--check", is_flag=True, help="Show what has changed since, and change nothing; exit code 1 if it has.")
@click.option("--yes", "-y", is_flag=True, help="Approve what has changed, but no text that addresses the model.")
@click.option("--accept", multiple=True, metavar="TOOL", help="Approve this tool, whatever was found in it.")
@click.option("--lock", type=FILE, metavar="FILE", help="The lock.  [default: the configuration's, or ostiary.lock]")
@click.option(
    "--name",
    metavar="NAME",
    help="What a server without configuration is called.  [default: as `ostiary run` calls it]",
)
@click.option("--upstream", metavar="URL", help="A Streamable HTTP server, instead of a command.")
@click.option("--header", "-H", multiple=True, metavar="LINE", help="A header for that URL, `Name: value`.")
@click.option("--env", "-e", multiple=True, metavar="NAME[=VALUE]", help="A variable for the command.")
@click.option("--tools", type=FILE, metavar="LIST.json", help="A saved tool list, instead of a server.")
@options.timeout
@options.format
@click.pass_context
def pin(
    context: click.Context,
    command: tuple[str, ...],
    server: tuple[str, ...],
    config: Path | None,
    review: bool,
    check: bool,
    yes: bool,
    accept: tuple[str, ...],
    lock: Path | None,
    name: str | None,
    upstream: str | None,
    header: tuple[str, ...],
    env: tuple[str, ...],
    tools: Path | None,
    timeout: float,
    format: Format,
) -> None:
    """Approve the definitions of a server's tools.

    They are kept in `ostiary.lock`. Behind `ostiary serve`, and `ostiary run --lock`, a tool that is defined otherwise
    is held back until somebody has looked at it with --review.
    """
    given = [each for each in (command, upstream, tools) if each]
    if len(given) > 1 or (given and (server or config)):
        raise ConfigurationError(
            "ostiary pin: give servers of a configuration, or one of `-- COMMAND...`, `--upstream URL`, `--tools FILE`"
        )
    if (header and not upstream) or (env and not command) or (name and not given):
        raise ConfigurationError(
            "ostiary pin: --header is for an --upstream, --env for a command, --name for a server without configuration"
        )
    if check and (yes or accept):
        raise ConfigurationError("ostiary pin: --check changes nothing; leave --yes and --accept out")
    if given:
        from ostiary.settings import LOCK_NAME

        path = Path(LOCK_NAME)
        targets = [unconfigured(command, upstream, header, env, tools, name, timeout)]
    else:
        path, targets = configured(config, server, timeout)
    path = lock or path
    is_asked = review and not (yes or accept or check) and sys.stdin.isatty() and format is Format.TABLE
    choice = Choice(yes, frozenset(accept), is_asked)
    is_review = review or yes or check
    outcomes, failed = _pin_all(path, targets, choice, is_review=is_review, is_check=check, format=format)
    _show(outcomes, failed, path, format, is_check=check, is_review=is_review)
    strays = choice.names - {name for outcome in outcomes for name in outcome.names}
    if strays and not failed:
        raise ConfigurationError(f"--accept {min(strays)}: no tool of that name is listed, or was")
    left = any(outcome.left for outcome in outcomes)
    context.exit(_NOT_REACHED if failed else _FINDINGS if left else 0)


def _pin_all(
    path: Path, targets: Sequence[Target], choice: Choice, *, is_review: bool, is_check: bool, format: Format
) -> tuple[list[Outcome], dict[str, str]]:
    """What was done about each server; and why for those that could not be asked."""
    from ostiary.pins.lock import load_lock
    from ostiary.pins.review import review

    outcomes, failed = [], {}
    for target in targets:
        lock = load_lock(path)
        try:
            listing = target.listing()
        except UpstreamError as error:
            failed[target.name] = str(error)
            continue
        found = review(target.name, lock, listing.definitions, listing.notes)
        taken, is_over = _taken(found, choice, is_review=is_review, is_check=is_check, format=format)
        if taken or (found.before is None and not is_review):
            _write(path, found, taken)
        outcomes.append(Outcome(found, taken))
        if is_over:
            break
    return outcomes, failed


def _taken(
    found: Review, choice: Choice, *, is_review: bool, is_check: bool, format: Format
) -> tuple[tuple[Difference, ...], bool]:
    """The differences that are approved, and whether whoever was asked has had enough. A server that is pinned for the
    first time is approved, but for what is suspicious; of one that is pinned, nothing without having been looked
    at."""
    from ostiary.cli import pin_view

    if is_check:
        choice = Choice(yes=False, names=frozenset(), is_open=False)
    elif found.before is None and not is_review:
        choice = msgspec.structs.replace(choice, yes=True)
    is_shown = is_review and format is Format.TABLE
    if is_shown and found.differences:
        pin_view.show_head(found)
    taken: list[Difference] = []
    for difference in found.differences:
        if is_shown:
            pin_view.show_difference(found, difference)
        if choice.is_open:
            answer = pin_view.ask(difference)
            if answer is None:
                return tuple(taken), True
            if answer:
                taken.append(difference)
        elif choice.takes(found.server, difference):
            taken.append(difference)
    return tuple(taken), False


def _write(path: Path, found: Review, taken: Sequence[Difference]) -> None:
    """Put the server's pins into the lock as it is now: somebody may have pinned another while this one was looked
    at."""
    from ostiary.atomic import write_whole
    from ostiary.pins.lock import load_lock, write_lock
    from ostiary.pins.review import accepted

    lock = load_lock(path)
    text = write_lock(lock.put(found.server, accepted(found.before or (), taken).values()))
    target = path.resolve()
    try:
        write_whole(target, text, target.stat().st_mode & 0o777 if target.exists() else 0o644)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror or error}") from None


def _show(
    outcomes: Sequence[Outcome],
    failed: dict[str, str],
    path: Path,
    format: Format,
    *,
    is_check: bool,
    is_review: bool,
) -> None:
    from ostiary.cli import pin_view

    if format is Format.JSON:
        pin_view.show_json(outcomes, failed, path)
        return
    for outcome in outcomes:
        pin_view.show_outcome(
            outcome.review, outcome.taken, outcome.left, _near(path), is_check=is_check, is_review=is_review
        )
    for name, reason in failed.items():
        click.echo(f"ostiary: {name}: not pinned: {reason}", err=True)


def _near(path: Path) -> Path:
    """The path as it is from here, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
