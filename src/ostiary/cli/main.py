"""The command `ostiary`: what there is, and how every error becomes one line and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import click
import typer

from ostiary import __version__
from ostiary.cli import check, demo, explain, grant, ledger, run, serve
from ostiary.errors import ConfigurationError, OstiaryError, UpstreamError

FINE: Final = 0
USAGE: Final = 2
NO_UPSTREAM: Final = 3
INTERRUPTED: Final = 130

app = typer.Typer(
    name="ostiary",
    help="A doorkeeper between AI agents and their tools: every MCP tool call is judged by policy before it is sent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(
    help="Guard one server: speak stdio with the agent, judge its calls, pass on the permitted ones.",
    context_settings={"allow_interspersed_args": False},
)(run.run)
app.command(help="Guard many servers: an HTTP gateway with a URL per server and a grant per agent.")(serve.serve)
app.command(help="Load a policy and say what is wrong with it.")(check.check)
app.command(help="Say how a call would be decided, by which rules, and why.")(explain.explain)
app.add_typer(grant.app, name="grant", help="Tokens for agents: made, listed, renewed, revoked.")
app.add_typer(ledger.app, name="ledger", help="The record of every decision: read it, search it, verify it.")
app.command(help="See it work: a small real server, a short script, every decision explained.")(demo.demo)


def _version(is_asked: bool) -> None:
    if is_asked:
        print(f"ostiary {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    del version


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 findings, 2 usage or configuration, 3 upstream not started."""
    sys.exit(_outcome())


def _outcome() -> int:
    try:
        code = app(standalone_mode=False)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "ostiary"
        return _say(f"{where}: {error.format_message()} Try `{where} --help`.", USAGE)
    except click.ClickException as error:
        return _say(f"ostiary: {error.format_message()}", USAGE)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except ConfigurationError as error:
        return _say(str(error), USAGE)
    except UpstreamError as error:
        return _say(f"ostiary: {error}", NO_UPSTREAM)
    except OstiaryError as error:
        return _say(f"ostiary: {error}", USAGE)
    return code if isinstance(code, int) else FINE


def _say(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code


def _reader_left() -> int:
    """Whoever read our output has gone (`ostiary ledger tail | head`): nothing is wrong, and nothing more to flush."""
    sys.stdout = sys.stderr
    return FINE
