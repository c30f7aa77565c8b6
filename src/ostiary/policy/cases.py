"""Policy test files: calls, when they are made, and what a policy must make of them. Docs: docs/policy.md.

A file is `{policy?, tools?, cases}` or a bare list of cases. A case is one step, or `{name?, steps: […]}` whose steps
share counters and a clock. A step is `{call, at?, after?, expect, rule?, reason?, would?, retry_after?}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from ostiary.model import Call, Decision, Effect, Tool
from ostiary.policy.calls import CallReader, read_time
from ostiary.policy.document import Node, Proofreader, read
from ostiary.policy.window import in_words, read_duration

__all__ = ["Case", "CaseFile", "Expected", "Step", "mismatch", "read_case_file"]

START: Final = 1_767_225_600 * 10**9
"""When a case begins that does not say when: 2026-01-01T00:00:00Z."""

_FILE_KEYS: Final = ("policy", "tools", "cases")
_STEP_KEYS: Final = ("call", "at", "after", "expect", "rule", "reason", "would", "retry_after")


class Expected(msgspec.Struct, frozen=True):
    """What a decision must be; None where the case does not say. `reason` is a part of it, `retry_after` in
    nanoseconds."""

    effect: Effect
    rule: str | None = None
    reason: str | None = None
    would: Effect | None = None
    retry_after: int | None = None


class Step(msgspec.Struct, frozen=True):
    call: Call
    expected: Expected
    line: int


class Case(msgspec.Struct, frozen=True):
    name: str
    steps: tuple[Step, ...]
    line: int


class CaseFile(msgspec.Struct, frozen=True):
    """`policy` and `tools` are paths as the file says them, relative to it; `root` is what the cases are read from."""

    policy: str | None
    tools: str | None
    root: Node

    def cases(self, tools: Sequence[Tool], principal: str = "local:you") -> list[Case]:
        """The cases, with definitions for their calls. Raises `ConfigurationError` with everything wrong."""
        proof = Proofreader()
        found: list[Case] = []
        for index, node in enumerate(_list_of(self.root, proof)):
            found.append(_read_case(node, index, CallReader(tools, principal, proof), proof))
        if not found:
            proof.refuse(self.root, "holds no cases", "a case is `{call: {tool, arguments}, expect: allow}`")
        proof.finish()
        return found


def read_case_file(text: str | bytes, file: str) -> CaseFile:
    """The file, its cases not yet read. Raises `ConfigurationError`."""
    root = read(text, file)
    if isinstance(root.value, list):
        return CaseFile(None, None, root)
    proof = Proofreader()
    fields = proof.fields(root, _FILE_KEYS, required=("cases",), expected="cases: a list, or a mapping with `cases`")
    policy = proof.text(fields["policy"]) if "policy" in fields else None
    tools = proof.text(fields["tools"]) if "tools" in fields else None
    proof.finish()
    return CaseFile(policy, tools, fields["cases"])


def mismatch(expected: Expected, decision: Decision) -> str | None:
    """What is not as expected, in one line; None where everything is."""
    wait = None if decision.retry_after_ms is None else decision.retry_after_ms * 10**6
    pairs = (
        ("decision", expected.effect.value, decision.effect.value),
        ("rule", expected.rule, decision.rule),
        ("would", expected.would and expected.would.value, decision.would and decision.would.value),
        ("retry_after", _seconds(expected.retry_after), _seconds(wait)),
    )
    wrong = [f"{what} {want}, found {found}" for what, want, found in pairs if want is not None and want != found]
    if expected.reason is not None and expected.reason not in decision.reason:
        wrong.append(f"a reason with `{expected.reason}` in it, found `{decision.reason}`")
    if not wrong:
        return None
    why = "" if decision.effect is Effect.ALLOW else f": {decision.reason}"
    return f"expected {'; '.join(wrong)} ({decision.effect.value} by `{decision.rule}`{why})"


def _seconds(nanoseconds: int | None) -> str | None:
    return None if nanoseconds is None else in_words(nanoseconds) if nanoseconds else "0 seconds"


def _list_of(root: Node, proof: Proofreader) -> list[Node]:
    return proof.sequence(root, "a list of cases") or []


def _read_case(node: Node, index: int, reader: CallReader, proof: Proofreader) -> Case:
    is_several = isinstance(node.value, dict) and "steps" in node.value
    fields = proof.fields(node, ("name", "steps") if is_several else ("name", *_STEP_KEYS), expected="a case")
    name = proof.text(fields["name"]) if "name" in fields else None
    steps: list[Step] = []
    now = START
    if is_several:
        items = proof.sequence(fields["steps"], "a list of steps") or []
        if not items:
            proof.refuse(fields["steps"], "is an empty list", "a case needs a step")
        parts = [(item, proof.fields(item, _STEP_KEYS, expected="a step")) for item in items]
    else:
        parts = [(node, {key: member for key, member in fields.items() if key != "name"})]
    for item, members in parts:
        step = _read_step(item, members, now, reader, proof)
        if step is not None:
            steps.append(step)
            now = step.call.at
    return Case(name or _name_of(index, steps), tuple(steps), node.line)


def _name_of(index: int, steps: Sequence[Step]) -> str:
    tools = ", ".join(dict.fromkeys(step.call.tool.name for step in steps))
    return f"case {index + 1}: {tools}"


def _read_step(node: Node, fields: Mapping[str, Node], now: int, reader: CallReader, proof: Proofreader) -> Step | None:
    if not isinstance(node.value, dict):
        return None
    for key in ("call", "expect"):
        if key not in fields:
            proof.refuse(node, f"`{key}` is missing")
    moment = _moment(fields, now, proof)
    call = reader.read(fields["call"], moment) if "call" in fields else None
    effect = proof.choice(fields["expect"], list(Effect), "decision") if "expect" in fields else None
    would = proof.choice(fields["would"], list(Effect), "decision") if "would" in fields else None
    expected = Expected(
        Effect(effect or "deny"),
        proof.text(fields["rule"]) if "rule" in fields else None,
        proof.text(fields["reason"]) if "reason" in fields else None,
        Effect(would) if would else None,
        read_duration(fields["retry_after"], proof) if "retry_after" in fields else None,
    )
    if call is not None and call.at < now and now != START:
        proof.refuse(node, "is made before the step before it", "time only goes on within a case")
    return None if call is None else Step(call, expected, node.line)


def _moment(fields: Mapping[str, Node], now: int, proof: Proofreader) -> int:
    if "at" in fields and "after" in fields:
        proof.refuse(fields["after"], "`after` beside `at`", "remove one")
    if "at" in fields:
        return read_time(fields["at"], proof) or now
    return now + (read_duration(fields["after"], proof) or 0) if "after" in fields else now
