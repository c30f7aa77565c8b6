"""`ostiary test`: does a policy decide what its test cases say?"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ostiary.cli import options
from ostiary.cli.options import FILE, Format
from ostiary.errors import ConfigurationError

if TYPE_CHECKING:
    from ostiary.cli.trials import Report

_FAILED: Final = 1
_LOOK_EVERY: Final = 0.3


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--policy", "-p", metavar="FILE", help="The policy to test, instead of the one the file names.")
@click.option("--tools", type=FILE, metavar="LIST.json", help="The server's tool list, instead of the file's.")
@click.option("--junit", type=FILE, metavar="FILE.xml", help="Write the results for a build server as well.")
@click.option("--watch", "-w", is_flag=True, help="Run again whenever one of the files changes, until interrupted.")
@options.format
@click.pass_context
def test(
    context: click.Context,
    files: tuple[str, ...],
    policy: str | None,
    tools: Path | None,
    junit: Path | None,
    watch: bool,
    format: Format,
) -> None:
    """Run policy test files.

    Their cases, `{call: {tool, arguments}, expect: allow}`, have a clock and counters of their own.
    """
    if not watch:
        context.exit(_run(files, policy, tools, junit, format)[0])
    if "-" in files:
        raise ConfigurationError("ostiary test: standard input cannot be watched; name a file")
    while True:
        read = _run_patiently(files, policy, tools, junit, format)
        before = _stamps(read)
        while _stamps(read) == before:
            time.sleep(_LOOK_EVERY)
        click.echo()


def _run_patiently(
    files: Sequence[str], policy: str | None, tools: Path | None, junit: Path | None, format: Format
) -> set[Path]:
    """Run, and say rather than raise what is wrong with a file: it is being edited. Returns what to watch."""
    given = {Path(one) for one in (*files, policy, tools) if one is not None}
    try:
        return given | _run(files, policy, tools, junit, format)[1]
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        return given | _named_in(files)


def _named_in(files: Sequence[str]) -> set[Path]:
    """The policies and tool lists that test files name, as far as the files can be read."""
    from ostiary.cli.check import text_of
    from ostiary.policy.cases import read_case_file

    named: set[Path] = set()
    for file in files:
        try:
            found = read_case_file(*text_of(file))
        except ConfigurationError:
            continue
        named |= {Path(file).parent / name for name in (found.policy, found.tools) if name}
    return named


def _run(
    files: Sequence[str], policy: str | None, tools: Path | None, junit: Path | None, format: Format
) -> tuple[int, set[Path]]:
    """The exit code, and the files that were read."""
    from ostiary.cli.trials import junit as as_junit
    from ostiary.cli.trials import run_file

    reports = [run_file(file, policy, tools) for file in files]
    if junit is not None:
        try:
            junit.write_bytes(as_junit(reports))
        except OSError as error:
            raise ConfigurationError(f"{junit}: cannot be written: {error.strerror or error}") from None
    if format is Format.JSON:
        _show_json(reports)
    else:
        for report in reports:
            _show(report)
    failed = any(report.failed for report in reports)
    return (_FAILED if failed else 0), {path for report in reports for path in report.read}


def _stamps(paths: set[Path]) -> list[tuple[Path, int, int]]:
    found = []
    for path in sorted(paths):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((path, status.st_mtime_ns, status.st_size))
    return found


def _show(report: Report) -> None:
    from rich.text import Text

    from ostiary.cli.tables import console, visible

    out = console()
    for result in report.failed:
        if result.failure is not None:
            step = f", step {result.failure.step}" if result.steps > 1 else ""
            place = f"{report.file}:{result.failure.line}"
            out.print(Text.assemble(("✗ ", "bold red"), (visible(result.name), "bold"), step), soft_wrap=True)
            out.print(Text(f"  {place}: {visible(result.failure.message)}"), soft_wrap=True)
    total, failed = len(report.results), len(report.failed)
    told = f"{report.file}: {total} {'case' if total == 1 else 'cases'}, {failed} failed"
    reached = len(report.rules) - len(report.unreached)
    out.print(f"{told}; {reached} of {len(report.rules)} rules exercised", style="red" if failed else "green")
    for rule in report.unreached:
        out.print(Text(f"  never reached: {visible(rule)}", style="yellow"), soft_wrap=True)
    for rule in report.unrefused:
        out.print(Text(f"  never refused a call: {visible(rule)}", style="yellow"), soft_wrap=True)
    sys.stdout.flush()


def _show_json(reports: Sequence[Report]) -> None:
    from ostiary.cli.tables import show_json

    show_json(
        [
            {
                "file": report.file,
                "policy": report.policy,
                "cases": [
                    {
                        "name": result.name,
                        "line": result.line,
                        "passed": result.failure is None,
                        **({"step": result.failure.step, "message": result.failure.message} if result.failure else {}),
                    }
                    for result in report.results
                ],
                "rules": list(report.rules),
                "neverReached": list(report.unreached),
                "neverRefused": list(report.unrefused),
            }
            for report in reports
        ]
    )
