"""What counts as lost, and how it is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.report import differences, document, every_check, listing, summary, table
from tests.conformance.suite import Check, Name, Results, Set, Suite, SuiteUnavailable

PING = Name("ping", "ping")
SCHEMA = Name("ping", "wire-schema-valid")
ECHO = Name("echo", "echo")
OK = Check("SUCCESS", "")
DIRECT = Results({PING: OK, SCHEMA: OK, ECHO: OK})


def test_equal_results_lose_nothing() -> None:
    outcome = {"2025-11-25": {"direct": DIRECT, "gate-http": Results(DIRECT)}}
    assert differences(outcome) == []
    assert listing([]) == "nothing differs"


@pytest.mark.parametrize(
    ("status", "is_lost"),
    [("FAILURE", True), ("WARNING", True), ("SKIPPED", True), (None, True)],
)
def test_what_succeeds_directly_must_succeed_through_the_gate(status: str | None, is_lost: bool) -> None:
    changed = {} if status is None else {SCHEMA: Check(status, "not valid")}
    gate = Results({PING: OK, ECHO: OK} | changed)
    [difference] = differences({"2025-11-25": {"direct": DIRECT, "gate-stdio": gate}})
    assert difference.is_lost is is_lost
    assert (difference.scenario, difference.check, difference.gate) == (
        "ping",
        "wire-schema-valid",
        status or "MISSING",
    )


def test_a_check_that_only_the_gate_passes_is_no_loss() -> None:
    failing = Results(DIRECT | {PING: Check("FAILURE", "no answer")})
    [difference] = differences({"2025-11-25": {"direct": failing, "gate-http": DIRECT}})
    assert not difference.is_lost


def test_a_failure_that_the_suite_did_not_look_for_directly_is_a_loss() -> None:
    gate = Results(DIRECT | {Name("ping", "ping-again"): Check("FAILURE", "no answer")})
    [difference] = differences({"2025-11-25": {"direct": DIRECT, "gate-http": gate}})
    assert difference.is_lost


def test_what_the_suite_only_remarks_is_not_compared() -> None:
    gate = Results(DIRECT | {Name("ping", "incoming-event"): Check("INFO", "")})
    assert differences({"2025-11-25": {"direct": DIRECT, "gate-http": gate}}) == []


def test_the_table_counts_checks_and_scenarios() -> None:
    gate = Results(DIRECT | {SCHEMA: Check("FAILURE", "not valid")})
    outcome = {"2025-11-25": {"direct": DIRECT, "gate-http": gate}}
    assert table(outcome).splitlines() == [
        "set         path       passed  failed  scenarios green",
        "2025-11-25  direct     3       0       2 of 2",
        "2025-11-25  gate-http  2       1       1 of 2",
    ]
    assert summary(outcome) == "3 checks through the gate: 1 lost"
    assert "ping wire-schema-valid  SUCCESS  FAILURE" in every_check(outcome)
    assert "not valid" in listing(differences(outcome))
    assert json.loads(json.dumps(document(outcome)))["differences"][0]["gate"] == "FAILURE"


def test_a_suite_that_is_not_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(SuiteUnavailable, match=r"run \./dev conformance"):
        Suite(tmp_path).check_server(Set("any", "2025-11-25"), "http://localhost:1/mcp", tmp_path / "results")
