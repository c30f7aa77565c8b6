"""An operator: a person who answers approvals, and the token that shows who it is."""

from __future__ import annotations

import msgspec


class Operator(msgspec.Struct, frozen=True):
    """Times are Unix nanoseconds. `name` is the person's, unique among live operators."""

    id: str
    name: str
    created: int
    expires: int | None = None
    revoked: int | None = None

    @property
    def principal(self) -> str:
        """The id under which their answers are on record."""
        return f"operator:{self.name}"

    def is_live(self, now: int) -> bool:
        """Whether it is neither revoked nor expired; it expires at the instant it names."""
        return self.revoked is None and (self.expires is None or now < self.expires)
