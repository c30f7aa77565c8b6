"""A case in words: the same facts wherever a person meets it."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from ostiary.approvals.approval import Approval
from ostiary.approvals.case import Case
from ostiary.approvals.conduct import why_ended
from ostiary.approvals.event import Pattern
from ostiary.approvals.readable import visible
from ostiary.approvals.state import State

__all__ = ["ago", "as_json", "facts", "headline", "standing"]

Facts: TypeAlias = "list[tuple[str, str]]"
_SECOND = 10**9


def headline(case: Case) -> str:
    """What is asked, in one line."""
    bound = case.approval.bound
    return f"{visible(bound.principal)} wants to call {visible(bound.tool)} on {visible(bound.server)}"


def facts(case: Case, now: int) -> Facts:
    """Everything but the arguments, as names and values; every value is safe to show."""
    life, question = case.approval, case.question
    risk = " ".join(word for word in (question.severity, question.risk_class) if word)
    told = [
        ("approval", f"{life.id}, {standing(life, now)}"),
        ("server", life.bound.server),
        ("tool", life.bound.tool),
        ("described as", question.description),
        ("risk", f"{risk}. {' '.join(question.why)}".strip() if risk else ""),
        ("agent", f"{life.bound.principal}{f' ({question.agent})' if question.agent else ''}"),
        ("client", question.client),
        ("rule", life.rule),
        ("reason", question.reason),
        ("spends", "" if life.cost is None else f"{life.cost:f}"),
        ("asked", f"{ago(now - life.asked)} ago; question {question.asked_today} of this agent today"),
        ("needs", f"{life.needed} more of {life.terms.approvers}" if life.state.is_open else ""),
        ("approved by", ", ".join(f"{one.by}{_widened(one.pattern)}" for one in life.approved)),
    ]
    return [(name, visible(value)) for name, value in told if value]


def standing(life: Approval, now: int) -> str:
    """Where it stands, and until when."""
    if life.state.is_open:
        return f"open for {ago(life.until - now)}" if life.until > now else "over"
    if life.state is State.GRANTED and life.leave is not None:
        uses = life.leave.uses - life.uses
        left = f"{uses} use{'' if uses == 1 else 's'} left"
        return f"granted, {left} for {ago(life.until - now)}" if life.until > now else "granted, but over"
    return visible(why_ended(life)).removeprefix("it ")


def ago(nanoseconds: int) -> str:
    """A length of time in its two largest units."""
    seconds = max(0, nanoseconds) // _SECOND
    for unit, size, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if seconds >= size:
            rest = seconds % size // part
            return f"{seconds // size} {unit} {rest} {smaller}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"


def as_json(case: Case, now: int) -> dict[str, Any]:
    """The case as programs read it; `arguments` is the call's own JSON."""
    life: dict[str, Any] = msgspec.to_builtins(case.approval)
    question: dict[str, Any] = msgspec.to_builtins(case.question)
    bound = life.pop("bound")
    return {
        **{key: bound[key] for key in ("server", "tool", "principal")},
        **life,
        **question,
        "arguments": msgspec.Raw(case.question.arguments.encode()),
        "bound": bound,
        "standing": standing(case.approval, now),
    }


def _widened(pattern: Pattern) -> str:
    parts = [
        f"uses {pattern.uses}" if pattern.uses else "",
        f"for {ago(pattern.valid_for)}" if pattern.valid_for else "",
        f"where {pattern.where}" if pattern.where else "",
        f"spend {pattern.spend:f}" if pattern.spend is not None else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f" [{said}]" if said else ""
