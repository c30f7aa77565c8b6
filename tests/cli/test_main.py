"""The command line itself: words, help, mistakes, and exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ostiary import __version__
from ostiary.cli.main import ostiary
from tests.gateway.conftest import place
from tests.gateway.place import ALLOW, Place, end

__all__ = ["place"]

COMMANDS = [
    (*path, name)
    for path, group in [((), ostiary), *(((name,), one) for name, one in ostiary.commands.items())]
    if isinstance(group, click.Group)
    for name in group.commands
]


def test_version(place: Place) -> None:
    assert place.told("--version") == (0, f"ostiary {__version__}\n", "")


@pytest.mark.parametrize("words", [(), *COMMANDS])
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(ostiary, [*words, "--help"])
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: ostiary {' '.join(words)}".rstrip())
    assert len(done.output.splitlines()) > 4
    assert not re.search(r"\bNone\b", done.output)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("rnu", "ostiary: No such command 'rnu'. Did you mean 'run'? Try `ostiary --help`."),
        ("ledger tial", "ostiary ledger: No such command 'tial'. Did you mean 'tail'? Try `ostiary ledger --help`."),
        (
            "run --polici x",
            "ostiary run: No such option '--polici'. Did you mean '--policy'? Try `ostiary run --help`.",
        ),
        ("serve extra", "ostiary serve: Got unexpected extra argument (extra). Try `ostiary serve --help`."),
        ("run", "ostiary run: no policy; say which one with --policy FILE"),
        ("run -p p.yaml", "ostiary run: give one server: `-- COMMAND...` or `--upstream URL`"),
        ("run -p p.yaml --upstream u -- c", "ostiary run: give one server: `-- COMMAND...` or `--upstream URL`"),
        (
            "run -p p.yaml -H A:b -- c",
            "ostiary run: --header and --transport are for an --upstream, --env is for a command",
        ),
        (
            "run -p p.yaml --transport sse -- c",
            "ostiary run: --header and --transport are for an --upstream, --env is for a command",
        ),
        ("run -p p.yaml --hold soon -- c", "ostiary run: --hold: `soon` is no time span of at most a year; write 20s"),
        (
            "run -p p.yaml --failure ( -- c",
            "ostiary run: --failure: the pattern does not compile: missing ): (; patterns",
        ),
        (
            "run -p p.yaml -e A=b --upstream http://u",
            "ostiary run: --header and --transport are for an --upstream, --env is for a command",
        ),
        (
            "run -p p.yaml -e OSTIARY_UNSET -- c",
            "--env OSTIARY_UNSET: the environment has no such variable; give --env",
        ),
        ("run -p p.yaml --name a/b -- c", "ostiary run: `a/b` is no name for a server; use letters"),
        ("run -p p.yaml --upstream ftp://u", "upstream URL `ftp://u`: write http://HOST/PATH or https://HOST/PATH"),
        ("run -p p.yaml -H broken --upstream http://u", "--header: write `Name: value`, in printable ASCII"),
        ("run -p p.yaml --upstream-env NOPE", "--upstream-env: the environment has no variable `NOPE`; set it before"),
        ("run -p p.yaml --header-env X=NOPE --upstream http://u", "--header-env X: the environment has no variable"),
        ("run -p p.yaml --bearer-env NOPE -- c", "ostiary run: --header and --transport are for an --upstream"),
        ("init", "ostiary init: nobody can be asked here; --dry-run shows what it would do, --yes does it"),
        ("init --client x --yes", "--client x: unknown; known are claude-desktop, claude-code, cursor, vscode"),
        ("stack --project absent", "--project absent: no such directory"),
        ("run -p absent.yaml -- c", "absent.yaml: cannot be read: No such file or directory"),
        ("serve", "ostiary.yaml: cannot be read: No such file or directory; give the configuration with -c FILE"),
        ("serve -c p.yaml", "p.yaml:1:1: unknown key `version`"),
        ("grant create --server a --name b", "ostiary.yaml: cannot be read"),
        ("grant list --state absent", "absent: there are no grants here; name the state directory with --state or -c"),
        ("ledger verify absent.db", "absent.db: cannot be read: No such file or directory"),
        ("check absent.yaml", "absent.yaml: cannot be read: No such file or directory"),
    ],
)
def test_mistakes_are_one_clear_line(place: Place, arguments: str, said: str) -> None:
    place.policy(ALLOW, "p.yaml")
    code, out, told = place.told(*arguments.split(), env={"HOME": str(place.path), "PATH": "/usr/bin:/bin"})
    assert (code, out) == (2, "")
    assert said in told.splitlines()[0]


def test_a_command_that_is_not_there_ends_with_3(place: Place) -> None:
    policy = str(place.policy(ALLOW))
    for program, why in (
        ("no-such-program", "command `no-such-program` not found on PATH; install it or give its full path"),
        (policy, f"command `{policy}` cannot be started: Permission denied"),
        ("/no/such/program", "command `/no/such/program` cannot be started: No such file or directory"),
    ):
        code, out, said = place.told("run", "-p", policy, "--state", str(place.state), "--", program, "--x")
        assert (code, out, said) == (3, "", f"ostiary: {why}\n")


def test_a_command_that_dies_at_once_has_its_own_status_and_words(place: Place) -> None:
    script = "echo ImportError: no redis >&2; exit 4"
    policy = str(place.policy(ALLOW))
    code, out, said = place.told("run", "-p", policy, "--state", str(place.state), "--", "sh", "-c", script)
    assert (code, out) == (4, "")
    assert said == "ImportError: no redis\nostiary: `sh` ended with status 4\n"


def test_a_reader_that_leaves_is_no_error(place: Place) -> None:
    with place.running() as agent:
        agent.greet()
    process = place.start("ledger", "export", "--state", str(place.state))
    assert process.stdout is not None
    process.stdout.close()
    status = process.wait(timeout=120)
    end(process)
    assert status == 0
    assert place.logs[-1].read_text() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", ["schema", "--help", "ledger tail --state state", "ledger verify --state state"])
def test_a_full_disk_is_no_bug(place: Place, words: str) -> None:
    assert place.told("operator", "create", "--name", "ann", "--state", "state")[0] == 0
    with Path("/dev/full").open("wb") as full:
        process = place.start(*words.split(), stdout=full)
        status = process.wait(timeout=120)
    end(process)
    why = "standard output: cannot be written: No space left on device"
    assert (status, place.logs[-1].read_text()) == (2, f"ostiary: {why}\n")
