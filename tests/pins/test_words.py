"""What a reader is shown of a changed text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.pins.words import Mark, reveal, word_changes


def marked(before: str, after: str) -> str:
    signs = {Mark.SAME: "{}", Mark.GONE: "[-{}-]", Mark.NEW: "[+{}+]", Mark.CUT: "{}"}
    return "".join(signs[piece.mark].format(piece.text) for piece in word_changes(before, after))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Sends a note.", "Sends two notes.", "Sends [-a-][+two+] [-note-][+notes+]."),
        ("Sends a note.", "Sends a note. Twice.", "Sends a note.[+ Twice.+]"),
        ("Sends a note.", "Sends a\u200b note.", "Sends a[+\\u{200b}+] note."),
        ("Sends a note.", "Sends a n\u043ete.", "Sends a [-note-][+n\\u{43e}te+]."),
        ("Sends a note.", "Sends a note.\n\nQuietly.", "Sends a note.[+⏎ ⏎ Quietly.+]"),
        ("Sends a note.", "Sends a note." + " " * 300 + "Quietly.", "Sends a note.[+⟨300 blanks⟩Quietly.+]"),
        ("", "\x1b[31mRed", "[+\\u{1b}[31mRed+]"),
        ("same", "same", "same"),
    ],
)
def test_words_that_went_and_came(before: str, after: str, shown: str) -> None:
    assert marked(before, after) == shown


def test_what_did_not_change_is_cut() -> None:
    before = "one two three four five six seven eight nine ten " * 10
    shown = marked(before + "end", before + "END")
    assert shown == " … five six seven eight nine ten [-end-][+END+]"


def test_another_alphabet_that_was_there_before_is_left_readable() -> None:
    assert marked("Сделай это", "Сделай то") == "Сделай [-это-][+то+]"


def test_what_cannot_be_seen_is_revealed() -> None:
    assert reveal("a\u202eb\U000e0041c\u200d") == "a\\u{202e}b\\u{e0041}c\\u{200d}"


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_that_is_shown_steers_a_terminal(before: str, after: str) -> None:
    assert all(piece.text.isprintable() for piece in word_changes(before, after))


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_there_are_changes_exactly_where_the_texts_differ(before: str, after: str) -> None:
    changed = any(piece.mark in (Mark.GONE, Mark.NEW) for piece in word_changes(before, after))
    assert changed == (before != after)
