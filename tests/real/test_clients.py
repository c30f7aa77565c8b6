"""A home with real clients' configurations of real servers: `ostiary init`, then each entry started exactly as its
client would start it, and undone."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from ostiary.clients.documents.json import JsonDocument
from tests.cli.machine import Machine
from tests.processes import listening
from tests.real import servers
from tests.real.agent import Agent, Call, Stdio, Visit, visit
from tests.real.gate import served
from tests.real.places import installed
from tests.real.scenario import UNKNOWN_TOOL

DECISION: Final = "dev.ostiary/decision"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    home = tmp_path / "home"
    home.mkdir()
    return Machine(home)


def clock() -> tuple[str, list[str]]:
    program, *arguments = servers.clock().command
    return program, arguments


def claude_code(machine: Machine, repository: Path) -> None:
    program, *arguments = servers.git(repository).command
    git = {"type": "stdio", "command": program, "args": arguments, "env": {"GIT_AUTHOR_NAME": "Ann"}}
    machine.write(
        ".claude.json",
        {"numStartups": 3, "mcpServers": {}, "projects": {str(repository): {"mcpServers": {"git": git}}}},
    )


def codex(machine: Machine) -> None:
    program, arguments = clock()
    words = ", ".join(json.dumps(one) for one in arguments)
    machine.write(
        ".codex/config.toml",
        f"# mine\n[mcp_servers.time]\ncommand = '{program}' # the clock\nargs = [{words}]\nenv = {{ TZ = 'UTC' }}\n",
    )


def zed(machine: Machine) -> None:
    program, arguments = clock()
    entry = f'"command": "{program}", // the clock\n\t\t\t"args": {json.dumps(arguments)},'
    machine.write(
        ".config/zed/settings.json",
        f'// Zed\n{{\n\t"context_servers": {{\n\t\t"time": {{\n\t\t\t{entry}\n\t\t}},\n\t}},\n}}\n',
    )


def goose(machine: Machine) -> None:
    program, arguments = clock()
    items = "".join(f"    - {one}\n" for one in arguments)
    machine.write(
        ".config/goose/config.yaml",
        f"extensions:\n  time:\n    type: stdio\n    cmd: {program}  # the clock\n    args:\n{items}    envs: {{}}\n",
    )


def start(
    machine: Machine, command: str, arguments: list[str], env: Mapping[str, str], cwd: Path | None = None
) -> Stdio:
    """What a client of that home starts: the entry as it stands, and nothing of a shell's."""
    return Stdio((command, *arguments), str(cwd or machine.home), {"HOME": str(machine.home), **env})


async def stay(machine: Machine, door: Stdio, *calls: Call) -> Visit:
    return await visit(Agent.MODERN, door, calls, machine.home / "stderr")


def files(machine: Machine) -> dict[Path, bytes]:
    kept = (".claude.json", ".codex/config.toml", ".config/zed/settings.json", ".config/goose/config.yaml")
    return {machine.home / name: (machine.home / name).read_bytes() for name in kept}


async def test_every_client_starts_its_server_behind_the_gate(machine: Machine, tmp_path: Path) -> None:
    repository = servers.new_repository(tmp_path / "shop")
    claude_code(machine, repository)
    codex(machine)
    zed(machine)
    goose(machine)
    before = files(machine)
    stack = machine.run("stack", "--format", "json")
    assert [(one["client"], one["name"], one["state"], one["error"]) for one in stack.document["servers"]] == [
        ("claude-code", "git", "open", None), ("codex", "time", "open", None), ("zed", "time", "open", None),
        ("goose", "time", "open", None),
    ]  # fmt: skip
    done = machine.run("init", "--yes")
    assert done.code == 0, done.err
    told = machine.run("stack", "--format", "json").document["servers"]
    assert {one["state"] for one in told} == {"guarded"}
    assert [one["tools"] for one in told] == [one["tools"] for one in stack.document["servers"]]

    policies = machine.home / ".config/ostiary/policies"
    git = policies / "claude-code-shop-git.yaml"
    git.write_text(
        git.read_text().replace("git_reset: {rate_limit: 30/minute}", "git_reset: {action: deny, reason: Not here}")
    )
    entry = json.loads((machine.home / ".claude.json").read_text())["projects"][str(repository)]["mcpServers"]["git"]
    seen = await stay(
        machine,
        start(machine, entry["command"], entry["args"], entry["env"], repository),
        Call("git_status", {"repo_path": str(repository)}),
        Call("git_reset", {"repo_path": str(repository)}),
    )
    assert "git_status" in seen.tools
    assert (seen.answers[0].is_error, "No commits yet" in seen.answers[0].text) == (False, True)
    assert seen.answers[1].text == "Policy violation: Not here. Do not retry."

    for entry in times(machine):
        seen = await stay(
            machine,
            start(machine, entry["command"], entry["args"], entry["env"]),
            Call("get_current_time", {"timezone": "UTC"}),
            Call(UNKNOWN_TOOL),
        )
        assert [answer.is_error for answer in seen.answers] == [False, True]
        assert seen.answers[1].meta[DECISION]["decision"] == "deny"
    searched = machine.run("ledger", "search", "--format", "json").document
    assert len(searched) >= 8

    undone = machine.run("init", "--undo", "--yes")
    assert undone.code == 0, undone.out
    assert files(machine) == before
    assert git.exists()


