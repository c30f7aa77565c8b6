"""The table, and the picture of it in the docs."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ostiary.approvals import (
    MOVES,
    Approved,
    Expired,
    Granted,
    Happened,
    IllegalMove,
    Move,
    Redeemed,
    Refused,
    Revoked,
    Shown,
    State,
    UsedUp,
    advance,
    diagram,
    replay,
)
from tests.approvals.samples import NOW, asked, granted

DOCS = Path(__file__).parents[2] / "docs/approvals.md"
EVENTS: dict[Move, Happened] = {
    Move.SHOWN: Shown(NOW, "operator:ann", "cli"),
    Move.APPROVED: Approved(NOW, "operator:ann", "cli"),
    Move.GRANTED: Granted(NOW, 1, NOW + 1),
    Move.REFUSED: Refused(NOW, "operator:ann", "cli"),
    Move.EXPIRED: Expired(NOW),
    Move.REDEEMED: Redeemed(NOW, "a"),
    Move.USED_UP: UsedUp(NOW),
    Move.REVOKED: Revoked(NOW, "operator:ann", "cli"),
}


def test_every_state_has_a_row_and_the_final_ones_an_empty_one() -> None:
    assert set(MOVES) == set(State)
    assert {state for state in State if state.is_final} == {
        State.REFUSED,
        State.EXPIRED,
        State.USED_UP,
        State.REVOKED,
    }


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_a_move_that_is_not_in_the_table_is_refused(state: State, move: Move) -> None:
    approval = msgspec.structs.replace(asked(), state=state)
    if (after := MOVES[state].get(move)) is not None:
        assert advance(approval, EVENTS[move]).state is after
    else:
        with pytest.raises(IllegalMove, match=f"is {state}: it cannot be {move}"):
            advance(approval, EVENTS[move])


def test_nothing_happens_to_what_was_never_asked() -> None:
    with pytest.raises(IllegalMove, match="never asked"):
        replay([("ap_1", EVENTS[Move.SHOWN])])
    assert granted().state is State.GRANTED


def test_the_diagram_in_the_docs_is_the_table() -> None:
    assert f"```mermaid\n{diagram()}\n```" in DOCS.read_text("utf-8")
