"""A ledger that was touched says so, and where."""

from __future__ import annotations

import msgspec
import pytest

from ostiary.errors import ConfigurationError
from ostiary.ledger.canonical import encode
from ostiary.ledger.chain import OPENED, Head, Link, link, opening
from ostiary.ledger.verify import Anchor, Unreadable, parse_anchor, verify
from ostiary.model import JSONObject

TIME = "2026-11-20T10:00:00.000000Z"


def chain(writer: str, bodies: list[JSONObject], **vouched: Head) -> list[Link]:
    """A chain of an opening record and one record per body."""
    links = [link(Head(), writer, TIME, OPENED, encode(opening(vouched)))]
    for body in bodies:
        links.append(link(head(links), writer, TIME, "call.intent", encode(body)))
    return links


def head(links: list[Link]) -> Head:
    return Head(links[-1].seq, links[-1].hash)


def three_runs() -> list[Link]:
    a = chain("a", [{"n": 1}, {"n": 2}])
    b = chain("b", [{"n": 3}], a=head(a))
    c = chain("c", [{"n": 4}, {"n": 5}], b=head(b))
    return a + b + c


def said(records: list[Link], anchor: Anchor | None = None) -> list[tuple[str, str, int]]:
    return [(finding.kind, finding.writer, finding.seq) for finding in verify(records, anchor).findings]


def anchored(records: list[Link]) -> Anchor:
    verdict = verify(records)
    return Anchor(1, TIME, verdict.records, verdict.heads)


def test_what_was_written_is_sound_and_its_anchor_names_the_newest_chain() -> None:
    verdict = verify(three_runs())
    assert verdict.is_sound
    assert verdict.records == 8
    assert list(verdict.heads) == ["c"]
    assert verdict.heads["c"].seq == 3


def test_nothing_at_all_is_sound_unless_something_was_anchored() -> None:
    assert verify([]).is_sound
    assert said([], anchored(three_runs())) == [("truncated", "c", 3), ("truncated", "", 0)]


def test_an_edited_body_is_found() -> None:
    records = three_runs()
    records[1] = msgspec.structs.replace(records[1], body=b'{"n":9}')
    assert said(records) == [("edited", "a", 2)]


def test_an_edited_record_with_its_hash_made_anew_is_found_by_the_next() -> None:
    records = three_runs()
    records[1] = link(Head(1, records[0].hash), "a", TIME, "call.intent", b'{"n":9}')
    assert said(records) == [("edited", "a", 3)]


def test_a_chain_written_anew_is_found_by_the_one_that_vouches_for_it() -> None:
    records = chain("a", [{"n": 1}, {"n": 9}]) + three_runs()[3:]
    assert said(records) == [("edited", "a", 3)]


@pytest.mark.parametrize(
    ("gone", "finding"), [(1, ("missing", "a", 2)), (0, ("missing", "a", 1)), (6, ("missing", "c", 2))]
)
def test_a_missing_record_is_found(gone: int, finding: tuple[str, str, int]) -> None:
    records = three_runs()
    del records[gone]
    assert finding in said(records)


def test_the_missing_end_of_an_old_chain_is_found() -> None:
    records = three_runs()
    del records[2]
    assert said(records) == [("missing", "a", 3)]


def test_a_whole_missing_chain_is_found() -> None:
    records = three_runs()
    assert said([record for record in records if record.writer != "b"]) == [("missing", "b", 1)]


def test_records_in_another_order_are_found() -> None:
    records = three_runs()
    records[1], records[2] = records[2], records[1]
    assert {kind for kind, _, _ in said(records)} == {"missing", "reordered"}


def test_the_missing_end_of_the_newest_chain_needs_an_anchor() -> None:
    records = three_runs()
    anchor = anchored(records)
    assert said(records[:-1]) == []
    assert said(records[:-1], anchor) == [("truncated", "c", 3), ("truncated", "", 0)]
    assert said(records[:-3], anchor) == [("truncated", "c", 3), ("truncated", "", 0)]


def test_an_anchor_holds_for_all_that_comes_later() -> None:
    records = three_runs()
    anchor = anchored(records)
    assert said(records + chain("d", [{"n": 6}], c=head(records)), anchor) == []


def test_the_newest_record_written_anew_is_found_by_the_anchor() -> None:
    records = three_runs()
    anchor = anchored(records)
    records[-1] = link(head(records[:-1]), "c", TIME, "call.intent", b'{"n":9}')
    assert said(records, anchor) == [("edited", "c", 3)]


def test_a_record_twice_is_found() -> None:
    records = three_runs()
    assert said([*records, records[-1]]) == [("reordered", "c", 3)]


def test_a_chain_without_its_opening_is_found() -> None:
    records = [link(Head(), "x", TIME, "call.intent", b"{}")]
    assert said(records) == [("edited", "x", 1)]


def test_what_cannot_be_read_is_a_finding() -> None:
    verdict = verify([*three_runs(), Unreadable("export.jsonl:9", "is no record")])
    assert [finding.message for finding in verdict.findings] == ["export.jsonl:9: is no record"]


def test_two_live_chains_both_are_anchored() -> None:
    a = chain("a", [{"n": 1}])
    b = chain("b", [{"n": 2}], a=head(a))
    a.append(link(head(a), "a", TIME, "call.intent", b"{}"))
    records = [*a[:2], *b, a[2]]
    assert said(records) == []
    assert set(verify(records).heads) == {"a", "b"}


def test_an_anchor_is_read_back_and_nonsense_is_refused_with_its_file() -> None:
    anchor = anchored(three_runs())
    assert parse_anchor(msgspec.json.encode(anchor), "anchor.json") == anchor
    with pytest.raises(ConfigurationError, match=r"anchor\.json: is no anchor"):
        parse_anchor(b"{}", "anchor.json")
    with pytest.raises(ConfigurationError, match="version 2"):
        parse_anchor(msgspec.json.encode(msgspec.structs.replace(anchor, version=2)), "anchor.json")
