"""`ostiary approvals` and `ostiary operator`, as typed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ostiary.approvals import Case, State
from ostiary.cli.state import local_user
from ostiary.ledger.canonical import encode
from tests.approvals.samples import BOUND, other
from tests.asking.questions import Office, office
from tests.real.places import ostiary

T = TypeVar("T")
ARGUMENTS = encode({"amount": Decimal("40.10"), "env": "staging", "note": "\x1b[2Jpay \u202eevil"}).decode()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


class SystemClock:
    def now(self) -> int:
        import time

        return time.time_ns()


def within(state: Path, work: Callable[[Office], Any]) -> Any:
    async def run() -> Any:
        with office(state, clock=SystemClock()) as here:
            return await work(here)

    return asyncio.run(run())


def ask(state: Path, **more: Any) -> Case:
    case: Case = within(state, lambda here: here.ask(arguments=ARGUMENTS, **more))
    return case


def kept(state: Path, id: str = "ap_1") -> Case:
    case: Case = within(state, lambda here: here.store.get(id))
    return case


def run(state: Path, *words: str, **environ: str) -> tuple[int, str, str]:
    command = [*ostiary(), *words, "--state", str(state)]
    environment = {**os.environ, **environ}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)
    return done.returncode, done.stdout, done.stderr


def approvals(state: Path, *words: str, **environ: str) -> tuple[int, str, str]:
    return run(state, "approvals", *words, **environ)


def test_a_person_sees_everything_that_will_run(state: Path) -> None:
    ask(state)
    code, out, _ = approvals(state, "show", "ap_1")
    assert code == 0
    for part in (BOUND.server, BOUND.tool, BOUND.principal, "/tools/charge", "moves money", "question 1 of this agent"):
        assert part in out
    assert '"amount": 40.10' in out
    assert "\\u001b[2Jpay \\u202eevil" in out
    assert not {"\x1b", "\u202e"} & set(out)
    assert [shown.to for shown in kept(state).approval.shown] == [local_user()]


def test_yes_to_a_pattern_is_kept_as_what_it_is(state: Path) -> None:
    ask(state, cost=Decimal("40.10"))
    words = ("--uses", "5", "--for", "1h", "--where", 'args.env == "staging"', "--spend", "99.50", "--format", "json")
    code, out, error = approvals(state, "approve", "ap_", *words)
    assert (code, error) == (0, "")
    shown = json.loads(out)
    assert shown["state"] == "granted"
    assert shown["arguments"]["note"] == "\x1b[2Jpay \u202eevil"
    leave = kept(state).approval.leave
    assert leave is not None
    assert (leave.uses, leave.where, leave.spend) == (5, ('args.env == "staging"',), Decimal("99.50"))
    assert leave.until - leave.at == 3600 * 10**9


def test_no_with_a_word(state: Path) -> None:
    ask(state)
    code, out, _ = approvals(state, "refuse", "ap_1", "--note", "not on a Friday")
    assert code == 0
    assert "refused it: not on a Friday" in out
    assert approvals(state, "list")[1] == ""
    assert "ap_1" in approvals(state, "list", "--all")[1]


def test_what_was_granted_can_be_taken_back(state: Path) -> None:
    ask(state)
    assert approvals(state, "approve", "ap_1")[0] == 0
    assert approvals(state, "revoke", "ap_1")[0] == 0
    assert kept(state).approval.state is State.REVOKED


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("approve", "ap_9"), "there is no approval `ap_9`; `ostiary approvals list --all` shows what there is"),
        (("approve", "ap_1", "--for", "soon"), "--for: `soon` is no time span"),
        (("approve", "ap_1", "--spend", "much"), "--spend: `much` is no amount"),
        (("approve", "ap_1", "--spend", "5"), "there is nothing for `spend` to count"),
        (("approve", "ap_1", "--where", "args.env = 1"), "`where`: CEL"),
        (("approve", "ap_1", "--token", "osto_x_y"), "this operator's token is unknown, expired or revoked"),
    ],
)
def test_what_cannot_be_is_one_clear_line(state: Path, words: tuple[str, ...], why: str) -> None:
    ask(state)
    code, out, error = approvals(state, *words)
    assert (code, out) == (2, "")
    assert why in error
    assert error.count("\n") == 1
    assert kept(state).approval.state in (State.ASKED, State.SHOWN)


def test_nobody_approves_what_they_called_themselves_but_an_operator_does(state: Path) -> None:
    ask(state, bound=other(principal=local_user()))
    code, _, error = approvals(state, "approve", "ap_1")
    assert code == 2
    assert "made this call: somebody else has to answer" in error
    issued = json.loads(run(state, "operator", "create", "--name", "ann", "--format", "json")[1])
    code, out, _ = approvals(state, "approve", "ap_1", OSTIARY_OPERATOR=issued["token"])
    assert code == 0
    assert "operator:ann" in out
    assert "ann\tlive" in run(state, "operator", "list")[1]
    assert run(state, "operator", "revoke", "ann")[0] == 0
    code, _, error = approvals(state, "revoke", "ap_1", OSTIARY_OPERATOR=issued["token"])
    assert code == 2
    assert "revoked" in error


def test_figures(state: Path) -> None:
    ask(state)
    approvals(state, "approve", "ap_1")
    code, out, _ = approvals(state, "figures", "--format", "json")
    assert code == 0
    (figures,) = json.loads(out)
    assert (figures["rule"], figures["asked"], figures["approved"], figures["quick"]) == ("/tools/charge", 1, 1, 1)


def test_watching_in_a_pipe_is_a_line_for_each_change(state: Path) -> None:
    ask(state)
    command = [*ostiary(), "approvals", "watch", "--state", str(state)]
    watching = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    assert watching.stdout.readline().startswith("ap_1\tgrant:agent\tpay/charge\t")
    approvals(state, "refuse", "ap_1")
    assert "refused it" in watching.stdout.readline()
    watching.terminate()
    watching.wait(timeout=120)
    watching.stdout.close()


def test_where_nothing_was_asked(tmp_path: Path) -> None:
    code, _, error = approvals(tmp_path / "none", "list")
    assert code == 2
    assert "nothing was asked here; name the state directory with --state or -c" in error
