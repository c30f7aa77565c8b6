"""Whether a ledger is what was written: every record, in order, none missing, up to a public anchor.

Needs the records and nothing else. What follows the newest anchor and is vouched for by no later chain can be cut off
unnoticed: publish anchors as often as that matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from ostiary.errors import ConfigurationError
from ostiary.ledger.chain import NO_HASH, OPENED, Head, Link, digest

ANCHOR_VERSION: Final = 1


class Finding(msgspec.Struct, frozen=True):
    """What is wrong: `edited`, `missing`, `reordered`, `truncated` or `unreadable`, and at which record."""

    kind: str
    writer: str
    seq: int
    message: str


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a ledger was at a time: kept elsewhere, it proves later that nothing was taken away. `heads` has the newest
    record of each chain that no other chain vouches for; `records` counts all."""

    version: int
    time: str
    records: int
    heads: Mapping[str, Head]


class Verdict(msgspec.Struct, frozen=True):
    """`heads` are those of the anchor that this ledger deserves."""

    findings: tuple[Finding, ...]
    records: int
    heads: Mapping[str, Head]

    @property
    def is_sound(self) -> bool:
        return not self.findings


class Unreadable(msgspec.Struct, frozen=True):
    """A line or row that is no record at all; `place` says where it stands."""

    place: str
    message: str


class _Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    heads: Mapping[str, tuple[int, str]]


_read_opening = msgspec.json.Decoder(_Opening).decode


def parse_anchor(text: bytes, file: str) -> Anchor:
    """Read an anchor. Raises `ConfigurationError`."""
    try:
        anchor = msgspec.json.decode(text, type=Anchor)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: is no anchor: {error}; `ostiary ledger anchor` prints one") from None
    if anchor.version != ANCHOR_VERSION:
        raise ConfigurationError(
            f"{file}: is an anchor of version {anchor.version}, this Ostiary knows {ANCHOR_VERSION}"
        )
    return anchor


def verify(records: Iterable[Link | Unreadable], anchor: Anchor | None = None) -> Verdict:
    """Check records in the order in which they were appended, each chain and how the chains vouch for one another."""
    check = _Check(anchor)
    for record in records:
        match record:
            case Unreadable(place, message):
                check.findings.append(Finding("unreadable", "", 0, f"{place}: {message}"))
            case Link():
                check.findings.extend(check.take(record))
    check.findings.extend(check.end())
    return Verdict(tuple(check.findings), check.records, check.tips())


class _Check:
    """What is known of the chains so far."""

    def __init__(self, anchor: Anchor | None) -> None:
        self.findings: list[Finding] = []
        self.records = 0
        self._heads: dict[str, Head] = {}
        self._linked: dict[str, int] = {}
        self._anchor = anchor
        self._anchored = dict(anchor.heads) if anchor else {}

    def take(self, record: Link) -> Iterator[Finding]:
        self.records += 1
        writer, seq = record.writer, record.seq
        head = self._heads.get(writer, Head())
        if digest(seq, writer, record.time, record.kind, record.body, record.prev) != record.hash:
            yield Finding("edited", writer, seq, f"record {seq} of {writer} is not what was written: its hash differs")
        yield from _follows(head, record)
        if seq > head.seq:
            self._heads[writer] = Head(seq, record.hash)
        if self._anchored.get(writer, Head()).seq == seq:
            anchored = self._anchored.pop(writer)
            if anchored.hash != record.hash:
                yield Finding("edited", writer, seq, f"record {seq} of {writer} is not the one that was anchored")
        if record.kind == OPENED or seq == 1:
            yield from self._vouched_for(record)

    def _vouched_for(self, record: Link) -> Iterator[Finding]:
        try:
            heads = _read_opening(record.body).heads
        except (msgspec.DecodeError, UnicodeDecodeError):
            heads = None
        if heads is None or record.seq != 1 or record.kind != OPENED:
            message = (
                f"record {record.seq} of {record.writer} does not open a chain as the first record, and only it, does"
            )
            yield Finding("edited", record.writer, record.seq, message)
            return
        for writer, (seq, hash) in heads.items():
            head = self._heads.get(writer, Head())
            self._linked[writer] = seq
            by = f"{record.writer} vouches for record {seq} of {writer}"
            if head.seq < seq:
                yield Finding("missing", writer, head.seq + 1, f"{by}, but {_what_is_there(writer, head)}")
            elif head.seq > seq:
                yield Finding("reordered", writer, seq, f"{by} as the newest, but record {head.seq} stands before it")
            elif head.hash != hash:
                yield Finding("edited", writer, seq, f"{by}, which had another hash then")

    def end(self) -> Iterator[Finding]:
        for writer, anchored in self._anchored.items():
            there = _what_is_there(writer, self._heads.get(writer, Head()))
            message = f"record {anchored.seq} of {writer} was anchored, but {there}"
            yield Finding("truncated", writer, anchored.seq, message)
        if self._anchor is not None and self.records < self._anchor.records:
            message = f"there were {self._anchor.records} records when it was anchored, now there are {self.records}"
            yield Finding("truncated", "", 0, message)

    def tips(self) -> dict[str, Head]:
        return {writer: head for writer, head in self._heads.items() if head.seq > self._linked.get(writer, 0)}


def _follows(head: Head, record: Link) -> Iterator[Finding]:
    writer, seq = record.writer, record.seq
    if seq <= head.seq:
        yield Finding("reordered", writer, seq, f"record {seq} of {writer} comes after record {head.seq}")
    elif seq > head.seq + 1:
        lost = f"record {head.seq + 1}" if seq == head.seq + 2 else f"records {head.seq + 1} to {seq - 1}"
        yield Finding("missing", writer, head.seq + 1, f"{lost} of {writer} are missing")
    elif record.prev != head.hash:
        message = f"record {seq} of {writer} does not follow the record before it"
        yield Finding("edited", writer, seq, message)


def _what_is_there(writer: str, head: Head) -> str:
    return f"{writer} ends at record {head.seq}" if head.hash != NO_HASH else "nothing of it is there"
