"""Which calls a pattern covers: its `where` is CEL, as in a policy, and has to hold of the call that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ostiary.approvals import Case, NotPossible
from ostiary.model import Call, Client, Principal, Session, Tool
from ostiary.policy.facts import Facts, Unjudgeable
from ostiary.wire.json import parse

LONGEST: Final = 2000


def holds_of(call: Call) -> Callable[[str], bool]:
    """Says of a `where` whether it is true of the call; what cannot be judged is not true."""

    def holds(where: str) -> bool:
        try:
            return _compiled(where)(call)
        except Unjudgeable:
            return False

    return holds


def check_where(where: str, case: Case) -> None:
    """Raises `NotPossible` for what is no condition, and for one that is not true of the very call it is for."""
    from ostiary.policy.expression import ExpressionError

    if len(where) > LONGEST:
        raise NotPossible(f"`where` may have {LONGEST} characters")
    try:
        is_true = _compiled(where)(_call(case))
    except ExpressionError as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise NotPossible(f"`where`: {error}{hint}") from None
    except Unjudgeable as error:
        raise NotPossible(f"`where`: {error}") from None
    if not is_true:
        raise NotPossible(f"`where` is not true of the call that approval {case.id} is about")


@lru_cache(maxsize=256)
def _compiled(where: str) -> Callable[[Call], bool]:
    from ostiary.policy.expression import Expressions

    expressions = Expressions()
    condition = expressions.condition(where)
    return lambda call: condition.holds(Facts(call, expressions))


def _call(case: Case) -> Call:
    """The call as far as it is kept."""
    bound, question = case.approval.bound, case.question
    arguments = parse(question.arguments.encode())
    tool = Tool(
        bound.tool, bound.server, question.description, risk_class=question.risk_class, severity=question.severity
    )
    session = Session(f"{bound.server}/{bound.principal}", case.approval.asked)
    who = Principal(bound.principal, question.agent or None)
    return Call(tool, arguments if isinstance(arguments, dict) else {}, who, Client(), session, case.approval.asked)
