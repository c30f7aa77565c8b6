"""The AWS Labs servers behind the gate: what the policies of `examples/aws` promise, counted at AWS and Redis."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from ostiary.demo import chain
from ostiary.demo.person import hire
from ostiary.demo.play import read
from ostiary.demo.stand import ostiary, serving
from ostiary.demo.verdict import UNKNOWN
from ostiary.model import Effect
from tests.aws import fleet
from tests.aws.fleet import Fleet
from tests.aws.play import NO_SUCH_TOOL, judge, play, problems
from tests.aws.script import OPERATOR, OTHERS, Chapter
from tests.aws.world import World


async def test_agents_over_http(example: Fleet, backend: World) -> None:
    tokens = fleet.grants(example)
    person = hire(example.config)
    async with AsyncExitStack() as stack:
        stack.enter_context(serving(example.config, example.port, **example.environment))
        clients = {
            who: await stack.enter_async_context(fleet.over_http(example, who[1], token))
            for who, token in tokens.items()
        }
        seen = await play((*OPERATOR, OTHERS), clients, backend, person)
    exported = chain.export(example.config)
    assert problems(judge(seen, chain.calls(chain.parse(exported)))) == []
    assert chain.prove(example.config, exported, "start-migration").is_sound
    steps = [step for chapter in (*OPERATOR, OTHERS) for step in chapter.steps]
    refused = [step for step in steps if step.tool == "put_user_policy" and step.effect is Effect.DENY]
    assert len(searched(example, "--tool", "put_user_policy", "--decision", "deny")) == len(refused) > 0
    assert len(searched(example, "--outcome", "failed")) == sum(step.is_failure for step in steps) == 1


def searched(example: Fleet, *words: str) -> list[str]:
    """The lines that `ostiary ledger search` prints."""
    done = ostiary("ledger", "search", *words, "-c", str(example.config))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("chapter", OPERATOR, ids=lambda chapter: str(chapter.server))
async def test_an_agent_over_stdio(chapter: Chapter, example: Fleet, backend: World) -> None:
    server = str(chapter.server)
    person = hire(example.config)
    async with fleet.over_stdio(example, server) as agent, fleet.bare(example, server) as unguarded:
        seen = await play([chapter], {("operator", server): agent}, backend, person)
        shown = {tool.name for tool in (await agent.list_tools()).tools}
        all = {tool.name for tool in (await unguarded.list_tools()).tools}
        assert read(await unguarded.call_tool(UNKNOWN, {})) == NO_SUCH_TOOL
    exported = chain.export(example.config)
    assert problems(judge(seen, chain.calls(chain.parse(exported)))) == []
    hidden = {step.tool for step in chapter.steps if step.rule.startswith("/hide/")}
    assert hidden <= all - shown
    assert {step.tool for step in chapter.steps} - hidden <= shown
    assert chain.prove(example.config, exported, chapter.steps[3].tool).is_sound
