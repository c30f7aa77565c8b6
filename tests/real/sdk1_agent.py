"""The agent of SDK 1, run by the `sdk1` environment's interpreter: one JSON task on stdin, one JSON visit on stdout.

It imports nothing of this project, and is not imported by it.
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client

_PATIENCE = timedelta(seconds=120)


@asynccontextmanager
async def connect(door, log):
    if "url" in door:
        headers = {"Authorization": f"Bearer {door['token']}"}
        async with streamablehttp_client(door["url"], headers=headers) as (read, write, _):
            yield read, write
        return
    command, *arguments = door["command"]
    with Path(log).open("a") as stderr:
        async with stdio_client(
            StdioServerParameters(command=command, args=arguments, env=door["env"], cwd=door["cwd"]), stderr
        ) as pipes:
            yield pipes


async def list_tools(session):
    tools, cursor = [], None
    while True:
        page = await session.list_tools(cursor)
        tools += [tool.name for tool in page.tools]
        if (cursor := page.nextCursor) is None:
            return tools


async def call(session, tool, arguments):
    try:
        result = await session.call_tool(tool, arguments)
    except McpError as error:
        return {"text": error.error.message, "is_error": True, "meta": {}, "code": error.error.code}
    text = "\n".join(block.text for block in result.content if block.type == "text")
    return {"text": text, "is_error": result.isError, "meta": result.meta or {}}


async def visit(task):
    async with connect(task["door"], task["log"]) as pipes, ClientSession(*pipes, _PATIENCE) as session:
        hello = await session.initialize()
        tools = await list_tools(session)
        answers = [await call(session, one["tool"], one["arguments"]) for one in task["calls"]]
    return {"version": hello.protocolVersion, "tools": tools, "answers": answers}


json.dump(asyncio.run(visit(json.load(sys.stdin))), sys.stdout)
