"""A stateless server, spoken to in the name of agents that know nothing of its headers."""

from __future__ import annotations

from typing import Final

from ostiary.model import JSONObject
from ostiary.ports import Origin, Reply, Upstream
from ostiary.relay import observe
from ostiary.wire import headers, lists
from ostiary.wire.message import Request

_ACCEPT: Final = (b"accept", b"application/json, text/event-stream")
MOST: Final = 10_000
"""Tools whose schemas are remembered."""


class StatelessServer:
    """It learns the tools' schemas as their lists pass: some arguments are repeated in headers (`Mcp-Param-*`)."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._schemas: dict[str, JSONObject] = {}

    async def send(self, request: Request, principal: str) -> Reply:
        """Raises `UpstreamError`."""
        name = request.params.get("name")
        schema = self._schemas.get(name) if isinstance(name, str) else None
        reply = await self._upstream.send(request, Origin(principal, (_ACCEPT, *headers.describe(request, schema))))
        return (
            observe(reply, request, lambda raw: _nothing(self.learn(raw))) if request.method == "tools/list" else reply
        )

    def knows(self, tool: str) -> bool:
        return tool in self._schemas

    def learn(self, answer: bytes) -> str | None:
        """Remember the schemas of a page of tools; gives the cursor of the next. Raises `WireError` for nonsense."""
        for definition in lists.tools(answer):
            name, schema = definition.get("name"), definition.get("inputSchema")
            if (
                isinstance(name, str)
                and isinstance(schema, dict)
                and (name in self._schemas or len(self._schemas) < MOST)
            ):
                self._schemas[name] = schema
        return lists.next_cursor(answer)


def _nothing(_: object) -> None:
    """What is learned in passing asks for no next page."""
