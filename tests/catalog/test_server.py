"""The catalogue as an MCP server, as a real process: over stdio and HTTP, in both eras, and behind the gate."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import jsonschema_rs
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from ostiary.catalog.scan import Scope
from ostiary.cli.scan_upstreams import scan_command
from ostiary.risk import assess
from tests.real.places import ostiary

PATIENCE: Final = 60
NAMES: Final = ["check_mcp_server", "search_registry", "check_tool", "get_change_events"]
TOOLS: Final = [
    {"name": "get_page", "description": "Gets a page."},
    {"name": "delete_page", "description": "Deletes a page."},
]


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.json"
    info = {"name": "pages-server", "version": "1.2"}
    path.write_text(json.dumps({"server": "pages", "initialize": {"serverInfo": info}, "tools": TOOLS}))
    return path


@asynccontextmanager
async def connected(command: tuple[str, ...], log: Path, mode: str = "auto") -> AsyncIterator[Client]:
    parameters = StdioServerParameters(command=command[0], args=list(command[1:]))
    with log.open("a") as stderr:
        async with Client(stdio_client(parameters, stderr), mode=mode, read_timeout_seconds=PATIENCE) as client:
            yield client


def serving(listed: Path) -> tuple[str, ...]:
    return (*ostiary(), "catalog", "serve", str(listed))


async def asked(client: Client, name: str, /, **arguments: Any) -> CallToolResult:
    result = await client.call_tool(name, arguments)
    assert isinstance(result, CallToolResult)
    return result


async def visit(client: Client) -> None:
    """Every tool is asked, and answers as its schema promises."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert list(tools) == NAMES
    for name, arguments in (
        ("check_mcp_server", {"server": "pages-server"}),
        ("search_registry", {"query": "page", "class": "destructive", "severity": "medium"}),
        ("check_tool", {"tool": "delete_page"}),
        ("get_change_events", {"since": "2026"}),
    ):
        result = await asked(client, name, **arguments)
        assert not result.is_error, result
        schema = tools[name].output_schema
        assert schema is not None
        assert not list(jsonschema_rs.validator_for(schema).iter_errors(result.structured_content))
        assert json.loads(result.content[0].text) == result.structured_content  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_it_answers_over_stdio(mode: str, listed: Path, tmp_path: Path) -> None:
    async with connected(serving(listed), tmp_path / "log", mode) as client:
        await visit(client)
        found = (await asked(client, "check_mcp_server", server="pages-server")).structured_content
        assert found is not None
        assert (found["server"], found["version"], found["connect"]) == ("pages", "1.2", "connect-with-rule")
        found = (await asked(client, "check_tool", tool="delete_page")).structured_content
        assert found is not None
        assert found["class"] == "destructive"


async def test_what_is_wrong_is_an_error_that_a_model_can_read(listed: Path, tmp_path: Path) -> None:
    async with connected(serving(listed), tmp_path / "log") as client:
        for tool, arguments, said in (
            ("check_mcp_server", {"server": "nobody"}, "has no server `nobody`"),
            ("check_mcp_server", {}, "missing required field `server`"),
            ("check_tool", {"tool": "delete-page"}, "did you mean `delete_page`"),
            ("search_registry", {"limit": 0}, "limit"),
            ("search_registry", {"words": "x"}, "unknown field `words`"),
            ("nothing", {}, "Unknown tool"),
        ):
            result = await asked(client, tool, **arguments)
            assert result.is_error
            assert said in result.content[0].text  # type: ignore[union-attr]


async def test_it_answers_behind_the_gate(listed: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "version: 1\ndefault: deny\nhide: [get_change_events]\ntools:\n  check_mcp_server: {}\n  check_tool: {}\n"
        "  search_registry: {action: deny, reason: Not today}\n"
    )
    gate = (*ostiary(), "run", "--policy", str(policy), "--state", str(tmp_path / "state"), "--")
    async with connected((*gate, *serving(listed)), tmp_path / "log") as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert names == ["check_mcp_server", "search_registry", "check_tool"]
        assert not (await asked(client, "check_tool", tool="get_page")).is_error
        refused = await asked(client, "search_registry")
        assert refused.is_error
        assert "Policy violation: Not today" in refused.content[0].text  # type: ignore[union-attr]


def test_our_own_scanner_gives_it_an_a(listed: Path) -> None:
    listing = asyncio.run(scan_command(serving(listed), {}, Scope(seconds=PATIENCE)))
    found = assess("ostiary-catalog", listing.definitions)
    assert [one.tool.name for one in found.tools] == NAMES
    assert (found.grade.letter, found.findings) == ("A", ())
    assert {one.risk.risk_class.value for one in found.tools} == {"read"}
    assert all(one.tool.annotations["readOnlyHint"] is True for one in found.tools)


@pytest.fixture
def served(listed: Path, free_port: int) -> Iterator[str]:
    address = f"127.0.0.1:{free_port}"
    command = [*serving(listed), "--listen", address]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "1 server" in process.stderr.readline()
        try:
            yield f"http://{address}/mcp"
        finally:
            process.terminate()


def test_an_address_that_is_taken_is_said_in_one_line(served: str, listed: Path) -> None:
    address = served.removeprefix("http://").removesuffix("/mcp")
    command = [*serving(listed), "--listen", address]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 2
    assert done.stderr.startswith(f"ostiary catalog serve: --listen {address}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_it_answers_over_http(mode: str, served: str) -> None:
    transport = httpx2.AsyncHTTPTransport(retries=8)
    async with (
        httpx2.AsyncClient(timeout=PATIENCE, transport=transport) as http,
        Client(streamable_http_client(served, http_client=http), mode=mode) as client,
    ):
        await visit(client)


async def test_another_sites_page_is_refused(served: str) -> None:
    transport = httpx2.AsyncHTTPTransport(retries=8)
    async with httpx2.AsyncClient(timeout=PATIENCE, transport=transport) as http:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        headers = {"Origin": "https://evil.example", "Accept": "application/json, text/event-stream"}
        assert (await http.post(served, json=body, headers=headers)).status_code == 403
