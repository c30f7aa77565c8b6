from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Event
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from ostiary.cli.main import ostiary
from ostiary.errors import ConfigurationError

POLICY = """version: 1
hide: [drop]
tools:
  get: {}
  pay:
    require: [{path: args.amount, op: lte, value: 500, on_deny: At most 500}]
    rate_limit: 2/minute
  ask: {action: require_approval}
  spare: {}
"""
LIMIT = "/tools/pay/require/0"
CASES = """policy: p.yaml
cases:
  - {call: {tool: get}, expect: allow, rule: /tools/get}
  - {name: hidden, call: {tool: drop}, expect: hide}
  - {call: {tool: ask}, expect: require_approval}
  - name: too much, then too often
    steps:
      - {call: {tool: pay, arguments: {amount: 501}}, expect: deny, reason: At most 500}
      - {call: {tool: pay, arguments: {amount: 500}}, expect: allow}
      - {after: 10s, call: {tool: pay, arguments: {amount: 1}}, expect: allow}
      - {call: {tool: pay, arguments: {amount: 1}}, expect: deny, rule: /tools/pay/rate_limit, retry_after: 50s}
      - {call: {tool: pay, arguments: {amount: 1}, principal: {id: ann, roles: [x]}, client: {name: c}}, expect: allow}
      - {after: 50s, call: {tool: pay, arguments: {amount: 1}}, expect: allow}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "p.yaml").write_text(POLICY)
    (tmp_path / "t.yaml").write_text(CASES)
    return tmp_path


def run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(ostiary, ["test", *map(str, arguments)], input=text)


def test_cases_that_hold(place: Path) -> None:
    done = run(place / "t.yaml")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        f"{place / 't.yaml'}: 4 cases, 0 failed; 6 of 7 rules exercised",
        "  never reached: /tools/spare",
    ]


def test_a_case_that_fails_says_where_and_what_was_decided(place: Path) -> None:
    (place / "t.yaml").write_text(
        "- {call: {tool: get}, expect: deny}\n"
        "- {name: mine, steps: [{call: {tool: get}, expect: allow}, {call: {tool: pay}, expect: deny, rule: /x}]}\n"
    )
    done = run(place / "t.yaml", "--policy", place / "p.yaml")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[:4] == [
        "✗ case 1: get",
        f"  {place / 't.yaml'}:1: expected decision deny, found allow (allow by `/tools/get`)",
        "✗ mine, step 2",
        f"  {place / 't.yaml'}:2: expected rule /x, found {LIMIT} (deny by `{LIMIT}`: At most 500)",
    ]


def test_for_programs_and_for_build_servers(place: Path) -> None:
    (place / "t.yaml").write_text("policy: p.yaml\ncases: [{name: 'a\\x01', call: {tool: get}, expect: hide}]\n")
    done = run(place / "t.yaml", "--format", "json", "--junit", place / "out.xml")
    assert done.exit_code == 1
    (told,) = json.loads(done.stdout)
    assert told["cases"][0]["passed"] is False
    assert told["cases"][0]["message"].startswith("expected decision hide, found allow")
    assert "/tools/spare" in told["neverReached"]
    suites = ET.parse(place / "out.xml").getroot()
    assert (suites.attrib["tests"], suites.attrib["failures"]) == ("1", "1")
    failure = suites.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.attrib["message"].startswith("expected decision hide")


def test_limits_in_shadow_mode_are_counted(place: Path) -> None:
    (place / "p.yaml").write_text("version: 1\ntools:\n  get:\n    - {}\n    - {mode: shadow, rate_limit: 1/minute}\n")
    (place / "t.yaml").write_text(
        "policy: p.yaml\ncases:\n  - steps:\n"
        "      - {call: {tool: get}, expect: allow}\n"
        "      - {call: {tool: get}, expect: allow, would: deny}\n"
        "      - {after: 1m, call: {tool: get}, expect: allow}\n"
    )
    assert run(place / "t.yaml").exit_code == 0, run(place / "t.yaml").output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "t.yaml:1:1: holds no cases"),
        ("- {call: {tool: get}}", "t.yaml:1:3: `expect` is missing"),
        ("- {expect: allow}", "t.yaml:1:3: `call` is missing"),
        ("- {call: {tool: get}, expect: alow}", "unknown decision `alow`; did you mean `allow`?"),
        ("- {call: {tol: get}, expect: allow}", "unknown key `tol`; did you mean `tool`?"),
        ("- {call: {tool: get, at: tomorrow}, expect: allow}", "cannot read the time `tomorrow`"),
        ("- {call: {tool: get}, at: true, expect: allow}", "cannot read the time `True`"),
        ("- {steps: []}", "is an empty list; a case needs a step"),
        ("- {steps: 5}", "expected a list of steps, found a number"),
        ("- 5", "expected a case, found a number"),
        ("- {steps: [5]}", "expected a step, found a number"),
        ("- {call: {tool: get}, after: 1m, at: '2026-01-01', expect: deny}", "`after` beside `at`; remove one"),
        (
            "- steps: [{at: 2, call: {tool: a}, expect: deny}, {at: 1, call: {tool: a}, expect: deny}]",
            "is made before the step before it; time only goes on within a case",
        ),
        ("- {call: {tool: get, principal: {roles: [a]}}, expect: deny}", "`id` is missing"),
        ("cases: []\npolicy: 5", "expected a string, found a number"),
        ("a: 1", "unknown key `a`"),
        ("\x00", "is not allowed in YAML"),
    ],
)
def test_a_file_that_is_no_test_is_refused_in_one_line_each(place: Path, text: str, message: str) -> None:
    (place / "t.yaml").write_text(text)
    error = run(place / "t.yaml", "--policy", place / "p.yaml").exception
    assert isinstance(error, ConfigurationError)
    assert message in str(error)
    assert all(str(problem).startswith(str(place / "t.yaml")) for problem in error.problems)


def test_a_file_has_to_say_of_which_policy_it_is(place: Path) -> None:
    (place / "t.yaml").write_text("- {call: {tool: get}, expect: allow}\n")
    error = run(place / "t.yaml").exception
    assert str(error) == f"{place / 't.yaml'}: names no policy; write `policy: FILE` in it, or give --policy"


def test_watching_runs_again_when_a_file_changes(place: Path) -> None:
    words = [sys.executable, "-m", "ostiary", "test", "--watch", str(place / "t.yaml")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            assert "0 failed" in process.stdout.readline()
            Event().wait(0.05)
            (place / "p.yaml").write_text("version: 1\ntols: {}\n")
            assert any("unknown key `tols`" in process.stdout.readline() for _ in range(4))
            Event().wait(0.05)
            (place / "p.yaml").write_text("version: 1\n")
            assert any("4 failed" in process.stdout.readline() for _ in range(20))
        finally:
            process.terminate()
