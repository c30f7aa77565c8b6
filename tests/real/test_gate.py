"""Policy before real servers: for every server, way in and official SDK, one agent's stay, looked at from all sides.

What is asserted about the world is read past the gate: in Redis, in git, in the file system.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from tests.real import scenarios
from tests.real.agent import Agent, Answer, Visit, visit
from tests.real.gate import Way, opened, records, told
from tests.real.scenario import UNKNOWN_TOOL, Outcome, Scenario, Step

_META = "dev.ostiary/decision"
_SERVERS = ("valkey", "git", "time", "filesystem")

_STAYS: Final = [
    *product(_SERVERS, (Way.RUN, Way.SERVE), Agent),
    *product(("valkey",), (Way.UPSTREAM,), Agent),
]

_ON_RECORD: Final = {
    Outcome.ALLOWED: ("allow", "returned"),
    Outcome.UNKNOWN: ("allow", "failed"),
    Outcome.DENIED: ("deny", None),
    Outcome.LIMITED: ("deny", None),
    Outcome.HIDDEN: ("hide", None),
}
"""What the ledger says of each: the decision, and how it ended where it was sent."""


@dataclass(frozen=True, slots=True)
class Stay:
    """What one agent lived through, and where the gate kept its state."""

    scenario: Scenario
    visit: Visit
    place: Path

    def of(self, *outcomes: Outcome) -> Iterator[tuple[Step, Answer]]:
        """The steps that were to come out so, each with its answer."""
        pairs = zip(self.scenario.steps, self.visit.answers, strict=True)
        return ((step, answer) for step, answer in pairs if step.outcome in outcomes)


@pytest.fixture(scope="module", params=_STAYS, ids="-".join)
def stay(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stay:
    name, way, agent = request.param
    place = tmp_path_factory.mktemp("gate")
    scenario = _scenario(name, request, place)
    calls = [step.call for step in scenario.steps]
    with opened(way, scenario.server, scenario.policy, place) as door:
        return Stay(scenario, asyncio.run(visit(agent, door, calls, place / "stderr")), place)


def _scenario(name: str, request: pytest.FixtureRequest, place: Path) -> Scenario:
    match name:
        case "valkey":
            return scenarios.valkey(request.getfixturevalue("redis"))
        case "git":
            return scenarios.git(place)
        case "time":
            return scenarios.clock()
        case "filesystem":
            return scenarios.filesystem(place)
        case unknown:
            raise LookupError(unknown)


def test_the_list_shows_everything_but_hidden_tools(stay: Stay) -> None:
    seen = set(stay.visit.tools)
    assert stay.scenario.server.tools - stay.scenario.hidden <= seen
    assert not stay.scenario.hidden & seen


def test_an_allowed_call_gets_the_servers_answer(stay: Stay) -> None:
    for step, answer in stay.of(Outcome.ALLOWED):
        assert not answer.is_error, (step, answer)
        assert step.says in answer.text
        assert _META not in answer.meta


def test_a_denied_call_says_why_and_not_to_retry(stay: Stay) -> None:
    for step, answer in stay.of(Outcome.DENIED):
        assert answer.is_error, (step, answer)
        assert answer.code is None
        assert answer.text.startswith("Policy violation: ")
        assert step.says in answer.text
        assert "Do not retry." in answer.text
        assert answer.meta[_META]["decision"] == "deny"
        assert answer.meta[_META]["retryable"] is False
        assert answer.meta[_META]["rule"]


def test_a_call_over_its_limit_says_when_to_come_back(stay: Stay) -> None:
    for step, answer in stay.of(Outcome.LIMITED):
        assert answer.is_error, (step, answer)
        assert answer.text.startswith("Policy violation: ")
        assert step.says in answer.text
        assert answer.meta[_META]["retryable"] is True
        assert 0 < answer.meta[_META]["retryAfterMs"] <= 3_600_000


def test_a_hidden_tool_answers_like_one_that_does_not_exist(stay: Stay) -> None:
    [(_, missing)] = stay.of(Outcome.UNKNOWN)
    for step, answer in stay.of(Outcome.HIDDEN):
        assert answer.is_error
        assert answer.text == missing.text.replace(UNKNOWN_TOOL, step.call.tool)
        assert (answer.code, answer.meta) == (missing.code, missing.meta)


def test_the_world_shows_what_was_allowed_and_nothing_else(stay: Stay) -> None:
    assert stay.scenario.world() == stay.scenario.after


def test_every_call_is_on_record_and_the_chain_holds(stay: Stay) -> None:
    kept = records(stay.place)
    judged = [record["body"] for record in kept if record["kind"] in {"call.intent", "call.refused"}]
    ended = {record["body"]["call"]: record["body"]["outcome"] for record in kept if record["kind"] == "call.outcome"}
    told_of = [(body["tool"], body["decision"], ended.get(body["call"])) for body in judged]
    assert told_of == [(step.call.tool, *_ON_RECORD[step.outcome]) for step in stay.scenario.steps]
    told("ledger", "verify", "--state", str(stay.place / "state"))
