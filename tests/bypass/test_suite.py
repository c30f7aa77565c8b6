"""The suite in its quick form against Ostiary, and against a gateway that it has to see through."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bypass import naive, ostiary
from tests.bypass.ground import Verdict
from tests.bypass.message import Era
from tests.bypass.report import details, table
from tests.bypass.stands import HttpStand, StdioStand
from tests.bypass.suite import Finding, Wanted, entries, run
from tests.bypass.upstream import Reached
from tests.real.places import ROOT

CORPORA = ROOT.parent / "shared/data/corpora"


def bypass(*arguments: str) -> subprocess.CompletedProcess[str]:
    words = (sys.executable, "-m", "tests.bypass", *arguments)
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, timeout=300)


@pytest.mark.parametrize("era", Era)
def test_nothing_gets_past_ostiary_over_http(tmp_path: Path, era: Era) -> None:
    reached, findings = asyncio.run(_over_http(tmp_path, era))
    _hold(findings)
    assert 0 < len(_calls(reached)) <= _intents(tmp_path), "every call that reached the upstream is on record"


@pytest.mark.parametrize("era", Era)
def test_nothing_gets_past_ostiary_over_stdio(tmp_path: Path, era: Era) -> None:
    _hold(asyncio.run(_tried(ostiary.stdio(tmp_path), era)))


def _hold(findings: list[Finding]) -> None:
    assert [one for one in findings if one.verdict in (Verdict.LEAKS, Verdict.CRASHED)] == [], details(findings)
    assert len(findings) > 20


async def _over_http(directory: Path, era: Era) -> tuple[list[Reached], list[Finding]]:
    stand = await ostiary.http(directory)
    findings = await _tried(stand, era)
    return list(stand.upstream.since(0)), findings


async def _tried(stand: HttpStand | StdioStand, era: Era) -> list[Finding]:
    try:
        return [one async for one in run({stand.transport: stand}, Wanted(corpora=CORPORA, eras=(era,)))]
    finally:
        await stand.close()


def _calls(reached: list[Reached]) -> list[Any]:
    """Those of agents: the gateway's own question for an unknown tool is none."""
    bodies = [json.loads(one.body) for one in reached if one.body]
    calls = [body for body in bodies if body.get("method") == "tools/call"]
    return [call for call in calls if not str(call["id"]).startswith("ostiary-")]


def _intents(directory: Path) -> int:
    words = (*ostiary.COMMAND, "ledger", "export", "--state", str(directory / "state"))
    exported = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return sum(json.loads(line)["kind"] == "call.intent" for line in exported.splitlines())


def test_a_naive_gateway_is_seen_through() -> None:
    command = shlex.join((sys.executable, "-I", naive.__file__))
    done = bypass(
        "--stdio", f"{command} {{upstream}}", "--quick", "--era", "legacy", "--only", "1", "--only", "3", "--json"
    )
    assert done.returncode == 1, done.stderr
    said = [leak for one in json.loads(done.stdout)["findings"] for leak in one["leaks"]]
    for trick in ("name twice before", "params twice before", "NUL", "batch, allowed and denied", "method case"):
        assert any(trick in leak for leak in said), trick


def test_a_gateway_without_the_policy_is_no_finding() -> None:
    done = bypass("--stdio", "{upstream}", "--quick", "--era", "legacy", "--only", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "a plain call of `denied` gets through" in done.stderr


@pytest.mark.parametrize("arguments", [("--url", "http://127.0.0.1:9/mcp"), ("--transport", "http", "--stdio", "x")])
def test_nothing_to_test_is_said_in_one_line(arguments: tuple[str, ...]) -> None:
    done = bypass(*arguments, "--start", "false")
    assert done.returncode == 2
    assert done.stderr.startswith("bypass: ")
    assert done.stderr.count("\n") == 1


def test_the_table_has_a_row_for_every_case() -> None:
    findings = [Finding(one.number, one.title, "http", "legacy", Verdict.HOLDS) for one in entries()]
    assert len(table(findings).splitlines()) == len(findings) + 1 - _doubles()


def _doubles() -> int:
    """Cases of one name that are tried in different ways over HTTP and stdio are one row."""
    titles = [(one.number, one.title) for one in entries()]
    return len(titles) - len({*titles})
