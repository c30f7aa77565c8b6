"""The hash chain: each record of a writer carries the hash of the one before.

The hash is SHA-256 over `{"body":…,"kind":…,"prev":…,"seq":…,"time":…,"writer":…}`, the canonical bytes of the record
without its hash. A writer is one run of a process. Its first record, of kind `OPENED`, vouches for the chains that
were there before: `heads` has the newest record of each chain that no other record vouches for yet. So every chain but
the newest is held by another one, and can neither go as a whole nor lose its end unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec

from ostiary.model import JSONObject

OPENED: Final = "ledger.opened"
"""Kind of every chain's first record."""

NO_HASH: Final = "0" * 64
"""`prev` of a chain's first record."""

_quote = msgspec.json.encode


class Head(msgspec.Struct, frozen=True):
    """The newest record of a chain, by number and hex hash. `Head()` is before the first."""

    seq: int = 0
    hash: str = NO_HASH


class Link(msgspec.Struct, frozen=True):
    """A record as the chain sees it: `body` is canonical bytes, taken as they are."""

    seq: int
    writer: str
    time: str
    kind: str
    body: bytes
    prev: str
    hash: str


def link(head: Head, writer: str, time: str, kind: str, body: bytes) -> Link:
    """The record that follows `head`."""
    seq = head.seq + 1
    return Link(seq, writer, time, kind, body, head.hash, digest(seq, writer, time, kind, body, head.hash))


def digest(seq: int, writer: str, time: str, kind: str, body: bytes, prev: str) -> str:
    """The hex hash of a record."""
    return sha256(
        b'{"body":%b,"kind":%b,"prev":%b,"seq":%d,"time":%b,"writer":%b}'
        % (body, _quote(kind), _quote(prev), seq, _quote(time), _quote(writer))
    ).hexdigest()


def line(link: Link) -> bytes:
    """The record as one line of JSON, for export: the body's bytes are those that were hashed."""
    return b'{"seq":%d,"writer":%b,"time":%b,"kind":%b,"body":%b,"prev":%b,"hash":%b}\n' % (
        link.seq,
        _quote(link.writer),
        _quote(link.time),
        _quote(link.kind),
        link.body,
        _quote(link.prev),
        _quote(link.hash),
    )


def opening(heads: Mapping[str, Head]) -> JSONObject:
    """The body of a chain's first record, which vouches for `heads`."""
    return {"heads": {writer: [head.seq, head.hash] for writer, head in heads.items()}}