def times(machine: Machine) -> Iterator[dict[str, Any]]:
    """The clock as Codex, Zed and Goose have it now, by other readers than ours where there are any."""
    codex = tomllib.loads((machine.home / ".codex/config.toml").read_text())["mcp_servers"]["time"]
    yield codex
    zed: Any = JsonDocument((machine.home / ".config/zed/settings.json").read_text(), "settings.json").data
    yield {"env": {}, **zed["context_servers"]["time"]}
    goose = yaml.safe_load((machine.home / ".config/goose/config.yaml").read_text())["extensions"]["time"]
    yield {"command": goose["cmd"], "args": goose["args"], "env": goose["envs"]}


async def test_an_address_with_a_token_goes_behind_the_gate_and_the_token_on_no_command_line(
    machine: Machine, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\ndefault: allow\n")
    with served(servers.clock(), policy, tmp_path) as door:
        remote = {"type": "http", "url": door.url, "headers": {"Authorization": f"Bearer {door.token}"}}
        file = machine.write(".claude.json", {"mcpServers": {"clock": remote}})
        before = file.read_bytes()
        done = machine.run("init", "--yes")
        assert done.code == 0, done.err
        entry = json.loads(file.read_text())["mcpServers"]["clock"]
        assert (entry["type"], list(entry["env"].values())) == ("stdio", [f"Bearer {door.token}"])
        assert not any(door.token in word for word in entry["args"])
        assert door.token not in (machine.home / ".local/state/ostiary/clients.json").read_text()
        seen = await stay(
            machine,
            start(machine, entry["command"], entry["args"], entry["env"]),
            Call("get_current_time", {"timezone": "UTC"}),
            Call(UNKNOWN_TOOL),
        )
        assert [answer.is_error for answer in seen.answers] == [False, True]
        assert "not permitted by policy" in seen.answers[1].text
        (one,) = machine.run("stack", "--format", "json").document["servers"]
        assert (one["state"], one["tools"]) == ("guarded", {"read": 2})
    machine.run("init", "--undo", "--yes")
    assert file.read_bytes() == before


async def test_a_server_of_the_first_transport_goes_behind_the_gate_too(machine: Machine, free_port: int) -> None:
    script = Path(__file__).resolve().parents[1] / "upstream" / "eras" / "sdk1_server.py"
    with subprocess.Popen([installed("sdk1", "python"), str(script), "sse", str(free_port)]) as process:
        try:
            await listening(free_port)
            remote = {"type": "sse", "url": f"http://127.0.0.1:{free_port}/sse"}
            file = machine.write(".claude.json", {"mcpServers": {"old": remote}})
            done = machine.run("init", "--yes")
            assert done.code == 0, done.err
            entry = json.loads(file.read_text())["mcpServers"]["old"]
            seen = await stay(
                machine,
                start(machine, entry["command"], entry["args"], {}),
                Call("add", {"a": 40, "b": 2}),
                Call(UNKNOWN_TOOL),
            )
            assert seen.answers[0].text == "42"
            assert seen.answers[1].meta[DECISION]["decision"] == "deny"
        finally:
            process.terminate()
