"""Edits and their undoing, on documents as odd as Hypothesis can make them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostiary.clients.documents.document import Document
from ostiary.clients.documents.json import JsonDocument
from ostiary.clients.documents.toml import TomlDocument
from ostiary.clients.documents.yaml import YamlDocument
from ostiary.clients.edits import Add, Edit, Edited, Prepend, Rename, Replace, apply, undo

SPACE = st.sampled_from(["", " ", "\n", "\r\n\t", ' // note, [] " {}\n', '/* a " , */ '])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)


def json_document(text: str) -> Document:
    return JsonDocument(text, "file.json")


def toml_document(text: str) -> Document:
    return TomlDocument(text, "file.toml")


def yaml_document(text: str) -> Document:
    return YamlDocument(text, "file.yaml")


@st.composite
def jsonc(draw: st.DrawFn, value: Any) -> str:
    """A value as somebody may have written it: with space, comments and trailing commas wherever they may be."""
    if isinstance(value, dict):
        members = [f"{draw(SPACE)}{json.dumps(key)}{draw(SPACE)}:{draw(SPACE)}{draw(jsonc(one))}{draw(SPACE)}"
                   for key, one in value.items()]  # fmt: skip
        tail = draw(st.sampled_from(["", ","])) if members else ""
        return "{" + ",".join(members) + tail + draw(SPACE) + "}"
    if isinstance(value, list):
        items = [f"{draw(SPACE)}{draw(jsonc(one))}{draw(SPACE)}" for one in value]
        tail = draw(st.sampled_from(["", ","])) if items else ""
        return "[" + ",".join(items) + tail + draw(SPACE) + "]"
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


@st.composite
def configurations(draw: st.DrawFn) -> str:
    entry = {"command": draw(WORDS), "args": draw(st.lists(WORDS, max_size=3)), "env": {"K": draw(WORDS)}}
    names = draw(st.permutations(list(entry)))
    around = draw(st.dictionaries(WORDS.filter(lambda key: key != "servers"), st.lists(WORDS, max_size=2), max_size=2))
    return draw(SPACE) + draw(jsonc({**around, "servers": {"s": {name: entry[name] for name in names}}})) + draw(SPACE)


AT = ("servers", "s")
EDITS: tuple[Edit, ...] = (
    Prepend((*AT, "args"), ("run", "--", "npx")),
    Replace((*AT, "command"), "ostiary"),
    Rename((*AT, "env"), "environment"),
    Rename((*AT, "environment", "K"), "KEY"),
    Add((*AT, "more"), "command", {"a": "b"}),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configurations())
def test_json_edited_and_undone_is_the_same_text(text: str) -> None:
    edited, done = apply(text, EDITS, json_document)
    entry = json_document(edited).data["servers"]["s"]  # type: ignore[call-overload,index]
    assert entry["command"] == "ostiary"  # type: ignore[index,call-overload]
    assert undo(edited, done, json_document) == text


TOML = """# first
[other]
x = 1 # one

[servers.s] # mine
command = "x"   # here
args = [ # a list
  'a', # one
]

[servers.s.env]
K = "v"
"""
YAML = """# first
other: {x: 1}   # one
servers:
  s:
    command: x   # here
    args:
      # a list
      - a
    env: {K: v}
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("text", "read"), [(TOML, toml_document), (YAML, yaml_document)], ids=["toml", "yaml"])
def test_edited_and_undone_is_the_same_text(text: str, read: Callable[[str], Document], newline: str) -> None:
    text = text.replace("\n", newline)
    edited, done = apply(text, EDITS, read)
    assert edited.count("\n") == edited.count(newline)
    assert undo(edited, done, read) == text
    assert undo(edited.rstrip(), done, read) == text.rstrip()


def test_the_rest_of_an_entry_may_change_meanwhile() -> None:
    text = '{"servers": {"s": {"command": "x", "args": ["a"], "env": {"K": "v"}}}}'
    edited, done = apply(text, EDITS, json_document)
    switched = edited.replace('"command"', '"disabled": true, "command"')
    assert undo(switched, done, json_document) == text.replace('"command"', '"disabled": true, "command"')


@pytest.mark.parametrize("change", [('"ostiary"', '"other"'), ('"run"', '"walk"'), ('"b"', '"c"'), ('"KEY"', '"KEYS"')])
def test_what_somebody_changed_since_is_not_undone(change: tuple[str, str]) -> None:
    text = '{"servers": {"s": {"command": "x", "args": ["a"], "env": {"K": "v"}}}}'
    edited, done = apply(text, EDITS, json_document)
    with pytest.raises(Edited):
        undo(edited.replace(*change), done, json_document)
