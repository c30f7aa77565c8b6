"""`docs/aws.md`, each step as it is written: what is printed there is typed here, and started as the clients would."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from ostiary.demo.play import read
from tests.aws.fleet import EXAMPLE
from tests.aws.page import Page, typed
from tests.aws.world import World
from tests.real.places import ROOT

PAGE: Final = Page(ROOT / "docs/aws.md")
HOME: Final = "/home/you"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a client's configuration says of the server."""

    command: str
    args: list[str]
    env: Mapping[str, str] = field(default_factory=dict)


def claude_code() -> Entry:
    """As `claude mcp add NAME --env N=V … -- COMMAND…` is read."""
    words = shlex.split(PAGE.block("claude mcp add"))
    at = words.index("--")
    options, command = words[3:at], words[at + 1 :]
    given = [value.partition("=") for name, value in zip(options[1::2], options[2::2], strict=True) if name == "--env"]
    return Entry(command[0], command[1:], {name: value for name, _, value in given})


def cursor() -> Entry:
    return Entry(**json.loads(PAGE.block('{\n  "mcpServers"'))["mcpServers"]["iam"])


def vs_code() -> Entry:
    server = json.loads(PAGE.block('{\n  "servers"'))["servers"]["iam"]
    assert server.pop("type") == "stdio"
    return Entry(**server)


def test_look_and_decide(tmp_path: Path, shell: dict[str, str]) -> None:
    assert "29 tools" in typed(PAGE.block("ostiary scan"), tmp_path, shell)
    assert "in order" in typed(PAGE.block("ostiary check"), tmp_path, shell)
    assert "delete_user" in typed(PAGE.block("echo"), tmp_path, shell)
    assert "ann" in typed(PAGE.block("ostiary operator"), tmp_path, shell)


@pytest.mark.parametrize("client", [claude_code, cursor, vs_code], ids=lambda client: client.__name__)
async def test_the_entry_works_as_written(
    client: Callable[[], Entry], backend: World, tmp_path: Path, shell: dict[str, str]
) -> None:

    entry = client()
    (tmp_path / "iam.yaml").write_text((EXAMPLE / "policies/iam.yaml").read_text())
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "config").write_text(f"[profile agents]\nregion = eu-central-1\nendpoint_url = {backend.cloud.url}\n")
    (aws / "credentials").write_text("[agents]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n")
    words = [word.replace(HOME, str(tmp_path)) for word in entry.args]
    parameters = StdioServerParameters(command=entry.command, args=words, env={**shell, **entry.env}, cwd=tmp_path)
    with (tmp_path / "stderr").open("w") as log:
        async with Client(stdio_client(parameters, log), read_timeout_seconds=60) as agent:
            shown = {tool.name for tool in (await agent.list_tools()).tools}
            groups = read(await agent.call_tool("list_groups", {}))
            admin = read(
                await agent.call_tool("add_user_to_group", {"group_name": "Administrators", "user_name": "ann"})
            )
    assert "delete_user" not in shown
    assert "Administrators" in groups.text
    assert "Nobody joins an administrators' group through an agent" in admin.text
    assert backend.reached() == ("iam:ListGroups",)
    told = typed(PAGE.block("ostiary ledger tail"), tmp_path, shell)
    assert "add_user_to_group" in told
