"""Whether any approval still has something to come, asked without loading anything that approvals need."""

from __future__ import annotations

from typing import Final

from ostiary.stores.database import Database

_QUERY: Final = """SELECT EXISTS (
    SELECT 1 FROM approval WHERE state NOT IN ('refused', 'expired', 'used_up', 'revoked')
    ) OR EXISTS (SELECT 1 FROM errand)"""


def has_something_to_come(database: Database) -> bool:
    """Whether there is an approval that has not ended, or a message about one that has not gone out."""
    (found,) = database.read(_QUERY).fetchone()
    return bool(found)
