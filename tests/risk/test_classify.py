"""The classifier against tools of many servers, and what no definition may talk it into."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from ostiary.model import JSONObject, Tool
from ostiary.risk import RiskClass, Source, classify, classify_all
from ostiary.risk.names import tokens

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
    assert right >= 0.95 * len(rows)


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
    assert right >= 0.97 * len(rows)
    assert read == []


def test_reading_is_told_from_the_rest_without_the_hints() -> None:
    rows = given("annotated_tools.jsonl")
    right = 0
    for group, tools in by_server(rows):
        for row, risk in zip(group, classify_all(tools), strict=True):
            right += (risk.risk_class is RiskClass.READ) is (row["annotations"].get("readOnlyHint") is True)
    assert right >= 0.96 * len(rows)


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


def spelled(name: str) -> Iterator[str]:
    """A name in other styles: snake, kebab, camel, and in a namespace."""
    words = tokens(name)
    yield "_".join(words)
    yield "-".join(words)
    yield words[0] + "".join(word.capitalize() for word in words[1:])
    yield "".join(word.capitalize() for word in words)
    yield f"spaces/{'_'.join(words)}"


def test_the_style_of_a_name_does_not_change_the_class() -> None:
    for one, _ in written():
        if re.fullmatch(r"[a-z]+(_[a-z]+)*", one.name):
            plain = classify(one).risk_class
            for name in spelled(one.name):
                again = classify(msgspec.structs.replace(one, name=name))
                assert again.risk_class is plain, (name, one.server)


@pytest.mark.parametrize("worse", ["delete", "purge", "execute_command", "refund_payment"])
def test_another_operation_never_lowers_the_class(worse: str) -> None:
    for one, _ in written():
        few = with_operations(one, ["list", "create"])
        more = with_operations(one, ["list", "create", worse])
        assert classify(more).risk_class.rank >= classify(few).risk_class.rank, one


def with_operations(one: Tool, values: list[str]) -> Tool:
    schema: JSONObject = {"type": "object", "properties": {"operation": {"type": "string", "enum": list(values)}}}
    return msgspec.structs.replace(one, input_schema=schema)


@pytest.mark.parametrize(
    ("name", "description", "risk_class"),
    [
        ("manage_ticket", "Perform CRUD operations on a ticket", RiskClass.DESTRUCTIVE),
        ("manage_ticket", "Manage tickets. Actions: list, create, delete", RiskClass.DESTRUCTIVE),
        ("deploy_to_cloud", "Get step-by-step guidance for deploying an application", RiskClass.READ),
        ("delete_branch", "Provides documentation on deleting branches", RiskClass.DESTRUCTIVE),
        ("execute_code", "Provides documentation on running code", RiskClass.EXECUTE),
        ("remove_track_from_playlist", "Remove a track from a playlist", RiskClass.WRITE),
        ("remove_file", "Remove a file from the disk", RiskClass.DESTRUCTIVE),
        ("pipeline_trigger_get", "Get one trigger of a pipeline", RiskClass.READ),
        ("text_to_speech", "", RiskClass.WRITE),
        ("csv_to_json", "", RiskClass.READ),
        ("can_merge", "", RiskClass.READ),
        ("research_agent", "Provides access to an agent that does research", RiskClass.EXECUTE),
        ("bash", "", RiskClass.EXECUTE),
        ("market_order", "The New Order API allows users to place an order at the market", RiskClass.FINANCIAL),
        (
            "manageStorage",
            "\u652f\u6301\u4e0a\u4f20\u3001\u5220\u9664\u7b49\u64cd\u4f5c",
            RiskClass.DESTRUCTIVE,
        ),
        ("describeGroup", "\u67e5\u8be2\u8be6\u60c5", RiskClass.READ),
        ("apply_formula", "Apply a formula to a cell", RiskClass.WRITE),
        ("review_code", "Review and fix the code", RiskClass.WRITE),
        ("discover", "Attempts to delete what it finds", RiskClass.DESTRUCTIVE),
        ("account_convert_repay", "", RiskClass.FINANCIAL),
        ("search_and_execute", "", RiskClass.EXECUTE),
        ("page_restrictions", "Get view and edit restrictions of a page", RiskClass.READ),
        ("list_rules", "Use get_rule instead", RiskClass.READ),
        ("account_info", "Use the master account to query account information", RiskClass.READ),
    ],
)
def test_what_is_told_from_what(name: str, description: str, risk_class: RiskClass) -> None:
    assert classify(Tool(name, "server", description)).risk_class is risk_class


@pytest.mark.parametrize(
    ("name", "description", "arguments", "risk_class"),
    [
        ("inspect_app", "Automatically boots the simulator and returns its state", (), RiskClass.EXECUTE),
        ("inspect_app", "Inspects the app by running a script in it", (), RiskClass.EXECUTE),
        ("inspect_app", "It never boots the simulator", (), RiskClass.READ),
        ("browse", "Browse the web with an agent", (), RiskClass.EXECUTE),
        ("page_inspect", "AI-powered browser agent for inspecting pages", (), RiskClass.EXECUTE),
        ("search", "Search the web, paid from your wallet for each call", (), RiskClass.FINANCIAL),
        ("check_submissions", "", ("dry_run",), RiskClass.WRITE),
        ("fetch", "HTTP client", ("url", "method"), RiskClass.EXECUTE),
        ("answer_it", "", (), RiskClass.WRITE),
    ],
)
def test_what_seems_to_read_is_doubted(
    name: str, description: str, arguments: tuple[str, ...], risk_class: RiskClass
) -> None:
    kinds = {"dry_run": "boolean"}
    schema: JSONObject = {"properties": {one: {"type": kinds.get(one, "string")} for one in arguments}}
    assert classify(Tool(name, "server", description, schema)).risk_class is risk_class


def test_a_weak_sign_of_reading_is_none_where_most_tools_drive_something() -> None:
    siblings = [Tool("browser_click", "browser"), Tool("browser_type", "browser")]
    assert classify(Tool("answer_it", "browser"), siblings).risk_class is RiskClass.EXECUTE


def test_free_statements_are_not_reading_unless_they_can_only_read() -> None:
    schema: JSONObject = {"type": "object", "properties": {"sql": {"type": "string"}}}
    free = Tool("query", "warehouse", "Query the warehouse", schema)
    assert classify(free).risk_class is RiskClass.EXECUTE
    assert classify(msgspec.structs.replace(free, description="Read-only.")).risk_class is RiskClass.EXECUTE
    only = msgspec.structs.replace(free, description="Run a SELECT query on the warehouse")
    assert classify(only).risk_class is RiskClass.READ
