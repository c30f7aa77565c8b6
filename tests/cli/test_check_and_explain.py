from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ostiary.cli.main import ostiary
from ostiary.errors import ConfigurationError

POLICY = """version: 1
name: shop
tools:
  get: {}
  pay: {require: [{path: args.amount, op: lte, value: 500}], rate_limit: 1/minute}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "p.yaml").write_text(POLICY)
    (tmp_path / "busted.yaml").write_text("version: 1\ndefualt: deny\ntools: {t: {action: dney}}\n")
    (tmp_path / "tools.json").write_text('{"tools": [{"name": "get"}]}')
    return tmp_path


def run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(ostiary, [str(argument) for argument in arguments], input=text)


def test_a_policy_in_order_ends_with_0(place: Path) -> None:
    done = run("check", place / "p.yaml")
    assert done.exit_code == 0
    assert done.stdout == f"{place / 'p.yaml'}: in order: 2 blocks, default deny, mode enforce\n"


def test_warnings_end_with_1(place: Path) -> None:
    done = run("check", place / "p.yaml", "--tools", place / "tools.json")
    assert done.exit_code == 1
    assert "rule `/tools/pay`: `pay` selects none of the 1 tools" in done.stdout


def test_errors_end_with_2_and_are_all_told_on_stderr(place: Path) -> None:
    done = run("check", place / "busted.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"{place / 'busted.yaml'}:2:1: unknown key `defualt`; did you mean `default`?",
        f"{place / 'busted.yaml'}:3:21: rule `/tools/t/action`: unknown action `dney`; did you mean `deny`?",
    ]


def test_for_programs_there_is_one_json_document(place: Path) -> None:
    assert json.loads(run("check", place / "p.yaml", "--format", "json").stdout) == {
        "errors": [],
        "warnings": [],
        "default": "deny",
        "dialect": "ostiary",
    }
    done = run("check", place / "busted.yaml", "--format", "json")
    assert (done.exit_code, done.stderr) == (2, "")
    first, second = json.loads(done.stdout)["errors"]
    assert first == {
        "file": str(place / "busted.yaml"),
        "line": 2,
        "column": 1,
        "message": "unknown key `defualt`",
        "hint": "did you mean `default`?",
    }
    assert second["rule"] == "/tools/t/action"


def test_a_policy_may_come_on_standard_input() -> None:
    assert run("check", "-", text="version: 2\n").stderr == (
        "<stdin>:1:10: rule `/version`: unknown version; write `version: 1`\n"
    )


def test_a_file_that_cannot_be_read_is_one_line(place: Path) -> None:
    done = run("check", place / "none.yaml")
    assert isinstance(done.exception, ConfigurationError)
    assert str(done.exception) == f"{place / 'none.yaml'}: cannot be read: No such file or directory"


def explained(place: Path, calls: Any, *options: str) -> list[dict[str, Any]]:
    done = run("explain", "-p", place / "p.yaml", "-c", "-", "--format", "json", *options, text=json.dumps(calls))
    assert done.exit_code == 0, done.exception
    return list(json.loads(done.stdout))


def test_one_call_or_a_list_is_explained(place: Path) -> None:
    (one,) = explained(place, {"tool": "get"})
    assert one == {
        "decision": "allow",
        "rule": "/tools/get",
        "reason": "",
        "rules": [{"id": "/tools/get", "outcome": "permits", "why": "permits the tool"}],
        "errors": [],
    }


def test_calls_in_a_list_share_their_counters(place: Path) -> None:
    pay = {"tool": "pay", "arguments": {"amount": 1}}
    found = explained(
        place,
        [pay, pay, {**pay, "principal": "grant:b"}, {**pay, "at": "2026-11-20T09:01:00Z"}],
        "--principal",
        "grant:a",
        "--at",
        "2026-11-20T09:00:00Z",
    )
    assert [one["decision"] for one in found] == ["allow", "deny", "allow", "allow"]
    assert found[1]["retryAfterMs"] == 60_000
    assert found[1]["rule"] == "/tools/pay/rate_limit"


def test_errors_of_evaluation_are_told(place: Path) -> None:
    (one,) = explained(place, {"tool": "pay", "arguments": {"amount": "1"}})
    assert one["errors"] == ["/tools/pay/require/0: `args.amount` is a string, not a number"]


def test_for_people_it_reads_as_a_person_would_say_it(place: Path) -> None:
    (place / "calls.json").write_text('[{"tool": "pay", "arguments": {"amount": 501}}, {"tool": "\\u001b[31mzap"}]')
    done = run("explain", "-p", place / "p.yaml", "-c", place / "calls.json")
    assert done.stdout.splitlines() == [
        "✗ pay(amount)",
        "  denied by /tools/pay/require/0",
        "  `args.amount` must be at most 500",
        "    permits   /tools/pay            permits the tool",
        "    denies    /tools/pay/require/0  `args.amount` must be at most 500",
        "",
        "✗ \\u001b[31mzap()",
        "  denied: no rule permits it",
        "  `\\u001b[31mzap` is not permitted by policy",
        "    denies    /default  `\\u001b[31mzap` is not permitted by policy",
        "",
    ]


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        ('{"tol": "x"}', "unknown key `tol`; did you mean `tool`?"),
        ('[{"tool": 5}]', "expected a string, found a number"),
        ('[{"tool": "x", "arguments": []}]', "expected an object of arguments, found a list"),
        ('[{"tool": "x", "at": "soon"}]', "cannot read the time `soon`; write it as 2026-11-20T09:00:00Z"),
        ("[", "expected a value, found the end of the document"),
    ],
)
def test_what_is_no_call_is_refused(place: Path, calls: str, message: str) -> None:
    done = run("explain", "-p", place / "p.yaml", "-c", "-", text=calls)
    assert isinstance(done.exception, ConfigurationError)
    assert message in str(done.exception)


def test_an_unreadable_time_is_refused(place: Path) -> None:
    done = run("explain", "-p", place / "p.yaml", "-c", "-", "--at", "noon", text='{"tool": "x"}')
    assert str(done.exception) == "ostiary explain: cannot read the time `noon`; write it as 2026-11-20T09:00:00Z"


def test_what_the_tools_make_an_error_ends_with_2(place: Path) -> None:
    schema = '{"type": "object", "properties": {"amount": {"type": "string"}}}'
    (place / "tools.json").write_text(f'[{{"name": "get"}}, {{"name": "pay", "inputSchema": {schema}}}]')
    (place / "p.yaml").write_text("version: 1\ntools: {get: {}, pay: {require: [args.amount <= 500]}}\n")
    done = run("check", place / "p.yaml", "--tools", place / "tools.json")
    assert done.exit_code == 2
    assert done.stderr.endswith(
        "p.yaml:2:34: rule `/tools/pay/require/0`: for `pay`: CEL, at `<= 500`: `<=` does not apply to (string, int)\n"
    )
