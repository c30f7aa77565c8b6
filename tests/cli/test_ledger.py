"""`ostiary ledger`, as typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ostiary.cli.ledger import ledger
from ostiary.errors import ConfigurationError
from ostiary.model import JSON, JSONObject
from ostiary.stores.database import Database
from ostiary.stores.ledger import SqliteLedger

START = 1_795_176_000 * 10**9
SECOND = 10**9


class TickingClock:
    """A second passes with each look."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> int:
        self._now += SECOND
        return self._now


def judged(call: str, tool: str, decision: str, **more: JSON) -> JSONObject:
    return {
        "call": call,
        "server": "desk",
        "tool": tool,
        "principal": "grant:a",
        "decision": decision,
        "rule": f"/{tool}",
        **more,
    }


RECORDS: list[tuple[str, JSONObject]] = [
    ("gateway.started", {"version": "0.1.0"}),
    ("call.intent", judged("c1", "find", "allow")),
    ("call.refused", judged("c2", "delete", "deny", reason="never by agents", retry_after_ms=1500)),
    ("call.intent", judged("c3", "report\x1b[2J\u2028", "allow", would="deny")),
    ("call.outcome", {"call": "c1", "outcome": "returned", "ms": 7}),
    ("call.outcome", {"call": "c3", "outcome": "unknown", "ms": 9, "reason": "connection lost"}),
]


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A ledger in ./state of a directory where the commands are typed."""
    monkeypatch.chdir(tmp_path)
    database = Database(tmp_path / "state")
    with database.transaction():
        writer = SqliteLedger(database, TickingClock(), "w1")
        for kind, body in RECORDS:
            writer.write(kind, body)
    yield database
    database.close()


def typed(*words: str) -> Result:
    return CliRunner().invoke(ledger, words, catch_exceptions=True)


def lines(*words: str) -> list[str]:
    result = typed(*words, "--state", "state")
    assert result.exception is None, result.exception
    return result.stdout.splitlines()


def document(*words: str) -> Any:
    return json.loads(typed(*words, "--state", "state", "--format", "json").stdout)


def test_tail_tells_a_call_and_its_outcome_on_one_line() -> None:
    told = [" ".join(line.split()[2:]) for line in lines("tail")]
    assert told == [
        "gateway.started version 0.1.0",
        "grant:a desk/find allow returned 7 ms /find",
        "grant:a desk/delete deny retry after 2 s /delete never by agents",
        "grant:a desk/report\\u001b[2J\\u2028 allow unknown 9 ms /report\\u001b[2J\\u2028 would deny; connection lost",
    ]
    assert len(lines("tail", "-n", "2")) == 2


@pytest.mark.parametrize(
    ("filters", "calls"),
    [
        (("--tool", "f*"), ["c1"]),
        (("--decision", "deny"), ["c2"]),
        (("--server", "desk", "--principal", "grant:*"), ["c1", "c2", "c3"]),
        (("--outcome", "unknown"), ["c3"]),
        (("--kind", "call.refused"), ["c2"]),
        (("--text", "NEVER BY"), ["c2"]),
        (("--text", "connection lost"), ["c3"]),
        (("--since", "2026-11-20T12:00:04+00:00", "--until", "2026-11-20T12:00:04.5+00:00"), ["c2"]),
        (("--tool", "f*", "--decision", "deny"), []),
    ],
)
def test_search_finds_what_fits_everything(filters: tuple[str, ...], calls: list[str]) -> None:
    assert [entry["body"]["call"] for entry in document("search", *filters)] == calls


def test_an_export_verifies_like_the_ledger_and_a_changed_one_does_not(tmp_path: Path) -> None:
    assert lines("export", "-o", "export.jsonl") == []
    export = tmp_path / "export.jsonl"
    assert export.read_text().splitlines() == lines("export")
    assert set(json.loads(export.read_text().splitlines()[0])) == {
        "seq",
        "writer",
        "time",
        "kind",
        "body",
        "prev",
        "hash",
    }
    (tmp_path / "anchor.json").write_text("\n".join(lines("anchor")))
    for file in ("export.jsonl", "state/ostiary.db"):
        result = typed("verify", file, "--anchor", "anchor.json")
        assert result.exit_code == 0
        assert "sound" in result.stdout
    export.write_text(export.read_text().replace("never", "maybe"))
    result = typed("verify", "export.jsonl")
    assert result.exit_code == 1
    assert "record 4 of w1 is not what was written" in result.stdout
    unsound = typed("anchor", "export.jsonl")
    assert unsound.exit_code == 1
    assert "heads" not in unsound.stdout


def test_verify_as_a_document() -> None:
    told = document("verify")
    assert (told["sound"], told["records"], told["findings"]) == (True, 7, [])
    assert told["anchor"]["heads"]["w1"]["seq"] == 7


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tail", "--state", "nowhere"), "there is no ledger here"),
        (("verify", "nothing.jsonl"), "nothing.jsonl: cannot be read"),
        (("verify", "--state", "state", "--anchor", "none.json"), "none.json: cannot be read"),
        (("search", "--since", "yesterday", "--state", "state"), "--since: `yesterday` is no time"),
        (("tail", "-f", "--format", "json", "--state", "state"), "do not go together"),
        (("export", "-o", "/nowhere/x", "--state", "state"), "/nowhere/x: cannot be written"),
    ],
)
def test_bad_input_is_one_clear_line(words: tuple[str, ...], said: str) -> None:
    result = typed(*words)
    assert isinstance(result.exception, ConfigurationError), result.exception
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)
