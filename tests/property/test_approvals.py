"""Approvals under everything that people, agents, clocks and restarts can do to them at once.

Whatever happens: an approval is used at most as often as it says, only after as many people said yes as it needs, never
after its end; and the ledger alone gives the same state as the store.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ostiary.approvals import Approval, Asked, Binding, NotPossible, Pattern, Question, State
from ostiary.asking.questions import Reply
from ostiary.model import ApprovalTerms
from tests.approvals.samples import BOUND, SECOND, other
from tests.asking.questions import Clock, Office

PEOPLE = ("operator:ann", "local:ann", "operator:ann", "operator:bob", "grant:agent")
CALLS = ("a", "b")
Action = Callable[[Office], Awaitable[Any]]


class Process:
    """A process on the state directory, as far as one thread with its own event loop and connection is one."""

    def __init__(self, state: Path, clock: Clock) -> None:
        self.thread = ThreadPoolExecutor(1)
        self.runner = asyncio.Runner()
        self.office = self.thread.submit(Office, state, clock).result()

    def begin(self, actions: Sequence[Action]) -> Future[list[Any]]:
        """Start doing all of it; what is not possible gives None."""

        async def attempt(action: Action) -> Any:
            try:
                return await action(self.office)
            except NotPossible:
                return None

        async def together() -> list[Any]:
            return await asyncio.gather(*map(attempt, actions))

        return self.thread.submit(self.runner.run, together())

    def close(self) -> None:
        self.thread.submit(self.office.close).result()
        self.thread.submit(self.runner.close).result()
        self.thread.shutdown()


class Approvals(RuleBasedStateMachine):
    """Two processes on one state directory; each may end and begin anew at any time."""

    @initialize(approvers=st.integers(1, 2), uses=st.integers(1, 2))
    def begin(self, approvers: int, uses: int) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.terms = ApprovalTerms(approvers=approvers, uses=uses, timeout=60 * SECOND, valid_for=60 * SECOND)
        self.redeemed: Counter[str] = Counter()
        self.count = 0
        self.processes = [self.opened(), self.opened()]

    def opened(self) -> Process:
        return Process(Path(self.directory.name) / "state", self.clock)

    def run(self, *actions: tuple[int, Action]) -> list[Any]:
        """Do all of it at once, each in its process, and give the answers in their order."""
        under_way = [
            process.begin([action for number, action in actions if number == index])
            for index, process in enumerate(self.processes)
        ]
        answers = [iter(each.result()) for each in under_way]
        return [next(answers[number]) for number, _ in actions]

    def lives(self) -> list[Approval]:
        async def cases(office: Office) -> list[Approval]:
            return [case.approval for case in await office.store.cases()]

        lives: list[Approval] = self.run((0, cases))[0]
        return lives

    def pick(self, data: st.DataObject, wanted: State | None = None) -> str:
        """Mostly an approval that something can still happen to, in the wanted state if there is one."""
        lives = self.lives()
        alive = [life.id for life in lives if not life.state.is_final and wanted in (None, life.state)]
        ids = alive or [life.id for life in lives] or ["ap_none"]
        return ids[data.draw(st.integers(0, 99)) % len(ids)]

    @rule(process=st.integers(0, 1), arguments=st.sampled_from(CALLS), times=st.integers(1, 3))
    def ask(self, process: int, arguments: str, times: int) -> None:
        bound = other(arguments=arguments)

        def asking(number: int) -> Action:
            async def ask(office: Office) -> None:
                await office.questions.standing(bound)
                asked = Asked(self.clock.now(), bound, self.terms, "/r")
                await office.questions.ask(f"ap_{number}", asked, Question("{}"), None)

            return ask

        first, self.count = self.count + 1, self.count + times
        self.run(*((process, asking(number)) for number in range(first, first + times)))

    @rule(
        data=st.data(),
        by=st.sampled_from(PEOPLE),
        is_yes=st.sampled_from((True, True, True, False)),
        uses=st.integers(1, 3) | st.none(),
    )
    def answer(self, data: st.DataObject, by: str, is_yes: bool, uses: int | None) -> None:
        id = self.pick(data)
        where = data.draw(st.sampled_from((None, "true")))
        reply = Reply(by, "cli", is_yes, pattern=Pattern(uses=uses, where=where))
        before = {life.id: life for life in self.lives()}.get(id)
        done = self.run((data.draw(st.integers(0, 1)), lambda office: office.questions.answer(id, reply)))
        if done[0] is not None:
            assert before is not None
            assert before.state.is_open
            assert self.clock.now() < before.until

    @rule(data=st.data(), by=st.sampled_from(PEOPLE))
    def show(self, data: st.DataObject, by: str) -> None:
        id = self.pick(data)
        self.run((1, lambda office: office.questions.show(id, by, "cli")))

    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        id = self.pick(data)
        self.run((1, lambda office: office.questions.revoke(id, "operator:eve", "cli")))

    @rule(data=st.data(), arguments=st.sampled_from(CALLS), times=st.integers(1, 4))
    def use(self, data: st.DataObject, arguments: str, times: int) -> None:
        id = self.pick(data, State.GRANTED)
        bound = other(arguments=arguments)
        before = {life.id: life for life in self.lives()}.get(id)
        done = self.run(*((number % 2, self.using(id, bound)) for number in range(times)))
        used = sum(case is not None for case in done)
        self.redeemed[id] += used
        if used:
            assert before is not None
            assert before.state is State.GRANTED
            assert before.leave is not None
            assert self.clock.now() < before.until
            assert before.bound == bound or before.leave.where

    @rule(data=st.data(), by=st.permutations(PEOPLE), times=st.integers(1, 5))
    def approve_and_use(self, data: st.DataObject, by: list[str], times: int) -> None:
        """Everybody says yes, one after the other, and then its own call comes, often and from both sides."""
        id = self.pick(data)
        for person in by:
            reply = Reply(person, "cli", True)
            self.run((0, lambda office, reply=reply: office.questions.answer(id, reply)))  # type: ignore[misc]
        bound = {life.id: life.bound for life in self.lives()}.get(id, BOUND)
        done = self.run(*((number % 2, self.using(id, bound)) for number in range(times)))
        self.redeemed[id] += sum(case is not None for case in done)

    @rule(data=st.data(), arguments=st.sampled_from(CALLS))
    def race(self, data: st.DataObject, arguments: str) -> None:
        """Yes, no, taking back, expiring and using, all at once in both processes."""
        id = self.pick(data)
        bound = other(arguments=arguments)
        actions: list[Action] = [
            self.using(id, bound),
            self.using(id, bound),
            lambda office: office.questions.answer(id, Reply("operator:ann", "cli", True)),
            lambda office: office.questions.answer(id, Reply("operator:bob", "cli", False)),
            lambda office: office.questions.revoke(id, "operator:eve", "cli"),
            lambda office: office.questions.expire(),
        ]
        chosen = data.draw(st.permutations(range(len(actions))))
        done = self.run(*((number % 2, actions[number]) for number in chosen))
        self.redeemed[id] += sum(
            case is not None for number, case in zip(chosen, done, strict=True) if number in (0, 1)
        )

    def using(self, id: str, bound: Binding) -> Action:
        return lambda office: office.questions.redeem(id, bound, None, lambda where: where == "true")

    @rule(seconds=st.sampled_from((1, 30, 60, 61)))
    def pass_time(self, seconds: int) -> None:
        self.clock.time += seconds * SECOND

    @rule(process=st.integers(0, 1))
    def expire(self, process: int) -> None:
        self.run((process, lambda office: office.questions.expire()))

    @precondition(lambda self: hasattr(self, "processes"))
    @rule(process=st.integers(0, 1))
    def restart(self, process: int) -> None:
        self.processes[process].close()
        self.processes[process] = self.opened()

    @invariant()
    def the_ledger_alone_gives_the_same_state(self) -> None:
        if hasattr(self, "processes"):
            assert self.processes[0].office.replayed() == {life.id: life for life in self.lives()}

    @invariant()
    def nothing_is_used_more_often_or_by_fewer_than_it_says(self) -> None:
        if not hasattr(self, "processes"):
            return
        for life in self.lives():
            assert life.uses == self.redeemed[life.id]
            names = {yes.by.partition(":")[2] for yes in life.approved}
            assert len(names) == len(life.approved)
            assert BOUND.principal not in {yes.by for yes in life.approved}
            if life.leave is not None:
                assert len(names) == self.terms.approvers
                assert life.uses <= life.leave.uses
            else:
                assert life.uses == 0

    def teardown(self) -> None:
        if hasattr(self, "processes"):
            for process in self.processes:
                process.close()
            self.directory.cleanup()


TestApprovals = Approvals.TestCase
TestApprovals.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
