"""Agents play the script through the official SDK, and every call is judged by three witnesses: the answer, the ledger,
and what arrived at AWS and Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from mcp import Client

from ostiary.demo.person import Person
from ostiary.demo.play import Answer, read
from ostiary.demo.verdict import UNKNOWN, Recorded, Verdict, account_problems
from ostiary.model import Effect
from tests.aws.script import Chapter, Step
from tests.aws.world import World

Clients = Mapping[tuple[str, str], Client]
"""Who is connected, by agent and server."""

NO_SUCH_TOOL = Answer(f"Unknown tool: {UNKNOWN}", True, None)
"""What each of the four servers says to a call of a tool that it does not have."""


class Observation(msgspec.Struct, frozen=True):
    """One call as it went. `command` is what a person typed before it, None where nobody did."""

    step: Step
    answer: Answer
    reached: tuple[str, ...]
    command: str | None


async def play(chapters: Sequence[Chapter], clients: Clients, world: World, person: Person) -> tuple[Observation, ...]:
    """Make every call, one after the other. A person's word is about the newest call that was held. Raises
    `OstiaryError` where it is not taken."""
    seen: list[Observation] = []
    waiting: str | None = None
    for step in _steps(chapters):
        command = None
        if step.word is not None and waiting is not None:
            command = await asyncio.to_thread(person.answer, waiting, step.word)
        for _ in range(step.times):
            world.reached()
            answer = read(await clients[step.agent, step.server].call_tool(step.tool, dict(step.arguments)))
            waiting = answer.approval or waiting
            seen.append(Observation(step, answer, world.reached(), command))
    return tuple(seen)


def _steps(chapters: Sequence[Chapter]) -> Iterator[Step]:
    return (step for chapter in chapters for step in chapter.steps)


def judge(observations: Sequence[Observation], records: Sequence[Recorded]) -> tuple[Verdict[Observation], ...]:
    """Every call beside its record, which are in the same order. Raises `ValueError` where they are not as many."""
    return tuple(
        Verdict(observation, recorded, tuple(_problems(observation, recorded)))
        for observation, recorded in zip(observations, records, strict=True)
    )


def _problems(observation: Observation, recorded: Recorded) -> Iterator[str]:
    step, answer = observation.step, observation.answer
    yield from account_problems(step, answer, observation.command, recorded, NO_SUCH_TOOL)
    if observation.reached != step.reaches:
        yield f"expected {step.reaches or 'nothing'} behind the gate, there arrived {observation.reached or 'nothing'}"
    if step.lacks is not None and step.lacks in answer.text:
        yield "a secret is in the answer"
    outcome = None if step.effect is not Effect.ALLOW else "failed" if step.is_failure else "returned"
    if recorded.outcome != outcome:
        yield f"expected the ledger to say {outcome}, it says {recorded.outcome}"


def problems(verdicts: Sequence[Verdict[Observation]]) -> list[str]:
    """Everything that is not as expected, with the call it is about."""
    return [
        f"{verdict.observation.step.server} {verdict.observation.step.tool}: {problem}; it answered "
        f"`{verdict.observation.answer.text[:200]}`"
        for verdict in verdicts
        for problem in verdict.problems
    ]
