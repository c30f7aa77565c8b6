"""The newest record of every chain, without an index that each record would pay for.

A chain's mark is the place of one of its records. A writer whose record lands more than `REACH` places behind its mark
moves the mark there in the same transaction: so the newest record of a chain is always within `REACH` of its mark, and
one that the places have left behind for good is never looked at again.
"""

from __future__ import annotations

from typing import Final

from ostiary.ledger.chain import Head
from ostiary.stores.database import Database

REACH: Final = 1000

_SET: Final = """INSERT INTO chain(writer, mark, vouched, is_settled) VALUES(?,?,0,0)
    ON CONFLICT(writer) DO UPDATE SET mark = excluded.mark, is_settled = 0"""
_NEWEST: Final = """SELECT seq, hash FROM record WHERE id BETWEEN ? AND ? AND writer = ?
    ORDER BY id DESC LIMIT 1"""


def set_mark(database: Database, writer: str, place: int) -> None:
    """Have the chain's mark at a place. Raises `StoreError`."""
    database.write(_SET, (writer, place))


def take_unvouched(database: Database) -> dict[str, Head]:
    """The heads of all chains that have grown since this was last asked. Raises `StoreError`."""
    (newest,) = database.read("SELECT coalesce(max(id), 0) FROM record").fetchone()
    heads: dict[str, Head] = {}
    rows = database.read("SELECT writer, mark, vouched FROM chain WHERE is_settled = 0 ORDER BY writer").fetchall()
    for writer, mark, vouched in rows:
        found = database.read(_NEWEST, (mark, mark + REACH, writer)).fetchone()
        if found is not None and found[0] > vouched:
            heads[writer] = Head(found[0], found[1].hex())
        seq = vouched if found is None else found[0]
        database.write(
            "UPDATE chain SET vouched = ?, is_settled = ? WHERE writer = ?", (seq, int(newest > mark + REACH), writer)
        )
    return heads
