"""A server that only knows sessions, on SDK 1: `stdio`, `http PORT` or `sse PORT`; run by the `sdk1` environment."""

import asyncio
import sys

from mcp.server.fastmcp import Context, FastMCP
from mcp.server.lowlevel.server import NotificationOptions
from mcp.types import SamplingMessage, TextContent
from pydantic import AnyUrl, BaseModel

how = sys.argv[1]
server = FastMCP("of-sessions", port=8000 if how == "stdio" else int(sys.argv[2]), log_level="ERROR")
cancelled = []
subscribed = []


class Name(BaseModel):
    name: str


@server.tool()
def add(a: int, b: int) -> int:
    return a + b


@server.tool()
async def count(to: int, context: Context) -> str:
    for number in range(to):
        await context.report_progress(number, to)
    await context.info("counting is over")
    return f"counted to {to}"


@server.tool()
async def greet(context: Context) -> str:
    first = await context.elicit("first name?", Name)
    last = await context.elicit("last name?", Name)
    if first.action != "accept" or last.action != "accept":
        return "nobody"
    return f"{first.data.name} {last.data.name}"


@server.tool()
async def think(context: Context) -> str:
    message = SamplingMessage(role="user", content=TextContent(type="text", text="think"))
    answer = await context.session.create_message([message], max_tokens=10)
    return answer.content.text


@server.tool()
async def look(context: Context) -> str:
    found = await context.session.list_roots()
    return str([str(root.uri) for root in found.roots])


@server.tool()
async def wait() -> str:
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        cancelled.append(1)
        raise
    return "too late"


@server.tool()
def cancellations() -> int:
    return len(cancelled)


@server.tool()
async def change(context: Context) -> str:
    await context.session.send_tool_list_changed()
    for uri in subscribed:
        await context.session.send_resource_updated(uri)
    return str(len(subscribed))


@server.resource("note://one")
def note() -> str:
    return "the note"


@server.prompt()
def ask() -> str:
    return "what now?"


@server._mcp_server.subscribe_resource()
async def subscribe(uri: AnyUrl) -> None:
    subscribed.append(uri)


@server._mcp_server.unsubscribe_resource()
async def unsubscribe(uri: AnyUrl) -> None:
    subscribed.remove(uri)


options = server._mcp_server.create_initialization_options
server._mcp_server.create_initialization_options = lambda *_: options(NotificationOptions(tools_changed=True))
server.run(transport={"stdio": "stdio", "sse": "sse", "http": "streamable-http"}[how])
