"""Names of files: safe on every file system, unique, and the same for ever."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ostiary.catalog.slugs import is_safe, slug_of, slugs

NAUGHTY: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpora" / "blns.json"


@given(st.lists(st.text(max_size=100), max_size=30))
@example(["a", "A", "ａ", "a\u200b", "a ", "", "", "con", "CON", "index", "../a", "a/b", "a\\b", "x" * 9000])
def test_slugs_are_safe_and_no_two_are_one_file(names: list[str]) -> None:
    made = slugs(names)
    assert len({slug.casefold() for slug in made}) == len(names)
    assert all(is_safe(slug) and re.fullmatch(r"[a-z0-9_-]{1,99}", slug) for slug in made)


def test_plain_names_stand_as_they_are() -> None:
    assert slugs(["start-migration", "policy_generation_start"]) == ["start-migration", "policy_generation_start"]


def test_a_slug_does_not_depend_on_the_tools_around() -> None:
    assert slugs(["b", "Get Page", "get-page"])[1] == slug_of("Get Page")


def test_a_name_cannot_take_the_slug_of_another() -> None:
    taken = slug_of("Get Page")
    assert len(set(slugs([taken, "Get Page"]))) == 2
    assert slug_of(taken) != taken


def test_naughty_names_have_slugs() -> None:
    if not NAUGHTY.exists():
        pytest.skip(f"no {NAUGHTY}")
    names = json.loads(NAUGHTY.read_text("utf-8"))
    assert len(set(slugs(names))) == len(names)
