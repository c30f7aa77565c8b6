"""Every file of the corpus: Ostiary before its servers, exactly so, and back again to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from ostiary.clients.edits import member
from ostiary.clients.files import Original
from ostiary.clients.plan import take_back
from ostiary.errors import ConfigurationError
from tests.clients.corpus import entries, files, put

_LEFT_ALONE: Final = "\n====\n"

ANEW: Final = [file for file in files("working") if file.suffix == ".json" and "odd_entries" not in file.name]
"""JSON, where no key is there twice: that would not survive being written anew."""

working = pytest.mark.parametrize("file", files("working"), ids=lambda file: file.name)


@working
def test_exactly_the_entries_change(file: Path) -> None:
    original = Original.read(file)
    change = put(original)
    expected, _, reasons = file.with_name(f"{file.name}.expected").read_bytes().decode().partition(_LEFT_ALONE)
    assert original.mark + change.text == expected
    assert "".join(f"# {one.name}: {one.why}\n" for one in change.refusals) == reasons


@working
def test_undone_it_is_the_same_bytes(file: Path) -> None:
    original = Original.read(file)
    change = put(original)
    back = take_back(replace(original, text=change.text), change.deeds)
    assert (back.original.mark + back.text).encode() == original.raw
    assert back.refusals == ()


@working
def test_twice_is_once(file: Path) -> None:
    change = put(Original.read(file))
    again = put(replace(change.original, text=change.text))
    assert again.text == change.text
    assert again.deeds == ()


@working
def test_only_what_was_changed_is_guarded(file: Path) -> None:
    original = Original.read(file)
    change = put(original)
    before = {one.path for one in entries(original) if one.guard is not None}
    after = {one.path for one in entries(replace(original, text=change.text)) if one.guard is not None}
    assert after - before == {deed.path for deed in change.deeds}


@working
def test_the_server_keeps_all_else_that_its_client_says_of_it(file: Path) -> None:
    original = Original.read(file)
    change = put(original)
    now = replace(original, text=change.text).document().data
    for deed in change.deeds:
        was, after = (member(data, deed.path) for data in (original.document().data, now))
        touched = {edit.edit.path[len(deed.path)] for edit in deed.edits}
        assert {key: was[key] for key in was.keys() - touched} == {key: after[key] for key in was.keys() - touched}


@pytest.mark.parametrize("file", ANEW, ids=lambda file: file.name)
def test_a_client_that_writes_its_file_anew_does_not_stand_in_the_way_of_undoing(file: Path) -> None:
    original = Original.read(file)
    change = put(original)
    anew = json.dumps(replace(original, text=change.text).document().data, indent=3)
    back = take_back(replace(original, text=anew), change.deeds)
    assert back.refusals == ()
    assert replace(original, text=back.text).document().data == original.document().data


@pytest.mark.parametrize("file", files("busted"), ids=lambda file: file.name)
def test_what_cannot_be_read_is_said_with_its_place(file: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Original.read(file).document()
    expected = file.with_name(f"{file.name}.expected").read_text().strip()
    assert str(refused.value) == f"{file.parent}/{expected}"
