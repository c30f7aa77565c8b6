"""What every store of approvals promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from ostiary.approvals import Approval, Case, NotPossible, Question, State, UsedUp, answer, expire, redeem
from ostiary.model import Demand, Limit, Reservation
from ostiary.ports import ApprovalStore
from ostiary.stores.approvals import SqliteApprovals
from ostiary.stores.database import Database
from ostiary.stores.memory_approvals import MemoryApprovals
from tests.approvals.samples import BOUND, NOW, SECOND, asked, other, yes

RESERVED = Reservation("r1", (Demand("k", "/r", Limit(Decimal("5.50"), 60), Decimal("0.10"), "no", "EUR"),), NOW)


def case(id: str = "ap_1", approval: Approval | None = None, at: int = NOW, **bound: str) -> Case:
    life = msgspec.structs.replace(approval or asked(other(**bound)), id=id, asked=at)
    return Case(life, Question('{"amount":0.10}', why=("it pays",), asked_today=3), RESERVED)


@pytest.fixture(params=["memory", "sqlite", "sqlite-twice"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[[], ApprovalStore]]:
    """Opens the store under test. `sqlite-twice` is another connection each time."""
    if request.param == "memory":
        memory = MemoryApprovals()
        yield lambda: memory
        return
    databases = [Database(tmp_path / "state")]
    first = SqliteApprovals(databases[0])

    def again() -> ApprovalStore:
        for database in databases:
            database.flush()
        databases.append(Database(tmp_path / "state"))
        return SqliteApprovals(databases[-1])

    yield again if request.param == "sqlite-twice" else lambda: first
    for database in databases:
        database.close()


Opened = Callable[[], ApprovalStore]


async def test_what_is_kept_is_found_as_it_was(opened: Opened) -> None:
    kept = case()
    assert await opened().ask(kept) == kept
    store = opened()
    assert await store.get("ap_1") == kept
    assert await store.newest(BOUND.key) == kept
    assert await store.cases() == await store.cases(only_open=True) == [kept]
    assert await store.get("ap_2") is None
    assert await store.newest("other") is None
    with pytest.raises(KeyError):
        await store.change("ap_2", lambda _: ())


async def test_an_identical_question_is_put_once(opened: Opened) -> None:
    first = await opened().ask(case())
    assert await opened().ask(case("ap_2")) == first
    assert (await opened().ask(case("ap_3", arguments="b"))).id == "ap_3"
    await opened().change("ap_1", lambda life: expire(life, life.until))
    assert (await opened().ask(case("ap_4", at=NOW + 1))).id == "ap_4"
    newest = await opened().newest(BOUND.key)
    assert newest is not None
    assert newest.id == "ap_4"


async def test_what_happens_is_kept_and_what_is_refused_changes_nothing(opened: Opened) -> None:
    await opened().ask(case())
    changed, events = await opened().change("ap_1", lambda life: answer(life, yes()))
    assert changed.approval.state is State.GRANTED
    assert len(events) == 2
    store = opened()
    assert await store.get("ap_1") == changed
    assert await store.granted(BOUND.family) == [changed]
    assert await store.cases(only_open=True) == []
    with pytest.raises(NotPossible):
        await store.change("ap_1", lambda life: answer(life, yes("operator:bob")))
    assert await opened().get("ap_1") == changed


async def test_of_a_hundred_that_redeem_one_use_one_does(opened: Opened) -> None:
    await opened().ask(case())
    await opened().change("ap_1", lambda life: answer(life, yes()))

    async def use(store: ApprovalStore) -> bool:
        try:
            await store.change("ap_1", lambda life: redeem(life, BOUND, None, NOW + 2 * SECOND))
        except NotPossible:
            return False
        return True

    stores = [opened() for _ in range(4)]
    outcomes = []
    for number in range(100):
        outcomes.append(await use(stores[number % 4]))
        await asyncio.sleep(0)  # a turn of the loop is a transaction
    assert outcomes.count(True) == 1
    found = await opened().get("ap_1")
    assert found is not None
    assert found.approval.uses == 1
    assert found.approval.ending == UsedUp(NOW + 2 * SECOND)


async def test_a_reservation_is_taken_once(opened: Opened) -> None:
    await opened().ask(case())
    assert await opened().take_reservation("ap_1") == RESERVED
    assert await opened().take_reservation("ap_1") is None
    await opened().change("ap_1", lambda life: answer(life, yes()))
    assert await opened().take_reservation("ap_1") is None


async def test_those_whose_time_is_over_are_due_until_they_ended(opened: Opened) -> None:
    await opened().ask(case())
    await opened().ask(case("ap_2", arguments="b"))
    until = asked().until
    await opened().change("ap_2", lambda life: answer(life, yes()))
    assert await opened().due(until - 1) == []
    assert await opened().due(until) == ["ap_1"]
    assert sorted(await opened().due(until + 10**15)) == ["ap_1", "ap_2"]
    await opened().change("ap_1", lambda life: expire(life, until))
    assert await opened().due(until) == []


async def test_a_principals_questions_are_counted(opened: Opened) -> None:
    await opened().ask(case())
    await opened().ask(case("ap_2", arguments="b", at=NOW + 5))
    await opened().ask(case("ap_3", principal="grant:other"))
    assert await opened().count("grant:agent", NOW) == 2
    assert await opened().count("grant:agent", NOW + 1) == 1
    assert [found.id for found in await opened().cases(since=NOW + 1)] == ["ap_2"]


async def test_every_change_is_told_to_whoever_asks(opened: Opened) -> None:
    start, none = await opened().changes(-1)
    assert list(none) == []
    await opened().ask(case())
    await opened().ask(case("ap_2", arguments="b"))
    first, changed = await opened().changes(start)
    assert sorted(changed) == ["ap_1", "ap_2"]
    await opened().change("ap_1", lambda _: ())
    assert list((await opened().changes(first))[1]) == []
    await opened().change("ap_1", lambda life: answer(life, yes()))
    second, changed = await opened().changes(first)
    assert list(changed) == ["ap_1"]
    assert list((await opened().changes(second))[1]) == []


async def test_what_ended_long_ago_is_forgotten_and_cursors_go_on(opened: Opened) -> None:
    for number in range(3):
        await opened().ask(case(f"ap_{number}", arguments=str(number)))
    await opened().change("ap_1", lambda life: expire(life, life.until))
    await opened().change("ap_2", lambda life: expire(life, life.until))
    cursor, _ = await opened().changes(0)
    await opened().forget(NOW)
    assert await opened().get("ap_1") is not None
    await opened().forget(NOW + 1)
    assert await opened().get("ap_1") is None
    assert await opened().get("ap_0") is not None
    await opened().change("ap_0", lambda life: answer(life, yes()))
    assert list((await opened().changes(cursor))[1]) == ["ap_0"]
