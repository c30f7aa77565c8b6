from __future__ import annotations

import pytest

from ostiary.model import Tool
from ostiary.policy.facts import Unjudgeable
from ostiary.policy.selector import glob, parse_selector


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("get-*", ["get-", "get-all", "get-\n"], ["get", "Get-all", " get-all", "a-get-all"]),
        ("*-all", ["-all", "get-all"], ["get-all ", "get-all\n"]),
        ("a*b*c", ["abc", "a-b-c", "abbcc", "abcabc"], ["acb", "ab", "abcd"]),
        ("a?c", ["abc", "a.c", "a\nc"], ["ac", "abbc"]),
        ("a.c", ["a.c"], ["abc"]),
        ("*", ["", "anything", "a/b"], []),
        ("a**b", ["ab", "axb"], ["a"]),
        ("*aa*aa", ["aaaa", "xaaaa", "aaxaa"], ["aaa", "xaaa"]),
        ("[ab](c)+", ["[ab](c)+"], ["a", "ac"]),
        ("caf\u00e9", ["caf\u00e9"], ["cafe\u0301", "CAF\u00c9"]),
    ],
)
def test_a_glob_matches_whole_names_byte_for_byte(pattern: str, yes: list[str], no: list[str]) -> None:
    matches = glob(pattern)
    assert all(matches(name) for name in yes)
    assert not any(matches(name) for name in no)


def test_a_glob_takes_no_more_than_linear_time() -> None:
    assert not glob("*a" * 30 + "*b")("a" * 20_000)


@pytest.mark.parametrize(
    ("text", "tool", "matches"),
    [
        ("class:read", Tool("t", risk_class="read"), True),
        ("class:read", Tool("class:read", risk_class="write"), False),
        ("severity:>=medium", Tool("t", severity="critical"), True),
        ("severity:>=medium", Tool("t", severity="medium"), True),
        ("severity:>=medium", Tool("t", severity="low"), False),
        ("annotation:readOnlyHint", Tool("t", annotations={"readOnlyHint": True}), True),
        ("annotation:readOnlyHint", Tool("t", annotations={"readOnlyHint": 1}), False),
        ("annotation:readOnlyHint", Tool("t"), False),
        ("s/t", Tool("t", "s"), True),
        ("s/t", Tool("t", "other"), False),
        ("s/t", Tool("s/t", "other"), True),
        ("s*/class:read", Tool("t", "shop", risk_class="read"), True),
        ("s*/class:read", Tool("t", "pay", risk_class="read"), False),
        ("s*/class:read", Tool("t", "pay"), False),
        ("a/b/c", Tool("b/c", "a"), True),
        ("a/b/c", Tool("c", "a/b"), False),
    ],
)
def test_what_a_selector_selects(text: str, tool: Tool, matches: bool) -> None:
    assert parse_selector(text).matches(tool) is matches


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("class:read", Tool("t")),
        ("class:read", Tool("class:read", severity="low")),
        ("severity:>=low", Tool("t", risk_class="read")),
        ("s/class:read", Tool("t", "s")),
    ],
)
def test_a_class_that_nobody_knows_selects_neither_way(text: str, tool: Tool) -> None:
    with pytest.raises(Unjudgeable, match=r"^the (class|severity) of the tool is not known$"):
        parse_selector(text).matches(tool)


def test_only_a_bare_exact_name_is_found_by_index() -> None:
    assert parse_selector("get").name == "get"
    assert [parse_selector(text).name for text in ("get*", "s/get", "class:read")] == [None, None, None]
    assert [parse_selector(text).is_wildcard for text in ("*", "s/*", "a*")] == [True, True, False]
