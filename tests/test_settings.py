"""`ostiary.yaml`: what is understood, and what is said of the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ostiary.errors import ConfigurationError
from ostiary.settings import Bounds, environment, headers_of, load, name_of, parse, secret_headers

HERE = Path("/srv/ostiary")


def complaints(text: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse(text.encode(), "ostiary.yaml", HERE, environ or {})
    return str(caught.value)


def test_everything_that_can_be_said() -> None:
    settings = parse(
        b"""
listen: 0.0.0.0:9000
state: ./var
hosts: [gate.example]
origins: ["https://app.example"]
limits: {body: 1000, sessions: 3, sessions_per_principal: 2, idle: 60}
servers:
  desk:
    command: [python, -m, desk]
    env: {TOKEN: "${SECRET}", PLAIN: "$HOME"}
    cwd: sub
    share: true
    policy: policies/desk.yaml
  pay:
    url: https://pay.example/mcp
    headers: {Authorization: "Bearer ${SECRET}"}
    timeout: 30
""",
        "ostiary.yaml",
        HERE,
        {"SECRET": "s3cret"},
    )

    assert (settings.host, settings.port, settings.state) == ("0.0.0.0", 9000, HERE / "var")
    assert settings.hosts == ("gate.example",)
    assert settings.bounds == Bounds(1000, 3, 2, 60)
    assert not settings.is_loopback
    desk, pay = settings.servers["desk"], settings.servers["pay"]
    assert desk.command == ("python", "-m", "desk")
    assert desk.env == {"TOKEN": "s3cret", "PLAIN": "$HOME"}
    assert (desk.cwd, desk.share, desk.policy) == (HERE / "sub", True, HERE / "policies/desk.yaml")
    assert (pay.url, pay.timeout, pay.headers) == ("https://pay.example/mcp", 30, {"Authorization": "Bearer s3cret"})


def test_patterns_of_failures_are_compiled_and_never_filled_in() -> None:
    text = "servers: {{a: {{url: 'http://127.0.0.1:1/mcp', failures: ['{}']}}}}"

    assert parse(text.format("^no${X}").encode(), "ostiary.yaml", HERE, {}).servers["a"].failures == ("^no${X}",)
    assert "ostiary.yaml:1:57: the pattern does not compile: missing )" in complaints(text.format("("))
    assert "an empty pattern is in every text" in complaints(text.format(""))


@pytest.mark.parametrize("patterns", ["['']", "[5]", "['(']", "5"])
def test_what_is_wrong_with_a_pattern_is_said_once(patterns: str) -> None:
    text = f"servers: {{a: {{url: 'http://127.0.0.1:1/mcp', failures: {patterns}}}}}"

    assert len(complaints(text).splitlines()) == 1


def test_little_is_needed() -> None:
    settings = parse(b"servers: {a: {url: 'http://127.0.0.1:1/mcp'}}", "ostiary.yaml", HERE, {})

    assert (settings.host, settings.port, settings.state) == ("127.0.0.1", 8417, HERE / "state")
    assert settings.is_loopback
    assert settings.servers["a"].policy is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("listen: 1", "`servers` is missing"),
        ("servers: {}", "ostiary.yaml:1:10: names no server"),
        ("severs: {}", "unknown key `severs`; did you mean `servers`?"),
        ("servers: {a: {}}", "server `a` needs either `command` or `url`"),
        ("servers: {a: {command: [x], url: 'http://h'}}", "server `a` needs either `command` or `url`"),
        ("servers: {a: {command: x}}", "expected a list: the program, then its arguments, found a string"),
        ("servers: {a: {command: []}}", "is empty"),
        ("servers: {a: {command: [x], headers: {}}}", "`headers` means nothing for a server with a `command`"),
        ("servers: {a: {url: 'http://h', env: {}}}", "`env` means nothing for a server with a `url`"),
        ("servers: {a: {url: 'ftp://h'}}", "is no http:// or https:// address"),
        ("servers: {a: {url: 'http://u:p@h'}}", "is no http:// or https:// address without credentials"),
        ("servers: {a/b: {url: 'http://h'}}", "`a/b` is no name for a server"),
        ("servers: {a: {url: 'http://h', headers: {X: '${NOPE}'}}}", "the environment has no variable `NOPE`"),
        ("servers: {a: {url: 'http://h', headers: {'X:': v}}}", "header `X:` has a name or value"),
        ("listen: nowhere\nservers: {a: {url: 'http://h'}}", "`nowhere` is no HOST:PORT"),
        ("listen: h:99999\nservers: {a: {url: 'http://h'}}", "`h:99999` is no HOST:PORT"),
        (
            "state: valkey://h\nservers: {a: {url: 'http://h'}}",
            "`valkey://h` is an address; state is kept in a directory; for example ./state",
        ),
        ("limits: {body: 0}\nservers: {a: {url: 'http://h'}}", "must be at least 1"),
    ],
)
def test_each_mistake_is_named(text: str, said: str) -> None:
    assert said in complaints(text)


def test_all_mistakes_are_named_at_once_and_in_order() -> None:
    lines = complaints("listen: x\nstate: a://b\nservers: {a: {}}").split("\n")

    assert [line.split(":")[1] for line in lines] == ["1", "2", "3"]


def test_only_a_gateway_that_starts_needs_its_servers_variables() -> None:
    text = b"servers: {a: {url: 'http://h', headers: {X: '${NOPE}'}}}"

    settings = parse(text, "ostiary.yaml", HERE, {}, is_starting=False)

    assert settings.servers["a"].headers == {"X": "${NOPE}"}
    with pytest.raises(ConfigurationError, match="no variable `NOPE`"):
        parse(b"state: ${NOPE}\n" + text, "ostiary.yaml", HERE, {}, is_starting=False)


def test_a_file_that_is_not_there_or_that_anybody_may_write(tmp_path: Path) -> None:
    path = tmp_path / "ostiary.yaml"
    with pytest.raises(ConfigurationError, match=r"cannot be read: No such file or directory; give the configuration"):
        load(path)
    path.write_text("servers: {a: {url: 'http://h'}}")
    path.chmod(0o666)
    with pytest.raises(ConfigurationError, match="anybody may write this file"):
        load(path)
    path.chmod(0o644)
    assert load(path).state == tmp_path / "state"


def test_what_run_calls_its_server() -> None:
    assert name_of(["/usr/bin/mcp-server-git", "-v"], None) == "mcp-server-git"
    assert name_of((), "https://mcp.example.com/mcp") == "mcp.example.com"
    assert name_of(["/"], None) == "server"


def test_environment_and_headers_of_a_command_line() -> None:
    assert environment(["A=1=2", "B"], {"B": "b", "C": "c"}) == {"A": "1=2", "B": "b"}
    assert headers_of(["X-Key: a: b "]) == {"X-Key": "a: b"}
    with pytest.raises(ConfigurationError, match="no such variable"):
        environment(["NOPE"], {})
    for line in ("nothing", "X: a\nb", "X y: z"):
        with pytest.raises(ConfigurationError, match="write `Name: value`") as caught:
            headers_of([line])
        assert line not in str(caught.value)


def test_headers_from_variables() -> None:
    environ = {"KEY": "k", "TOKEN": " t "}
    assert secret_headers(["X-Key=KEY"], "TOKEN", environ) == {"X-Key": "k", "Authorization": "Bearer t"}


@pytest.mark.parametrize(
    ("named", "bearer", "said"),
    [
        (["X-Key"], None, "--header-env: write HEADER=NAME, with the name of a variable, not its value"),
        (["X Key=KEY"], None, "--header-env: write HEADER=NAME"),
        (["X-Key=Bearer secret"], None, "--header-env X-Key: what it gives is no name of a variable"),
        (["X-Key=NOPE"], None, "--header-env X-Key: the environment has no variable `NOPE`; set it before the start"),
        ([], "NOPE", "--bearer-env: the environment has no variable `NOPE`"),
        (["X-Key=ODD"], None, "header `X-Key`: its variable holds what HTTP does not allow in a header"),
    ],
)
def test_a_header_that_cannot_be_had_is_said_and_never_shown(named: list[str], bearer: str | None, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)) as refused:
        secret_headers(named, bearer, {"ODD": "sec\x00ret"})
    assert "Bearer secret" not in str(refused.value)
