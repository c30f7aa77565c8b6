"""Every case of the corpora is decided as it says; one in another dialect also once it is converted to our own form."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.policy import load
from ostiary.policy.dialects.convert import convert
from tests.policy.cases import CORPUS, EXACT, calls_of, decided, read_case, told

CASES = sorted((CORPUS / "decisions").glob("*.json"))
DIALECTS = sorted((CORPUS / "dialects").glob("*.json"))


@pytest.mark.parametrize("path", CASES + DIALECTS, ids=lambda path: path.stem)
def test_is_decided_as_the_case_says(path: Path) -> None:
    case = read_case(path)
    calls = calls_of(case)
    for step, call, decision in zip(case["calls"], calls, decided(case["policy"], calls), strict=True):
        shown = EXACT.encode(call.arguments).decode()[:200]
        assert told(decision, step["expect"]) == step["expect"], f"{call.tool.name} {shown}"


@pytest.mark.parametrize("path", DIALECTS, ids=lambda path: path.stem)
def test_is_recognised_and_decided_the_same_once_converted(path: Path) -> None:
    case = read_case(path)
    text = EXACT.encode(case["policy"])
    assert load(text, "policy.json").dialect == case["dialect"]
    converted = convert(text, "policy.json")
    assert load(EXACT.encode(converted), "policy.json").dialect == "ostiary"
    calls = calls_of(case)
    before, after = decided(case["policy"], calls), decided(converted, calls)
    assert [one.effect for one in after] == [one.effect for one in before]
    assert [one.retry_after_ms for one in after] == [one.retry_after_ms for one in before]


def test_every_case_says_what_it_is_about() -> None:
    about = [read_case(path)["about"] for path in CASES + DIALECTS]
    assert all(about)
    assert all(path.stem.startswith(read_case(path)["dialect"]) for path in DIALECTS)
