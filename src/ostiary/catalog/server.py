"""The catalogue as an MCP server: four tools that read, over stdio or HTTP, in both eras of the protocol."""

from __future__ import annotations

import asyncio
import socket
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

import mcp_types as types
import msgspec
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from ostiary import __version__
from ostiary.catalog import answers, messages
from ostiary.catalog.catalog import Catalog
from ostiary.errors import ConfigurationError

__all__ = ["CatalogServer", "serve_http", "serve_stdio"]

_INSTRUCTIONS: Final = (
    "Before connecting to an MCP server, check it here: what its tools can do, what is wrong with their definitions, "
    "and which policy to put in front of it. The answers come from the servers' own definitions."
)


class _Tool(msgspec.Struct, frozen=True):
    """One of our tools: what it is asked, what it answers, and how."""

    title: str
    description: str
    asked: type[msgspec.Struct]
    answered: type[msgspec.Struct]
    answer: Callable[[Catalog, Any], msgspec.Struct]


_TOOLS: Final[Mapping[str, _Tool]] = {
    "check_mcp_server": _Tool(
        "Check an MCP server",
        "Look up what is known of an MCP server before connecting to it: its grade with the reasons, findings in its "
        "tools' definitions, its riskiest tools, whether to proceed, connect with a rule or ask a person first, and "
        "the recommended policy.",
        messages.CheckServer,
        messages.Checked,
        answers.check_server,
    ),
    "search_registry": _Tool(
        "Search the registry",
        "Search the servers and tools in the registry by words, risk class or severity.",
        messages.Search,
        messages.Found,
        answers.search,
    ),
    "check_tool": _Tool(
        "Check a tool",
        "Look up one tool: its risk class and severity, the evidence from its definition, the attacks that abuse such "
        "access, and the recommended rule.",
        messages.CheckTool,
        messages.CheckedTool,
        answers.check_tool,
    ),
    "get_change_events": _Tool(
        "Get change events",
        "Get what changed at the servers since a time: tools that were added, removed or redefined, and changes of "
        "class, severity and grade.",
        messages.ChangeEvents,
        messages.Changes,
        answers.change_events,
    ),
}


class CatalogServer(Server[Any]):
    """The server over a catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(
            "ostiary-catalog",
            title="Ostiary catalogue",
            version=__version__,
            instructions=_INSTRUCTIONS,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        self._catalog = catalog

    async def _list(self, _context: object, _params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_definition(name, tool) for name, tool in _TOOLS.items()])

    async def _call(self, _context: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = _TOOLS.get(params.name)
        if tool is None:
            return _failed(f"Unknown tool: {params.name}")
        try:
            asked = msgspec.convert(params.arguments or {}, tool.asked)
            answer = msgspec.to_builtins(tool.answer(self._catalog, asked))
        except msgspec.ValidationError as error:
            return _failed(f"{params.name}: {error}")
        except answers.Unknown as error:
            return _failed(f"{params.name}: {error}")
        text = msgspec.json.format(msgspec.json.encode(answer), indent=1).decode()
        return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=answer)


def _definition(name: str, tool: _Tool) -> types.Tool:
    return types.Tool(
        name=name,
        title=tool.title,
        description=tool.description,
        input_schema=_schema(tool.asked),
        output_schema=_schema(tool.answered),
        annotations=types.ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a struct, the struct itself at the top: clients expect an object there, not a reference."""
    (top,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    name = str(top["$ref"]).rsplit("/", 1)[-1]
    schema = dict(parts.pop(name))
    schema.pop("description", None)
    return {**schema, "$defs": parts} if parts else schema


def _failed(why: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=why)], is_error=True)


def serve_stdio(catalog: Catalog) -> None:
    """Answer on standard input and output until the client leaves."""
    _quiet()
    asyncio.run(_serve_stdio(CatalogServer(catalog)))


async def _serve_stdio(server: CatalogServer) -> None:
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def serve_http(catalog: Catalog, host: str, port: int, ready: Callable[[], None]) -> None:
    """Answer at `/mcp` of an address, until interrupted. On loopback, requests for another host or with another site's
    `Origin` are refused. Raises `ConfigurationError` for an address that cannot be had."""
    _quiet()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigurationError(f"ostiary catalog serve: --listen {host}:{port}: {error.strerror or error}") from None
    with listening:
        app = CatalogServer(catalog).streamable_http_app(host=host, json_response=True)
        ready()
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


def _quiet() -> None:
    from mcp.shared.exceptions import MCPDeprecationWarning

    warnings.simplefilter("ignore", MCPDeprecationWarning)
