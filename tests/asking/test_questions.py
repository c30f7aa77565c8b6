"""Asking, answering and using approvals: what is kept, what is on record, what is given back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from ostiary.approvals import Case, NotPossible, Pattern, State
from ostiary.asking.coverage import holds_of
from ostiary.asking.questions import TooManyQuestions
from ostiary.asking.waiting import WaitingRoom
from ostiary.model import Call, Client, JSONObject, Principal, Session, Tool
from tests.approvals.samples import BOUND, NOW, SECOND, other
from tests.asking.questions import Office, no, office, yes

MINUTE = 60 * SECOND


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "state") as made:
        yield made


def call(arguments: JSONObject) -> Call:
    who = "grant:agent"
    return Call(Tool("charge", "pay"), arguments, Principal(who), Client(), Session(f"pay/{who}"), NOW)


async def same(office: Office, id: str) -> Case:
    """The case; what the ledger says of its life is what is kept of it."""
    case = await office.store.get(id)
    assert case is not None
    assert office.replayed()[id] == case.approval
    return case


async def test_a_whole_life_is_on_record_and_can_be_replayed(here: Office) -> None:
    case = await here.ask(approvers=2, cost=Decimal("0.10"))
    await here.questions.show(case.id, "operator:ann", "cli")
    await here.questions.answer(case.id, yes(pattern=Pattern(uses=2, where="args.env == 'staging'")))
    await here.questions.answer(case.id, yes("operator:bob", note="fine", pattern=Pattern(spend=Decimal(1))))
    assert (await same(here, case.id)).approval.state is State.GRANTED
    await here.questions.redeem(case.id, BOUND, Decimal("0.10"))
    assert (await same(here, case.id)).approval.state is State.USED_UP
    assert here.kinds() == ["asked", "shown", "approved", "approved", "granted", "redeemed", "used_up"]


async def test_identical_questions_are_put_once_and_their_limits_taken_once(here: Office) -> None:
    first = await here.ask(reservation=await here.reserve(most=3))
    again = await here.ask(reservation=await here.reserve(most=3))
    assert again.id == first.id
    assert here.kinds() == ["asked"]
    await here.questions.answer(first.id, no())
    assert await here.fits(), "what the second had reserved was released, and with the refusal the first one's"


@pytest.mark.parametrize("ending", ["refuse", "revoke", "expire"])
async def test_what_a_question_reserved_is_released_when_it_ends_without_its_call(here: Office, ending: str) -> None:
    case = await here.ask(reservation=await here.reserve())
    assert not await here.fits()
    if ending == "refuse":
        await here.questions.answer(case.id, no())
    elif ending == "revoke":
        await here.questions.revoke(case.id, "operator:ann", "cli")
    else:
        here.clock.time += 10 * MINUTE
        assert await here.questions.expire() == 1
        assert await here.questions.expire() == 0
    assert await here.fits()
    await same(here, case.id)


async def test_an_answer_after_the_time_is_over_ends_the_question_and_says_so(here: Office) -> None:
    case = await here.ask(timeout=MINUTE)
    here.clock.time += MINUTE
    with pytest.raises(NotPossible, match="approval ap_1 came too late: it expired unanswered"):
        await here.questions.answer(case.id, yes())
    assert (await same(here, case.id)).approval.state is State.EXPIRED
    with pytest.raises(NotPossible, match="can no longer be answered: it expired unanswered"):
        await here.questions.answer(case.id, yes())
    assert here.kinds() == ["asked", "expired"]


async def test_a_no_holds_for_a_while_and_then_may_be_asked_again(here: Office) -> None:
    case = await here.ask()
    assert await here.questions.standing(BOUND) == case
    await here.questions.answer(case.id, no(note="not now"))
    with pytest.raises(NotPossible, match=r"operator:ann refused it: not now \(approval ap_1\)"):
        await here.questions.standing(BOUND)
    assert await here.questions.standing(other(arguments="b")) is None
    here.clock.time += 15 * MINUTE
    assert await here.questions.standing(BOUND) is None


async def test_an_agent_asks_so_many_questions_and_no_more(tmp_path: Path) -> None:
    with office(tmp_path / "state", per_hour=2) as here:
        for arguments in ("1", "2"):
            await here.ask(other(arguments=arguments))
        assert (await here.ask(other(arguments="2"))).id == "ap_2", "joining an open question asks nothing"
        with pytest.raises(TooManyQuestions, match="this agent has asked 2 questions within the hour"):
            await here.ask(other(arguments="4"))
        await here.questions.answer("ap_1", no())
        with pytest.raises(TooManyQuestions):
            await here.ask(other(arguments="5"))
        assert (await here.ask(other(principal="grant:other"))).question.asked_today == 1
        here.clock.time += 3600 * SECOND
        assert (await here.ask(other(arguments="6"))).question.asked_today == 3


async def test_a_pattern_covers_what_it_is_true_of(here: Office) -> None:
    case = await here.ask()
    pattern = Pattern(uses=2, where='args.env == "staging"')
    await here.questions.answer(case.id, yes(pattern=pattern))
    staging, production = call({"env": "staging", "n": 2}), call({"env": "production"})
    different = other(arguments="b")
    found = await here.questions.covering(different, None, holds_of(staging))
    assert found is not None
    assert await here.questions.covering(different, None, holds_of(production)) is None
    assert await here.questions.covering(different, None, holds_of(call({}))) is None
    assert await here.questions.covering(other(principal="x"), None, holds_of(staging)) is None
    await here.questions.redeem(case.id, different, None, holds_of(staging))
    await same(here, case.id)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("args.env ==", "ends too early"),
        ("argz.env == 'x'", "did you mean `args.env`"),
        ("args.nope == 1", "there is no `nope`"),
        ("args.env == 'production'", "is not true of the call that approval ap_1 is about"),
        ("'x'", "yields a string"),
        (" " * 3000, "2000 characters"),
    ],
)
async def test_a_pattern_that_cannot_be_meant_is_refused(here: Office, where: str, why: str) -> None:
    case = await here.ask()
    with pytest.raises(NotPossible, match=why):
        await here.questions.answer(case.id, yes(pattern=Pattern(where=where)))
    assert here.kinds() == ["asked"]


async def test_an_unknown_approval_is_said_to_be_unknown(here: Office) -> None:
    with pytest.raises(NotPossible, match=r"there is no approval `ap_\\u001b`"):
        await here.questions.answer("ap_\x1b", yes())


async def test_another_process_sees_it_and_those_who_wait_are_woken(tmp_path: Path) -> None:
    with office(tmp_path / "state") as here, office(tmp_path / "state", clock=here.clock) as there:
        case = await here.ask()
        room = WaitingRoom(here.store)

        async def wait() -> State:
            with room.bell(case.id) as bell:
                while True:
                    found = await here.store.get(case.id)
                    assert found is not None
                    if not found.approval.state.is_open:
                        return found.approval.state
                    await bell.wait(30)

        waiting = [asyncio.ensure_future(wait()) for _ in range(50)]
        await asyncio.sleep(0)
        await there.questions.show(case.id, "operator:ann", "cli")
        await there.questions.answer(case.id, yes())
        states = await asyncio.wait_for(asyncio.gather(*waiting), 120)
        assert states == [State.GRANTED] * 50


async def test_a_hundred_at_once_in_several_processes_use_it_once(tmp_path: Path) -> None:
    with office(tmp_path / "state") as here, office(tmp_path / "state", clock=here.clock) as there:
        case = await here.ask()
        await there.questions.answer(case.id, yes())

        async def use(office: Office) -> bool:
            await asyncio.sleep(0)
            try:
                await office.questions.redeem(case.id, BOUND, None)
            except NotPossible as error:
                assert "used up" in str(error)
                return False
            return True

        used = [await use(office) for office in (here, there)]
        used += await asyncio.gather(*(use(here) for _ in range(98)))
        assert used.count(True) == 1
        assert here.kinds().count("redeemed") == 1
        await same(here, case.id)
