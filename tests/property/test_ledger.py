"""Any changed byte breaks the chain, and so does any record taken away, moved or doubled."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.ledger.canonical import encode
from ostiary.ledger.chain import OPENED, Head, Link, line, link, opening
from ostiary.ledger.redaction import mask
from ostiary.ledger.verify import Anchor, verify
from ostiary.model import JSON, JSONObject
from ostiary.stores.reading import read_ledger

TIME = "2026-11-20T10:00:00.000000Z"
text = st.text(max_size=12)
values: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
bodies: st.SearchStrategy[JSONObject] = st.dictionaries(text, values, max_size=3)
runs = st.lists(st.lists(bodies, min_size=1, max_size=3), min_size=1, max_size=3)


def written(script: Sequence[Sequence[JSONObject]]) -> list[Link]:
    """Chains one after the other, each vouching for the one before."""
    records: list[Link] = []
    for number, run in enumerate(script):
        vouched = {records[-1].writer: Head(records[-1].seq, records[-1].hash)} if records else {}
        head = Head()
        for kind, body in [(OPENED, opening(vouched)), *(("call.intent", body) for body in run)]:
            records.append(link(head, f"w{number}", TIME, kind, encode(body)))
            head = Head(records[-1].seq, records[-1].hash)
    return records


def anchor_of(records: Sequence[Link]) -> Anchor:
    verdict = verify(records)
    assert verdict.findings == ()
    return Anchor(1, TIME, verdict.records, verdict.heads)


def is_sound(export: bytes, anchor: Anchor) -> bool:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "export.jsonl")
        file.write_bytes(export)
        return verify(read_ledger(file), anchor).is_sound


@settings(max_examples=150, deadline=None)
@given(runs, st.data())
def test_any_changed_byte_of_an_export_is_found(script: Sequence[Sequence[JSONObject]], data: st.DataObject) -> None:
    records = written(script)
    export = b"".join(map(line, records))
    anchor = anchor_of(records)
    assert is_sound(export, anchor)
    place = data.draw(st.integers(0, len(export) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != export[place]))
    assert not is_sound(export[:place] + bytes([byte]) + export[place + 1 :], anchor)
    assert not is_sound(export[:place] + export[place + 1 :], anchor)
    assert not is_sound(export[:place], anchor)


@settings(max_examples=150, deadline=None)
@given(runs, st.data())
def test_records_taken_away_moved_or_doubled_are_found(
    script: Sequence[Sequence[JSONObject]], data: st.DataObject
) -> None:
    records = written(script)
    anchor = anchor_of(records)
    changed = data.draw(
        st.one_of(
            st.permutations(records),
            st.lists(st.sampled_from(records), max_size=len(records)),
            st.builds(lambda one: [*records, one], st.sampled_from(records)),
        )
    )
    assert verify(changed, anchor).is_sound == (changed == records)


@given(values)
def test_canonical_bytes_are_one_line_of_json_that_says_the_same(value: JSON) -> None:
    text = encode(value)
    assert len(text.decode().splitlines()) == 1
    assert encode(msgspec.json.Decoder(float_hook=Decimal).decode(text)) == text


@given(values)
def test_masking_twice_changes_nothing(value: JSON) -> None:
    assert mask(mask(value)) == mask(value)
