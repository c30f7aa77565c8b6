"""The catalogue as values: every tool on its true server, its policies in order, its history as it was."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
import pytest

from ostiary.catalog.about import About, Facts
from ostiary.catalog.catalog import compile_catalog
from ostiary.catalog.documents import ToolDocument
from ostiary.catalog.entry import Entry
from ostiary.catalog.history import Happening
from ostiary.catalog.snapshot import Snapshot
from ostiary.policy import check, load, type_errors
from ostiary.policy.toollist import read_tools
from tests.catalog.seeds import seeded, seeds


def entry(slug: str) -> Entry:
    return next(one for one in seeded().entries if one.slug == slug)


def page(server: str, name: str) -> ToolDocument:
    return next(one for one in seeded().tools_of(entry(server)) if one.name == name)


def scan(at: str, *tools: dict[str, Any], version: str = "") -> Snapshot:
    return Snapshot("box", at, tools, "box", version)


ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
READ: Final = {"name": "get_page", "description": "Gets a page."}
DELETE: Final = {"name": "delete_page", "description": "Deletes a page."}


def test_no_tool_is_on_a_server_that_does_not_list_it() -> None:
    listed: dict[str, set[str]] = {}
    for file in seeds().glob("*.json"):
        document = json.loads(file.read_text("utf-8"))
        name = document["initialize"]["serverInfo"]["name"]
        listed.setdefault(name, set()).update(tool["name"] for tool in document["tools"])
    assert sum(len(one.lines) for one in seeded().entries) == seeded().document.tools
    for one in seeded().entries:
        assert {line.name for line in one.lines} <= listed[one.snapshot.name]


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("start-migration", "elasticache"),
        ("policy_generation_start", "bedrock-agentcore"),
        ("add_user_to_group", "iam"),
        ("put_user_policy", "iam"),
        ("valkey_admin", "valkey"),
    ],
)
def test_tools_are_where_they_belong(name: str, server: str) -> None:
    assert [one.slug for one in seeded().entries if any(line.name == name for line in one.lines)] == [server]


def test_the_page_of_start_migration_says_what_its_server_says() -> None:
    one = page("elasticache", "start-migration")
    assert (one.risk_class, one.package) == ("execute", "awslabs.elasticache-mcp-server")
    assert one.version == "0.2.1"
    assert "from a Redis instance to an ElastiCache replication group" in one.description
    assert "request.replication_group_id" in {field.path for field in one.fields}
    assert {"wrong-way", "injected-call", "two-readings"} <= {attack.id for attack in one.attacks}
    assert [way.id for way in one.policies][:3] == ["recommended", "limit", "narrow"]
    assert "args.request.replication_group_id" in one.policies[2].policy
    assert len(one.questions) == 6
    assert "test-migration" in {link.name for link in one.related}


def test_evidence_stands_in_the_definition() -> None:
    for one in seeded().entries:
        for tool in seeded().tools_of(one):
            for piece in tool.evidence:
                if piece.source == "description":
                    assert piece.quote in tool.description


def test_every_policy_on_every_page_is_in_order() -> None:
    for one in seeded().entries:
        for tool in seeded().tools_of(one):
            listed = read_tools(ENCODER.encode([tool.definition]), "list.json")
            assert tool.policies[0].id == "recommended"
            assert {"limit", "deny"} <= {way.id for way in tool.policies}
            for way in tool.policies:
                policy = load(way.policy, f"{tool.name}-{way.id}.yaml")
                assert type_errors(policy, listed) == [], way.policy
                warnings = [str(warning) for warning in check(policy, listed) if way.id != "hide"]
                assert warnings == [], way.policy


def test_the_policy_of_a_server_is_in_order() -> None:
    for one in seeded().entries:
        load(one.document.policy, f"{one.slug}.yaml")


def test_the_history_of_valkey() -> None:
    newest, middle, first = entry("valkey").history
    assert [(step.version, step.number) for step in (newest, middle, first)] == [
        ("1.1.1", 12),
        ("1.0.22", 12),
        ("1.0.10", 105),
    ]
    assert newest.events == ()
    by = {kind: {event.tool for event in middle.events if event.event is kind} for kind in Happening}
    assert "valkey_admin" in by[Happening.TOOL_ADDED]
    assert {"delete", "string_set"} <= by[Happening.TOOL_REMOVED]
    assert "json_get" in by[Happening.TOOL_CHANGED]
    assert len(by[Happening.TOOL_REMOVED]) == 100


def test_changes_of_class_and_grade_are_events() -> None:
    worse = {"name": "get_page", "description": "Deletes all pages for good. This cannot be undone."}
    made = compile_catalog([scan("2026-02", worse, DELETE), scan("2026-01", READ)], About({}))
    (step, first) = made.entries[0].history
    assert (first.at, step.at) == ("2026-01", "2026-02")
    assert [(event.event, event.tool) for event in step.events if event.tool == "delete_page"] == [
        (Happening.TOOL_ADDED, "delete_page")
    ]
    changed = {event.event: (event.before, event.after) for event in step.events if event.tool == "get_page"}
    assert changed[Happening.CLASS_CHANGED][0] == "read"
    assert Happening.TOOL_CHANGED in changed


def test_the_same_scan_again_is_no_step() -> None:
    made = compile_catalog([scan("2026-01", READ, DELETE), scan("2026-02", DELETE, READ)], About({}))
    assert len(made.entries[0].history) == 1


def test_of_one_day_versions_count_as_people_do() -> None:
    scans = [scan("2026-01", READ, version=version) for version in ("1.0.10", "1.0.9", "2.0")]
    made = compile_catalog(scans, About({"box": Facts(title="Box")}))
    assert [step.version for step in made.entries[0].history] == ["2.0", "1.0.10", "1.0.9"]


@pytest.mark.parametrize("name", ["*", "a*b", "class:read", "", "a\x00b"])
def test_a_name_that_no_rule_can_select_has_no_rule(name: str) -> None:
    made = compile_catalog([scan("2026-01", {"name": name, "description": "Gets a page."})], About({}))
    (tool,) = made.tools_of(made.entries[0])
    assert tool.policies == ()


@pytest.mark.parametrize(
    "name", ["yes", "null", "1", "a: b", "- x", "#", "é", "a\nb", '"', "'", "{}", "💣", "SERVER/x"]
)
def test_odd_names_are_quoted_as_they_must_be(name: str) -> None:
    made = compile_catalog([scan("2026-01", {"name": name, "description": "Deletes a page."})], About({}))
    (tool,) = made.tools_of(made.entries[0])
    listed = read_tools(json.dumps([{"name": name}]), "list.json")
    for way in tool.policies:
        assert way.id == "hide" or check(load(way.policy, "policy.yaml"), listed) == []


def test_the_same_scans_make_the_same_documents() -> None:
    scans = [scan("2026-01", READ), scan("2026-02", READ, DELETE)]
    one, other = (compile_catalog(given, About({})) for given in (scans, scans[::-1]))
    assert msgspec.json.encode(one.entries[0].document) == msgspec.json.encode(other.entries[0].document)
