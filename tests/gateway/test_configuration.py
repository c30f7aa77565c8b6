"""`ostiary.yaml` as `ostiary serve` reads it, and whether the documentation says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ostiary.settings import Bounds, ServerSettings, parse
from tests.gateway.agent import call, words
from tests.gateway.place import ALLOW, Place

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def test_the_example_is_one() -> None:
    example = re.search(r"```yaml\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert example is not None
    settings = parse(example[1].encode(), "x", Path("/srv"), {"DESK_TOKEN": "d", "PAYMENTS_TOKEN": "p"})
    assert settings.servers["desk"].env == {"DESK_TOKEN": "d"}
    assert settings.servers["payments"].headers == {"Authorization": "Bearer p"}
    assert (settings.host, settings.port, settings.state) == ("127.0.0.1", 8417, Path("/srv/state"))


def test_the_defaults_are_these() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \|[^|]*\| ([^|]*) \|", DOCUMENT.read_text(), re.MULTILINE)
    told = {key: default.strip("` ") for key, default in rows}
    bounds, server = Bounds(), ServerSettings("x")
    for name in bounds.__struct_fields__:
        value = getattr(bounds, name)
        expected = "as long as the answer takes" if value is None else str(round(value))
        assert told[f"limits.{name}"] == expected, name
    assert told["timeout"] == f"{server.timeout:g}"
    assert told["share"] == str(server.share).lower()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("servers: {a: {comand: [x]}}\n", "ostiary.yaml:1:15: unknown key `comand`; did you mean `command`?"),
        ("servers: {a: {command: x}}\n", "ostiary.yaml:1:24: "),
        ("servers: {a: {url: u, url: v}}\n", "ostiary.yaml:1:23: duplicate key `url`"),
        ("servers: {a: {url: 'http://x/', headers: {A: '${OSTIARY_UNSET}'}}}\n", "has no variable `OSTIARY_UNSET`"),
        ("servers: {}\n", "names no server"),
        ("listen: here\nservers: {a: {url: 'http://x/'}}\n", "`here` is no HOST:PORT; for example 127.0.0.1:8417"),
        ("servers: [a]\n", "ostiary.yaml:1:10: "),
        (
            "listen: 127.0.0.1:0\nservers: {a: {url: 'http://x/', policy: gone}}\n",
            "gone: cannot be read: No such file",
        ),
        ("\t", "ostiary.yaml: is empty; a document of keys and values is expected"),
        ("\x00", "ostiary.yaml:1:1: "),
    ],
)
def test_whatever_is_wrong_is_one_line_and_nothing_starts(place: Place, text: str, said: str) -> None:
    (place.path / "ostiary.yaml").write_text(text)
    code, out, told = place.told("serve")
    assert (code, out) == (2, "")
    assert said in told
    assert told.count("\n") <= 2, told


def test_a_file_that_anybody_may_write_says_nothing(place: Place) -> None:
    file = place.configure({"desk": {"command": place.desk}})
    file.chmod(0o666)
    code, _, said = place.told("serve", "-c", str(file))
    assert (code, said) == (
        2,
        f"{file}: anybody may write this file, and it says what is started; chmod o-w it\n",
    )


def test_a_server_without_a_policy_permits_nothing_and_says_so(place: Place) -> None:
    with place.serving({"desk": {"command": place.desk}}) as gateway:
        said = words(gateway.agent().ask(call("read_note")).message)
        assert said.startswith("Policy violation: no policy applies here")
    assert "/mcp/desk -> no policy: every call is denied" in place.said
    assert not place.calls()


def test_an_agents_words_are_never_expanded(place: Place) -> None:
    servers = {"desk": {"command": place.desk, "policy": str(place.policy(ALLOW))}}
    with place.serving(servers) as gateway:
        said = words(gateway.agent().ask(call("read_note", {"a": "${HOME} $PATH"})).message)
    assert said == 'read_note {"a": "${HOME} $PATH"}'
