"""A server on the official SDK: `stdio`, or `http PORT [json]`; started by the tests, never imported by them."""

from __future__ import annotations

import sys

import uvicorn
from mcp.server.mcpserver import Context, MCPServer

server = MCPServer("upstream-tests")


@server.tool()
def add(a: int, b: int) -> int:
    """The sum of both."""
    return a + b


@server.tool()
async def count(to: int, context: Context) -> str:
    """Counts, and reports each number as progress."""
    for number in range(to):
        await context.report_progress(number, to)
    return f"counted to {to}"


if sys.argv[1] == "stdio":
    server.run(transport="stdio")
else:
    app = server.streamable_http_app(json_response="json" in sys.argv)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
