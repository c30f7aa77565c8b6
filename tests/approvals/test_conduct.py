"""Who may answer, what an answer allows, and what it does not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ostiary.approvals import (
    Approval,
    Expired,
    Granted,
    NotPossible,
    Redeemed,
    Refused,
    Revoked,
    State,
    UsedUp,
    answer,
    expire,
    redeem,
    revoke,
    show,
)
from tests.approvals.samples import BOUND, NOW, SECOND, after, asked, granted, other, yes

MINUTE = 60 * SECOND


def use(approval: Approval, bound: Any = BOUND, cost: Any = None, at: int = NOW + 2 * SECOND, holds: Any = None) -> Any:
    return redeem(approval, bound, cost, at, holds)


def test_one_yes_grants_one_use_for_a_while() -> None:
    approval = granted()
    assert approval.leave == Granted(NOW + SECOND, 1, NOW + SECOND + 15 * MINUTE)
    events = use(approval)
    assert events == (Redeemed(NOW + 2 * SECOND, BOUND.arguments), UsedUp(NOW + 2 * SECOND))
    used = after(approval, *events)
    with pytest.raises(NotPossible, match="approval ap_1 cannot be used: it is used up"):
        use(used)


def test_one_no_is_enough_and_final() -> None:
    approval = asked(approvers=2)
    refused = after(approval, *answer(approval, Refused(NOW, "operator:ann", "cli", "not on a Friday")))
    assert refused.state is State.REFUSED
    with pytest.raises(NotPossible, match="operator:ann refused it: not on a Friday"):
        answer(refused, yes("operator:bob"))
    with pytest.raises(NotPossible, match="refused"):
        use(refused)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"principal": "grant:other"}, "for somebody else"),
        ({"server": "other"}, "another server"),
        ({"tool": "refund"}, "another tool"),
        ({"arguments": "b" * 64}, "the arguments are not those"),
        ({"definition": "e" * 64}, "definition has changed"),
        ({"policy": "q" * 64}, "policy has changed"),
    ],
)
def test_it_is_bound_to_everything_that_makes_the_call(changes: dict[str, str], why: str) -> None:
    with pytest.raises(NotPossible, match=why):
        use(granted(), other(**changes))
    if "arguments" not in changes:
        with pytest.raises(NotPossible, match=why):
            use(granted(where="true"), other(**changes), holds=lambda _: True)


def test_it_needs_as_many_people_as_it_says_and_never_the_caller() -> None:
    approval = asked(approvers=2)
    approval = after(approval, *answer(approval, yes("operator:ann")))
    assert approval.state is State.ANSWERED
    for by in ("operator:ann", "local:ann"):
        with pytest.raises(NotPossible, match="has already approved ap_1; 1 more must"):
            answer(approval, yes(by))
    with pytest.raises(NotPossible, match="made this call: somebody else has to answer"):
        answer(approval, yes("grant:agent"))
    with pytest.raises(NotPossible, match="nobody has decided yet"):
        use(approval)
    assert after(approval, *answer(approval, yes("operator:bob"))).state is State.GRANTED


def test_the_agents_own_client_answers_only_where_policy_accepts_that() -> None:
    with pytest.raises(NotPossible, match="outside the agent's own client"):
        answer(asked(), yes("grant:agent", via="client"))
    assert len(answer(asked(assurance="client"), yes("grant:agent", via="client"))) == 2


def test_an_unanswered_question_and_an_unused_leave_expire() -> None:
    approval = asked(timeout=MINUTE)
    assert expire(approval, NOW + MINUTE - 1) == ()
    ended = after(approval, *expire(approval, NOW + MINUTE))
    assert ended.ending == Expired(NOW + MINUTE)
    assert expire(ended, NOW + 2 * MINUTE) == ()
    with pytest.raises(NotPossible, match="it expired unanswered"):
        answer(ended, yes())
    with pytest.raises(NotPossible, match="has expired"):
        use(granted(), at=NOW + SECOND + 15 * MINUTE)


def test_what_was_revoked_is_of_no_use() -> None:
    ended = after(granted(), *revoke(granted(), "operator:bob", "cli", NOW + 2 * SECOND))
    assert isinstance(ended.ending, Revoked)
    with pytest.raises(NotPossible, match="operator:bob revoked it"):
        use(ended)
    with pytest.raises(NotPossible, match="cannot be revoked: operator:bob revoked it"):
        revoke(ended, "operator:bob", "cli", NOW)


def test_a_pattern_covers_other_arguments_that_it_holds_of() -> None:
    approval = granted(uses=3, where='args.env == "staging"', valid_for=60 * MINUTE)
    assert use(approval, other(arguments="b" * 64), holds=lambda where: where == 'args.env == "staging"')
    with pytest.raises(NotPossible, match="the arguments are not those"):
        use(approval, other(arguments="b" * 64), holds=lambda _: False)
    with pytest.raises(NotPossible, match="the arguments are not those"):
        use(approval, other(arguments="b" * 64))


def test_what_several_people_allow_is_what_all_of_them_allow() -> None:
    approval = asked(approvers=2)
    approval = after(approval, *answer(approval, yes("operator:ann", uses=9, where="a", valid_for=9 * MINUTE)))
    _, leave = answer(approval, yes("operator:bob", uses=5, where="b", valid_for=30 * MINUTE))
    assert leave == Granted(NOW + SECOND, 5, NOW + SECOND + 9 * MINUTE, ("a", "b"))
    _, leave = answer(approval, yes("operator:bob"))
    assert leave == Granted(NOW + SECOND, 1, NOW + SECOND + 9 * MINUTE)


def test_a_spend_is_for_all_uses_together() -> None:
    approval = granted(asked(cost=Decimal(40)), uses=9, spend=Decimal(100), where="true")
    approval = after(approval, *use(approval, cost=Decimal(40)))
    with pytest.raises(NotPossible, match="allows 100 in all, and 40 of it are spent"):
        use(approval, cost=Decimal(61))
    with pytest.raises(NotPossible, match="100 in all"):
        use(approval)
    assert after(approval, *use(approval, cost=Decimal(60))).state is State.USED_UP


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ({"uses": 0}, "at least 1 use"),
        ({"spend": Decimal(5)}, "no budget in its rule"),
    ],
)
def test_a_pattern_that_means_nothing_is_refused(pattern: dict[str, Any], why: str) -> None:
    with pytest.raises(NotPossible, match=why):
        granted(**pattern)
    with pytest.raises(NotPossible, match="this call alone spends 40"):
        granted(asked(cost=Decimal(40)), spend=Decimal(39))


def test_being_shown_is_told_once_for_each_person_while_it_matters() -> None:
    approval = after(asked(), *show(asked(), "operator:ann", "cli", NOW))
    assert approval.state is State.SHOWN
    assert show(approval, "operator:ann", "api", NOW) == ()
    assert len(show(approval, "operator:bob", "api", NOW)) == 1
    assert show(granted(), "operator:bob", "api", NOW) == ()
