"""`ostiary check`: is this policy in order?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ostiary.cli import options
from ostiary.cli.options import FILE, Format
from ostiary.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from rich.console import Console

    from ostiary.model import JSON, Tool
    from ostiary.policy import Policy

_FINDINGS: Final = 1
_ERRORS: Final = 2
_FORMS: Final = {"intercept": ", in Intercept's form", "policylayer": ", in PolicyLayer's form"}


@click.command()
@click.argument("file")
@click.option("--tools", type=FILE, metavar="LIST.json", help="The server's tool list, to check against.")
@click.option("--lock", type=FILE, metavar="FILE", help="The pinned tools of the server, to check against.")
@click.option("--server", metavar="NAME", help="Whose pins, where the lock has several servers.")
@options.format
@click.pass_context
def check(
    context: click.Context, file: str, tools: Path | None, lock: Path | None, server: str | None, format: Format
) -> None:
    """Load a policy and say what is wrong with it.

    FILE may be `-` for standard input.
    """
    if tools is not None and lock is not None:
        raise ConfigurationError("ostiary check: --tools or --lock, not both")
    if server is not None and lock is None:
        raise ConfigurationError("ostiary check: --server says whose pins of a --lock; give one")
    from ostiary.policy import check as warnings_of
    from ostiary.policy import load, type_errors

    listed = tools_in(tools) if tools is not None else pinned_in(lock, server) if lock is not None else None
    text, name = text_of(file)
    try:
        policy = load(text, name)
        errors = type_errors(policy, listed) if listed else []
        if errors:
            raise ConfigurationError(*errors)
    except ConfigurationError as error:
        _show_errors(error, text, format)
        context.exit(_ERRORS)
    warnings = warnings_of(policy, listed)
    if format is Format.JSON:
        _show_json([], warnings, policy.default.value, policy.dialect)
    else:
        _show(policy, warnings, listed)
    context.exit(_FINDINGS if warnings else 0)


def text_of(file: str) -> tuple[bytes, str]:
    """What a file or standard input holds, and its name in messages. Raises `ConfigurationError`."""
    if file == "-":
        return sys.stdin.buffer.read(), "<stdin>"
    try:
        return Path(file).read_bytes(), file
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror or error}") from None


def tools_in(path: Path) -> tuple[Tool, ...]:
    """The tool list in a file, each tool with the class and severity that its definition speaks for. Raises
    `ConfigurationError`."""
    import msgspec

    from ostiary.policy.toollist import read_tools
    from ostiary.risk import classify_all

    tools = read_tools(*text_of(str(path)))
    risks = classify_all(tools)
    return tuple(
        msgspec.structs.replace(tool, risk_class=risk.risk_class.value, severity=risk.severity.value)
        for tool, risk in zip(tools, risks, strict=True)
    )


def pinned_in(path: Path, server: str | None) -> tuple[Tool, ...]:
    """A server's pinned tools. Raises `ConfigurationError` where it is not clear whose."""
    from ostiary.pins.lock import load_lock
    from ostiary.pins.pinned import tools_of

    if not path.exists():
        raise ConfigurationError(f"{path}: there is no lock here; make it with `ostiary pin`")
    servers = load_lock(path).servers
    names = ", ".join(f"`{name}`" for name in servers) or "none"
    if server is None and len(servers) != 1:
        raise ConfigurationError(f"{path}: say with --server NAME whose pins; there are: {names}")
    name = next(iter(servers)) if server is None else server
    if name not in servers:
        raise ConfigurationError(f"{path}: there are no pins of `{name}`; there are: {names}")
    return tuple(tools_of(servers[name].values(), name).values())


def _show_errors(error: ConfigurationError, text: bytes, format: Format) -> None:
    problems = [one if isinstance(one, Problem) else Problem("", 0, 0, one) for one in error.problems]
    if format is Format.JSON:
        _show_json(problems, [], None, None)
    elif not sys.stderr.isatty():
        print(error, file=sys.stderr)
    else:
        from rich.console import Console

        console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        lines = text.decode("utf-8", "replace").splitlines()
        for problem in problems:
            _show_problem(console, problem, lines, "bold red")
        count = f"{len(problems)} errors" if len(problems) > 1 else "1 error"
        console.print(f"{count}. The policy cannot be used.", style="bold red")


def _show_problem(console: Console, problem: Problem, lines: Sequence[str], style: str) -> None:
    """A problem as a person reads it: what is wrong, the line it is about, and what to do."""
    from rich.text import Text

    from ostiary.cli.tables import visible

    rule = f"  ({problem.rule})" if problem.rule else ""
    console.print(Text.assemble((visible(problem.message), style), (visible(rule), "dim")))
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    console.print(Text.assemble(("  at ", "dim"), visible(place)))
    if 0 < problem.line <= len(lines):
        line = lines[problem.line - 1]
        number = f"{problem.line:>5}"
        console.print(Text.assemble((f"{number} │ ", "dim"), visible(line.expandtabs(1))), soft_wrap=True)
        console.print(Text.assemble((" " * len(number) + " │ ", "dim"), " " * (problem.column - 1), ("^", style)))
    if problem.hint:
        console.print(Text.assemble(("  → ", "cyan"), visible(problem.hint)))
    console.print()


def _show(policy: Policy, warnings: Sequence[Problem], tools: Sequence[Tool] | None) -> None:
    from ostiary.cli.tables import console

    out = console()
    if out.is_terminal:
        lines = Path(policy.file).read_text("utf-8").splitlines() if Path(policy.file).is_file() else []
        for warning in warnings:
            _show_problem(out, warning, lines, "yellow")
    else:
        for warning in warnings:
            print(warning)
    count = len(policy.tools.blocks)
    blocks = "1 block" if count == 1 else f"{count} blocks"
    against = "" if tools is None else f", checked against {len(tools)} tools"
    found = "in order" if not warnings else f"usable, with {len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
    form = _FORMS.get(policy.dialect, "")
    told = f"{policy.file}: {found}: {blocks}, default {policy.default.value}, mode {policy.mode}{form}{against}"
    out.print(told, style="green" if not warnings else "yellow")


def _show_json(
    errors: Sequence[Problem], warnings: Sequence[Problem], default: str | None, dialect: str | None
) -> None:
    from ostiary.cli.tables import show_json

    show_json(
        {
            "errors": [_plain(problem) for problem in errors],
            "warnings": [_plain(problem) for problem in warnings],
            "default": default,
            "dialect": dialect,
        }
    )


def _plain(problem: Problem) -> dict[str, JSON]:
    told: dict[str, JSON] = {"file": problem.file, "line": problem.line, "column": problem.column}
    if problem.rule is not None:
        told["rule"] = problem.rule
    told["message"] = problem.message
    if problem.hint is not None:
        told["hint"] = problem.hint
    return told
