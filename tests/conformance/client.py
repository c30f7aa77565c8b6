"""`python -m tests.conformance.client PATH URL`: the agent whose gate the suite's client scenarios look at.

An ordinary agent on the official SDK that tries whatever the server offers, directly or through the gate. The suite
says in the environment which scenario it plays, in which version, and with which calls.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.context import ClientRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequestFormParams,
    ElicitRequestParams,
    ElicitResult,
    ListRootsResult,
    TextContent,
    Tool,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from tests.conformance.paths import POLICY, gate
from tests.real.places import ROOT, ostiary

VERSION: Final = os.environ.get("MCP_CONFORMANCE_PROTOCOL_VERSION", "2026-07-28")
SCENARIO: Final = os.environ.get("MCP_CONFORMANCE_SCENARIO", "")
CALLS: Final[Sequence[Mapping[str, Any]]] = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}")).get(
    "toolCalls", []
)
PATIENCE: Final = 15.0  # seconds for a whole visit; the suite's own patience is 30

SPEAKS_SESSIONS: Final = frozenset({"json-schema-ref-no-deref"})
"""Scenarios whose server knows no stateless requests, whatever version it is played in."""

ECHO: Final = "json_schema_echo"
EXAMPLES: Final[Mapping[str, Any]] = {
    "string": "x",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "object": {},
    "array": [],
}


async def sample(context: ClientRequestContext, params: CreateMessageRequestParams) -> CreateMessageResult:  # noqa: ARG001
    return CreateMessageResult(role="assistant", content=TextContent(type="text", text="yes"), model="none")


async def roots(context: ClientRequestContext) -> ListRootsResult:  # noqa: ARG001
    return ListRootsResult(roots=[])


async def elicit(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:  # noqa: ARG001
    """Accept what is filled in already, and confirm what has to be confirmed."""
    if not isinstance(params, ElicitRequestFormParams):
        return ElicitResult(action="decline")
    schema = params.requested_schema
    filled = {name: field["default"] for name, field in schema.get("properties", {}).items() if "default" in field}
    return ElicitResult(action="accept", content={**_example(schema), **filled})


async def visit(server: str | StdioServerParameters) -> None:
    """Connect and use everything on offer once."""
    is_stateless = VERSION in MODERN_PROTOCOL_VERSIONS and SCENARIO not in SPEAKS_SESSIONS
    agent = Client(
        server,
        mode="auto" if is_stateless else "legacy",
        sampling_callback=sample,
        list_roots_callback=roots,
        elicitation_callback=elicit,
    )
    async with agent as client:
        tools = (await client.list_tools()).tools
        for name, arguments in _calls(tools):
            await _try(client.call_tool(name, arguments))
        if client.server_capabilities.resources is not None:
            for resource in (await client.list_resources()).resources:
                await _try(client.read_resource(resource.uri))
        if client.server_capabilities.prompts is not None:
            for prompt in (await client.list_prompts()).prompts:
                await _try(client.get_prompt(prompt.name))


def _calls(tools: Sequence[Tool]) -> list[tuple[str, dict[str, Any]]]:
    listed = {tool.name: tool for tool in tools}
    if CALLS:
        return [(call["name"], call.get("arguments") or {}) for call in CALLS if call["name"] in listed]
    if ECHO in listed:
        return [(ECHO, {"schema": tool.input_schema}) for tool in tools if tool.name != ECHO]
    return [(tool.name, _example(tool.input_schema)) for tool in tools]


def _example(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of the right types for what is required."""
    fields = schema.get("properties", {})
    return {name: EXAMPLES.get(fields.get(name, {}).get("type", "string"), "x") for name in schema.get("required", [])}


async def _try(attempt: Any) -> None:
    """A refusal is an answer too, and so is what the SDK refuses to understand."""
    try:
        await attempt
    except (MCPError, ValueError) as error:
        sys.stderr.write(f"{error}\n")


def main() -> None:
    path, url = sys.argv[1:]
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ostiary-client-")))
        server: str | StdioServerParameters = url
        if path == "gate-http":
            server = stack.enter_context(gate(place, {"url": url}))
        elif path == "gate-stdio":
            policy = place / "policy.yaml"
            policy.write_text(POLICY)
            program, *arguments = ostiary()
            guard = ["run", "--policy", str(policy), "--state", str(place / "state"), "--upstream", url]
            server = StdioServerParameters(command=program, args=[*arguments, *guard], cwd=ROOT, env=dict(os.environ))
        asyncio.run(asyncio.wait_for(visit(server), PATIENCE))


if __name__ == "__main__":
    main()
