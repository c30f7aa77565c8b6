"""Drift, told once: to the ledger with all that changed, and to whoever runs the gateway in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ostiary.enforcement.accounts import Accounts
from ostiary.model import JSON, JSONObject
from ostiary.notices import say
from ostiary.pins.pinned import OnDrift

if TYPE_CHECKING:
    from ostiary.risk import Change, Pin

_MOST_TOLD: Final = 4096
_MOST_CHANGES: Final = 50
_MOST_NAMES: Final = 5
_LONGEST: Final = 400


class DriftNews:
    """The drift of one server's tools. The same definition of a tool is news once, and a server that defines ever new
    ones is not news for ever: of the calls there is a record each in any case."""

    def __init__(self, server: str, accounts: Accounts) -> None:
        self._server = server
        self._accounts = accounts
        self._told: set[tuple[str, str]] = set()
        self._untold: list[tuple[str, dict[str, JSON]]] = []

    def note(self, pin: Pin | None, name: str, digest: str, definition: JSONObject, principal: str) -> None:
        """A session was listed a definition that is not the approved one; `pin` is None for a tool that is new."""
        if (name, digest) in self._told or len(self._told) > _MOST_TOLD:
            return
        self._told.add((name, digest))
        if len(self._told) > _MOST_TOLD:
            self._untold.append((name, {"server": self._server, "more": "further drift is not recorded tool by tool"}))
            return
        body: dict[str, JSON] = {"server": self._server, "tool": name, "principal": principal, "found": digest}
        if pin is not None:
            from ostiary.risk import compare

            changes = compare(pin.definition, definition)
            body |= {"approved": pin.digest, "changes": [_told(change) for change in changes[:_MOST_CHANGES]]}
        self._untold.append((name, body))

    def tell(self, way: OnDrift) -> None:
        """Put on record, and say in one line, what was noted since."""
        if not self._untold:
            return
        from ostiary.policy.node import visible

        untold, self._untold = self._untold, []
        for _, body in untold:
            self._accounts.drifted({**body, "on_drift": way.value})
        names = ", ".join(f"`{visible(name[:64])}`" for name, _ in untold[:_MOST_NAMES])
        more = f" and {len(untold) - _MOST_NAMES} more" if len(untold) > _MOST_NAMES else ""
        what = "let through" if way is OnDrift.WARN else "held back"
        say(f"{self._server}: not as approved, and {what}: {names}{more}; see `ostiary pin --review`")


def _told(change: Change) -> JSONObject:
    told: dict[str, JSON] = {"path": change.path, "change": change.kind.value}
    if change.kind != "added":
        told["before"] = _short(change.before)
    if change.kind != "removed":
        told["after"] = _short(change.after)
    return told


def _short(value: JSON) -> JSON:
    """The value itself, or the beginning of its text."""
    from ostiary.ledger.canonical import encode

    text = value if isinstance(value, str) else encode(value).decode()
    return value if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
