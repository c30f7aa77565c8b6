"""The agent: the script played through the official SDK client, and what was really seen of each call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from mcp import Client
from mcp.types import CallToolResult, TextContent

from ostiary.demo.desk import CUSTOMERS, Snapshot, look
from ostiary.demo.person import Person
from ostiary.demo.script import STEPS, Step
from ostiary.model import JSONObject

DECISION = "dev.ostiary/decision"


class Answer(msgspec.Struct, frozen=True):
    """What the agent reads; `decision` is what the gate says of itself in `_meta`, None where it says nothing."""

    text: str
    is_error: bool
    decision: JSONObject | None

    @property
    def approval(self) -> str | None:
        """The approval that the call waits for, None where it waits for none."""
        id = (self.decision or {}).get("approvalId")
        return id if isinstance(id, str) else None


class Observation(msgspec.Struct, frozen=True):
    """One call as it went: the answer, and the database file just before and just after. `command` is what a person
    typed before it, None where nobody did."""

    step: Step
    answer: Answer
    before: Snapshot
    after: Snapshot
    command: str | None = None

    @property
    def statements(self) -> int:
        return self.after.statements - self.before.statements

    @property
    def has_changed_rows(self) -> bool:
        still = msgspec.structs.replace(self.before, statements=self.after.statements)
        return still != self.after


class Play(msgspec.Struct, frozen=True):
    """One run of the whole script: the tools that the agent was shown, and every call."""

    tools: tuple[str, ...]
    observations: tuple[Observation, ...]

    @property
    def first(self) -> Snapshot:
        return self.observations[0].before

    @property
    def last(self) -> Snapshot:
        return self.observations[-1].after

    @property
    def people_read(self) -> int:
        """How many customers' addresses were in any answer."""
        texts = [observation.answer.text for observation in self.observations]
        return sum(any(email in text for text in texts) for _, _, email, _ in CUSTOMERS)


async def play(client: Client, database: Path, person: Person | None = None) -> Play:
    """Play the script through a connected client. `database` is the file behind whatever the client talks to.

    `person` answers what a call was held for, before the agent makes it again. None where no gate asks anybody: then
    the agent makes each call once. Raises `OstiaryError` where an answer is not taken.
    """
    listed = await client.list_tools()
    observations: list[Observation] = []
    for step in STEPS:
        command = None
        if step.word is not None:
            if person is None:
                continue
            approval = observations[-1].answer.approval
            command = approval and await asyncio.to_thread(person.answer, approval, step.word)
        before = look(database)
        answer = read(await client.call_tool(step.tool, dict(step.arguments)))
        observations.append(Observation(step, answer, before, look(database), command))
    return Play(tuple(tool.name for tool in listed.tools), tuple(observations))


def read(result: CallToolResult) -> Answer:
    """What a model gets to read of a result, on one line."""
    text = " ".join(" ".join(block.text.split()) for block in result.content if isinstance(block, TextContent))
    decision = (result.meta or {}).get(DECISION)
    return Answer(text, result.is_error, decision if isinstance(decision, dict) else None)
