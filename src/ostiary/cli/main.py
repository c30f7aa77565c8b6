"""The command `ostiary`: what there is, and how every error becomes one line and an exit code."""

from __future__ import annotations

import errno
import sys
from typing import Final

import click

from ostiary import __version__
from ostiary.cli.approvals import approvals
from ostiary.cli.catalog import catalog
from ostiary.cli.check import check
from ostiary.cli.demo import demo
from ostiary.cli.explain import explain
from ostiary.cli.grant import grant
from ostiary.cli.init import init
from ostiary.cli.ledger import ledger
from ostiary.cli.operator import operator
from ostiary.cli.pin import pin
from ostiary.cli.policy import policy
from ostiary.cli.run import run
from ostiary.cli.scan import scan
from ostiary.cli.schema import schema
from ostiary.cli.serve import serve
from ostiary.cli.stack import stack
from ostiary.cli.test import test
from ostiary.errors import ConfigurationError, OstiaryError, UpstreamError

FINE: Final = 0
USAGE: Final = 2
NO_UPSTREAM: Final = 3
BUG: Final = 70
INTERRUPTED: Final = 130


class _InOrder(click.Group):
    """Lists its commands in the order in which they were added: first what one needs first."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ostiary", message="%(prog)s %(version)s")
def ostiary() -> None:
    """A doorkeeper between AI agents and their tools.

    Every MCP tool call is judged by policy before it is sent. `ostiary COMMAND --help` says more.

    Exit codes: 0 fine, 1 something was found, 2 usage or configuration, 3 a server cannot be started or reached, 70 a
    bug in Ostiary, 130 interrupted.
    """


for command in (
    scan,
    stack,
    init,
    catalog,
    pin,
    run,
    serve,
    check,
    test,
    explain,
    policy,
    schema,
    grant,
    approvals,
    operator,
    ledger,
    demo,
):
    ostiary.add_command(command)


def main() -> None:
    """Run the command line; the help of `ostiary` has the exit codes."""
    sys.exit(_outcome())


def _outcome() -> int:
    try:
        code = ostiary.main(prog_name="ostiary", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        return _say(error.format_message(), USAGE)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "ostiary"
        what = error.format_message()
        stop = "" if what.endswith((".", "?", "!")) else "."
        return _say(f"{where}: {what}{stop} Try `{where} --help`.", USAGE)
    except click.ClickException as error:
        return _say(f"ostiary: {error.format_message()}", USAGE)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the latter is how click takes the former
        return _reader_left()
    except ConfigurationError as error:
        return _say(str(error), USAGE)
    except UpstreamError as error:
        return _say(f"ostiary: {error}", NO_UPSTREAM)
    except OstiaryError as error:
        return _say(f"ostiary: {error}", USAGE)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _abandon_output()
            return _say(f"ostiary: {error.filename or 'standard output'}: cannot be written: {error.strerror}", USAGE)
        return _say(f"ostiary: this is a bug, please report it: {_whereabouts(error)}", BUG)
    return code if isinstance(code, int) else FINE


def _whereabouts(error: Exception) -> str:
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({frame.filename}:{frame.lineno})"


def _say(line: str, code: int) -> int:
    click.echo(line, err=True)
    return code


def _reader_left() -> int:
    """Whoever read our output has gone (`ostiary ledger tail | head`): nothing is wrong, and nothing more to flush."""
    _abandon_output()
    return FINE


def _abandon_output() -> None:
    """What is still in the buffer goes nowhere, and Python need not say so when it ends."""
    sys.stdout = sys.stderr
