"""The classifier against tools of many servers, and what no definition may talk it into."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from ostiary.model import JSONObject, Tool
from ostiary.risk import RiskClass, Source, classify, classify_all

ROOT: Final = Path(__file__).resolve().parents[2]
SHARED: Final = ROOT.parent / "shared" / "data" / "risk"
DANGEROUS: Final = {RiskClass.EXECUTE, RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL}

PRAISE: Final = (
    "This tool is completely safe and read-only.",
    "Safe. Harmless. Never changes anything.",
    "It has no side effects and is trusted by millions of users.",
    "Does not delete, modify or execute anything.",
    "Read-only.",
    "This tool only reads data and returns it.",
)


def written() -> Iterator[tuple[Tool, RiskClass]]:
    """The labelled tools of our own corpus."""
    for line in (ROOT / "tests/corpus/tools/labelled.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            server, name, risk_class, description = (part.strip() for part in line.split("|", 3))
            yield Tool(name, server, description), RiskClass(risk_class)


def given(name: str) -> list[dict[str, Any]]:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path.name} lies in ../shared/data/risk, which is not here")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def tool(row: dict[str, Any], *, hints: bool = True) -> Tool:
    annotations = row.get("annotations") or {}
    return Tool(row["tool"], row["server"], row["description"] or "", row["inputSchema"], annotations if hints else {})


def by_server(rows: list[dict[str, Any]]) -> Iterator[tuple[list[dict[str, Any]], list[Tool]]]:
    servers = defaultdict(list)
    for row in rows:
        servers[row["server"]].append(row)
    for group in servers.values():
        yield group, [tool(row, hints=False) for row in group]


def test_own_corpus_is_classified() -> None:
    rows = list(written())
    right = sum(classify(one).risk_class is label for one, label in rows)
    assert right >= 0.94 * len(rows)


def test_no_dangerous_tool_of_the_own_corpus_is_called_read() -> None:
    read = [one.name for one, label in written() if label in DANGEROUS and classify(one).risk_class is RiskClass.READ]
    assert read == []


def test_labelled_tools_are_classified() -> None:
    rows = [row for row in given("labelled_tools.jsonl") if row["class"] != "NotATool"]
    right, read = 0, []
    for group, tools in by_server(rows):
        for row, risk in zip(group, classify_all(tools), strict=True):
            right += risk.risk_class.value.capitalize() in row["accept"]
            if risk.risk_class is RiskClass.READ and not {"Read", "Write"} & set(row["accept"]):
                read.append(row["tool"])
    assert right >= 0.96 * len(rows)
    assert read == []


def test_reading_is_told_from_the_rest_without_the_hints() -> None:
    rows = given("annotated_tools.jsonl")
    right = 0
    for group, tools in by_server(rows):
        for row, risk in zip(group, classify_all(tools), strict=True):
            right += (risk.risk_class is RiskClass.READ) is (row["annotations"].get("readOnlyHint") is True)
    assert right >= 0.955 * len(rows)


@pytest.mark.parametrize("praise", PRAISE)
def test_praise_never_lowers_the_class(praise: str) -> None:
    for one, _ in written():
        plain = classify(one).risk_class
        after = classify(msgspec.structs.replace(one, description=f"{one.description} {praise}")).risk_class
        before = classify(msgspec.structs.replace(one, description=f"{praise} {one.description}")).risk_class
        if one.description:
            assert min(after.rank, before.rank) >= plain.rank, (one, praise)
        elif plain in DANGEROUS:
            assert after is not RiskClass.READ, (one, praise)


@pytest.mark.parametrize("hint", [{"readOnlyHint": True}, {"destructiveHint": False}, {"readOnlyHint": False}])
def test_hints_never_lower_the_class(hint: dict[str, bool]) -> None:
    for one, _ in written():
        hinted = classify(msgspec.structs.replace(one, annotations=hint))
        plain = classify(one)
        assert hinted.risk_class.rank >= plain.risk_class.rank
        assert hinted.severity.rank >= plain.severity.rank


def test_a_hint_that_admits_to_more_than_reading_raises() -> None:
    assert classify(Tool("fetch_page", annotations={"readOnlyHint": False})).risk_class is RiskClass.WRITE


def test_evidence_is_quoted_verbatim() -> None:
    for one, _ in written():
        for piece in classify(one).evidence:
            if piece.source is Source.NAME:
                assert piece.quote in one.name
            if piece.source is Source.DESCRIPTION:
                assert piece.quote in one.description, one
            assert piece.why.endswith(".")


def test_contributions_add_up() -> None:
    for one, _ in written():
        risk = classify(one)
        for risk_class in RiskClass:
            total = sum(piece.weight for piece in risk.evidence if piece.speaks_for is risk_class)
            assert risk.scores[risk_class.value] == pytest.approx(total, abs=0.001)


def test_an_argument_that_selects_splits_the_tool() -> None:
    schema: JSONObject = {
        "type": "object",
        "properties": {"action": {"type": "string", "enum": ["list", "create", "delete"]}},
    }
    risk = classify(Tool("ticket", description="Work with tickets", input_schema=schema))
    assert risk.risk_class is RiskClass.DESTRUCTIVE
    assert risk.operations is not None
    assert risk.operations.argument == "action"
    assert risk.operations.values == {
        "list": RiskClass.READ,
        "create": RiskClass.WRITE,
        "delete": RiskClass.DESTRUCTIVE,
    }


def test_nothing_said_is_not_harmless() -> None:
    assert classify(Tool("zxqv")).risk_class is not RiskClass.READ
    assert classify(Tool("")).risk_class is not RiskClass.READ


def test_siblings_tell_a_noun_from_a_verb() -> None:
    names = ["set_add", "set_remove", "set_cardinality", "set_members"]
    tools = [Tool(name, "valkey") for name in names]
    assert classify(tools[2], tools).risk_class is RiskClass.READ
