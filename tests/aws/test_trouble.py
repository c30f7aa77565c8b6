"""Servers that start slowly or not at all, backends that are down, credentials that are lost: what is said of it, and
that nothing happens that should not."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from mcp import MCPError

from ostiary.demo import chain
from ostiary.demo.person import hire
from ostiary.demo.play import Answer, read
from ostiary.demo.script import Word
from ostiary.demo.stand import create_grant, serving
from tests.aws import fleet
from tests.aws.fleet import Fleet
from tests.aws.script import CACHE, MIGRATIONS
from tests.aws.world import World
from tests.real.places import ostiary, pick_port


async def ask(example: Fleet, server: str, *calls: tuple[str, Mapping[str, Any]]) -> list[Answer]:
    """What an agent with a new grant gets for its calls."""
    token = create_grant(example.config, server, "agent")
    async with fleet.over_http(example, server, token) as client:
        return [read(await client.call_tool(tool, dict(arguments))) for tool, arguments in calls]


def outcomes(example: Fleet) -> list[tuple[str, str | None]]:
    return [(call.tool, call.outcome) for call in chain.calls(chain.parse(chain.export(example.config)))]


async def test_what_is_broken_is_said_and_the_others_go_on(example: Fleet, backend: World) -> None:
    example = fleet.change(
        example,
        valkey={"env": {"VALKEY_PORT": str(pick_port())}},
        elasticache={"env": {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{pick_port()}"}},
        iam={"env": {"AWS_PROFILE": "lost"}},
        gone={"command": ["awslabs.no-such-server"], "policy": "policies/iam.yaml"},
        broken={"command": ["sh", "-c", "exit 7"], "policy": "policies/iam.yaml"},
    )
    with serving(example.config, example.port, **example.environment):
        without_redis, flush = await ask(
            example,
            "valkey",
            ("valkey_read", {"command": "GET", "args": ["cart:1"]}),
            ("valkey_admin", {"command": "FLUSHALL", "confirm": True}),
        )
        [without_aws] = await ask(example, "elasticache", ("describe-replication-groups", {}))
        [without_profile, admin] = await ask(
            example,
            "iam",
            ("list_groups", {}),
            ("add_user_to_group", {"group_name": "Administrators", "user_name": "ann", "confirmed": True}),
        )
        for server, says in (("gone", "`awslabs.no-such-server` not found on PATH"), ("broken", "status 7")):
            with pytest.RaisesGroup(pytest.RaisesExc(MCPError, match=says), flatten_subgroups=True):
                await ask(example, server, ("list_groups", {}))
        assert backend.reached() == ()
        [healthy] = await ask(example, "agentcore", ("policy_engine_list", {}))
    assert without_redis.is_error
    assert "Could not connect to the endpoint" in without_aws.text
    assert not without_aws.is_error
    assert without_profile.is_error
    assert "do not flush" in flush.text
    assert "Nobody joins an administrators' group" in admin.text
    assert "shop_orders" in healthy.text
    assert backend.reached() == ("bedrock-agentcore:ListPolicyEngines",)
    assert outcomes(example) == [
        ("valkey_read", "failed"),
        ("valkey_admin", None),
        ("describe-replication-groups", "failed"),
        ("list_groups", "failed"),
        ("add_user_to_group", None),
        ("policy_engine_list", "returned"),
    ]


async def test_an_approval_is_spent_on_a_backend_that_is_down_and_not_tried_again(
    example: Fleet, backend: World
) -> None:
    example = fleet.change(example, elasticache={"env": {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{pick_port()}"}})
    start = next(step for step in MIGRATIONS.steps if step.word is not None)
    person, token = hire(example.config), create_grant(example.config, "elasticache", "agent")
    with serving(example.config, example.port, **example.environment):
        async with fleet.over_http(example, "elasticache", token) as client:
            held = read(await client.call_tool(start.tool, dict(start.arguments)))
            await asyncio.to_thread(person.answer, str(held.approval), Word(True, "tonight"))
            down = read(await client.call_tool(start.tool, dict(start.arguments)))
            again = read(await client.call_tool(start.tool, dict(start.arguments)))
    assert "Could not connect to the endpoint" in down.text
    assert again.approval not in (None, held.approval)
    assert outcomes(example) == [(start.tool, None), (start.tool, "failed"), (start.tool, None)]
    assert backend.reached() == ()


@pytest.mark.parametrize("way", ["run", "serve"])
async def test_a_server_that_starts_slowly_is_waited_for(
    way: str, example: Fleet, backend: World, tmp_path: Path
) -> None:
    """It starts once somebody writes to `go`."""
    go = tmp_path / "go"
    os.mkfifo(go)
    slow = ["sh", "-c", 'cat "$0" >/dev/null; exec "$@"', str(go), *example.servers["valkey"]["command"]]
    example = fleet.change(example, valkey={"command": slow})
    first = CACHE.steps[0]
    answer: asyncio.Future[Answer]
    if way == "run":
        answer = asyncio.ensure_future(_run(example, first.tool, first.arguments))
        await asyncio.to_thread(go.write_text, "")
        assert (await answer).text == '{ "status": "success", "result": "OK" }'
    else:
        with serving(example.config, example.port, **example.environment):
            answer = asyncio.ensure_future(_serve(example, first.tool, first.arguments))
            await asyncio.to_thread(go.write_text, "")
            assert (await answer).text == '{ "status": "success", "result": "OK" }'
    assert backend.reached() == first.reaches
    assert outcomes(example) == [(first.tool, "returned")]


async def _run(example: Fleet, tool: str, arguments: Mapping[str, Any]) -> Answer:
    async with fleet.over_stdio(example, "valkey") as client:
        return read(await client.call_tool(tool, dict(arguments)))


async def _serve(example: Fleet, tool: str, arguments: Mapping[str, Any]) -> Answer:
    [answer] = await ask(example, "valkey", (tool, arguments))
    return answer


def test_a_command_that_is_not_there_is_one_line(example: Fleet) -> None:
    policy = example.directory / "policies/valkey.yaml"
    words = [
        "run",
        "--policy",
        str(policy),
        "--state",
        str(example.directory / "state"),
        "--",
        "awslabs.no-such-server",
    ]
    done = subprocess.run([*ostiary(), *words], input="", capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert "`awslabs.no-such-server` not found on PATH; install it or give its full path" in done.stderr


async def test_a_missing_variable_is_said_before_anything_starts(example: Fleet) -> None:
    environment = {**os.environ, **example.environment}
    del environment["AWS_PROFILE"]
    command = [*ostiary(), "serve", "-c", str(example.config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert done.returncode == 2
    assert "the environment has no variable `AWS_PROFILE`; set it before the start" in done.stderr
