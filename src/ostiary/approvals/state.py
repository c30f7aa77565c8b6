"""The life of an approval as a table: which moves there are. What is not in it cannot happen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

__all__ = ["MOVES", "Move", "State", "diagram"]


class State(StrEnum):
    """Where an approval stands. `open` ones wait for an answer, `granted` ones for their call."""

    ASKED = "asked"
    SHOWN = "shown"
    ANSWERED = "answered"
    GRANTED = "granted"
    REFUSED = "refused"
    EXPIRED = "expired"
    USED_UP = "used_up"
    REVOKED = "revoked"

    @property
    def is_open(self) -> bool:
        return self in (State.ASKED, State.SHOWN, State.ANSWERED)

    @property
    def is_final(self) -> bool:
        return not MOVES[self]


class Move(StrEnum):
    """What can happen to an approval once it was asked. `approved` is one person's yes, `granted` that they suffice."""

    SHOWN = "shown"
    APPROVED = "approved"
    GRANTED = "granted"
    REFUSED = "refused"
    EXPIRED = "expired"
    REDEEMED = "redeemed"
    USED_UP = "used_up"
    REVOKED = "revoked"


_ENDINGS: Final = {Move.REFUSED: State.REFUSED, Move.EXPIRED: State.EXPIRED, Move.REVOKED: State.REVOKED}

MOVES: Final[Mapping[State, Mapping[Move, State]]] = MappingProxyType(
    {
        State.ASKED: {Move.SHOWN: State.SHOWN, Move.APPROVED: State.ANSWERED, **_ENDINGS},
        State.SHOWN: {Move.SHOWN: State.SHOWN, Move.APPROVED: State.ANSWERED, **_ENDINGS},
        State.ANSWERED: {
            Move.SHOWN: State.ANSWERED,
            Move.APPROVED: State.ANSWERED,
            Move.GRANTED: State.GRANTED,
            **_ENDINGS,
        },
        State.GRANTED: {
            Move.REDEEMED: State.GRANTED,
            Move.USED_UP: State.USED_UP,
            Move.EXPIRED: State.EXPIRED,
            Move.REVOKED: State.REVOKED,
        },
        State.REFUSED: {},
        State.EXPIRED: {},
        State.USED_UP: {},
        State.REVOKED: {},
    }
)
"""State → move → the state after it."""


def diagram() -> str:
    """The table as a Mermaid state diagram: the one in docs/approvals.md."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.ASKED}"]
    for state, moves in MOVES.items():
        lines += [f"    {state} --> {after}: {move}" for move, after in moves.items()]
        if not moves:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines)
