"""An agent of the first HTTP transport, on SDK 1: visits the URL given, and says what it heard as one JSON document."""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.sse import sse_client


async def visit(url):
    async with sse_client(url) as pipes, ClientSession(*pipes) as session:
        hello = await session.initialize()
        tools = await session.list_tools()
        answers = [await session.call_tool(name, {}) for name in ("read_note", "delete_note")]
        return {
            "version": hello.protocolVersion,
            "tools": [tool.name for tool in tools.tools],
            "texts": [answer.content[0].text for answer in answers],
        }


json.dump(asyncio.run(visit(sys.argv[1])), sys.stdout)
