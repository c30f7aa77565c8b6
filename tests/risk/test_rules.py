"""Poisoned definitions are found, and honest ones are left alone."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ostiary.model import JSONObject
from ostiary.risk import assess
from ostiary.risk.rules import POISONING, RULES
from ostiary.risk.rules.passages import passages, shown

ROOT: Final = Path(__file__).resolve().parents[2]
SHARED: Final = ROOT.parent / "shared" / "data"
POISON: Final = frozenset(rule.id for rule in POISONING)


def corpus() -> Iterator[tuple[str, str, str]]:
    for line in (ROOT / "tests/corpus/tools/poisoned.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            family, place, text = (part.strip() for part in line.split("|", 2))
            yield family, place, codecs.decode(text.encode("latin-1", "backslashreplace"), "unicode_escape")


def carrier(place: str, text: str) -> JSONObject:
    """An honest definition that carries the text in one place."""
    query: dict[str, Any] = {"type": "string", "description": "What to look for"}
    properties: dict[str, Any] = {"q": query}
    required = ["q"]
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    definition: dict[str, Any] = {
        "name": "lookup",
        "description": "Looks something up and returns it.",
        "inputSchema": schema,
    }
    unseen = {"tags": 0xE0000, "variation": 0xE0100}
    output = {"type": "object", "properties": {"r": {"type": "string", "description": text}}}
    places: dict[str, Callable[[], object]] = {
        "description": lambda: definition.update(description=text),
        "title": lambda: definition.update(title=text),
        "name": lambda: definition.update(name=text),
        "annotation-title": lambda: definition.update(annotations={"title": text}),
        "meta": lambda: definition.update(_meta={"note": text}),
        "output": lambda: definition.update(outputSchema=output),
        "comment": lambda: schema.update({"$comment": text}),
        "required": lambda: required.append(text),
        "argument": lambda: properties.update(note={"type": "string", "description": text}),
        "argument-name": lambda: properties.update({text: {"type": "string"}}),
        "enum": lambda: query.update(enum=["fast", text]),
        "examples": lambda: query.update(examples=[text]),
        "ansi": lambda: definition.update(description=f"Looks something up.\x1b[8m{text}\x1b[0m"),
    }
    if place in unseen:
        definition["description"] += "".join(chr(unseen[place] + ord(character)) for character in text)
    else:
        places.get(place, lambda: query.update({place: text}))()
    return definition


def poisons(definition: JSONObject) -> list[str]:
    return [finding.rule for finding in assess("s", [definition]).findings if finding.rule in POISON]


def found(definition: JSONObject) -> list[str]:
    return [finding.rule for finding in assess("s", [definition]).findings]


def test_the_carrier_is_honest() -> None:
    assert poisons(carrier("title", "Look up")) == []


def test_poisoned_definitions_are_found() -> None:
    """The corpus holds texts that nothing finds yet: fewer may escape, more may not."""
    missed = [text for _, place, text in corpus() if not found(carrier(place, text))]
    assert len(missed) <= 0.14 * len(list(corpus())), missed


def real() -> list[JSONObject]:
    found: list[JSONObject] = []
    for name in ("annotated_tools.jsonl", "labelled_tools.jsonl"):
        path = SHARED / "risk" / name
        if not path.exists():
            pytest.skip("the real definitions lie in ../shared/data, which is not here")
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            found.append(
                {
                    "name": row["tool"],
                    "description": row["description"] or "",
                    "inputSchema": row["inputSchema"],
                    "annotations": row.get("annotations"),
                }
            )
    for path in sorted((SHARED / "tools").glob("*.json")):
        found += json.loads(path.read_text("utf-8"))["tools"]
    return found


def test_real_definitions_are_left_alone() -> None:
    definitions = real()
    wrong = [definition["name"] for definition in definitions if poisons(definition)]
    assert len(wrong) <= 0.006 * len(definitions), wrong


@pytest.mark.parametrize(
    ("definition", "rule"),
    [
        ({"name": "delete_page", "annotations": {"readOnlyHint": True}}, "false-hint"),
        ({"name": "a", "description": "Token: ghp_" + "a8Zq" * 9}, "secret-in-definition"),
        ({"name": "a", "inputSchema": {"$ref": "https://evil.example/schema.json"}}, "outside-reference"),
        ({"name": "ｇet_page"}, "deceptive-name"),
        ({"name": "get\u200bpage"}, "deceptive-name"),
        ({"name": ""}, "deceptive-name"),
        ({"name": "x" * 200}, "deceptive-name"),
    ],
)
def test_structure_gives_away(definition: JSONObject, rule: str) -> None:
    assert rule in {finding.rule for finding in assess("s", [definition]).findings}


def test_a_name_of_another_server_is_shadowed() -> None:
    found = assess("new", [{"name": "send_email"}], {"send_email": "mail"}).findings
    assert [(finding.rule, finding.where) for finding in found] == [("shadowed-name", "/name")]


def test_a_name_twice_is_found() -> None:
    found = assess("s", [{"name": "get_a"}, {"name": "get_a"}]).findings
    assert {finding.rule for finding in found} == {"deceptive-name"}


def test_rules_have_ids_of_their_own_and_owasp_entries() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert all(entry.startswith("LLM") and entry.endswith(":2025") for entry in rule.llm)
        assert all(entry.startswith("MCP") and entry.endswith(":2025") for entry in rule.mcp)


def test_no_definition_is_too_deep() -> None:
    nested: dict[str, Any] = {}
    for _ in range(500):
        nested = {"properties": {"a": nested}}
    assert len(passages({"name": "a", "inputSchema": nested})) < 100


def test_what_cannot_be_printed_is_shown() -> None:
    assert shown("a\u202eb\x1b[8m\U000e0041") == "a\\u{202e}b\\u{1b}[8m\\u{e0041}"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "~/" * 50_000,
        "a@" * 50_000,
        "用户不要" * 25_000,
        "1 " * 50_000,
        "QUJD" * 25_000,
        "not tell " * 12_000,
        "\n" * 120_000,
    ],
    ids=lambda text: ascii(text[:8]),
)
def test_no_string_takes_long(text: str) -> None:
    """Without bounds, any of these takes minutes."""
    found = assess("s", [{"name": "a", "description": text, "inputSchema": {"properties": {"b": {"enum": [text]}}}}])
    assert "endless-definition" in {finding.rule for finding in found.findings}


@pytest.mark.parametrize("depth", [25, 90])
def test_what_is_too_deep_to_look_at_is_said(depth: int) -> None:
    nested: dict[str, Any] = {}
    for _ in range(depth):
        nested = {"properties": {"a": nested}}
    assert {finding.rule for finding in assess("s", [{"name": "a", "inputSchema": nested}]).findings} == {
        "endless-definition"
    }
