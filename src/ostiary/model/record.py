"""One entry of the ledger."""

from __future__ import annotations

import msgspec

from ostiary.model.json import JSONObject


class Record(msgspec.Struct, frozen=True):
    """`seq` counts from 1 within `writer`; `time` is RFC 3339 in UTC with microseconds; `prev` and `hash` are
    hex SHA-256, `prev` of the first record is 64 zeros."""

    seq: int
    writer: str
    time: str
    kind: str
    body: JSONObject
    prev: str
    hash: str
