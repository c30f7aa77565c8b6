"""A Streamable HTTP upstream for an agent that speaks stdio: the headers that such an agent does not know of.

Of the legacy wire it remembers the session id and the protocol version agreed on, and takes up streams that end before
their answer; for the stateless wire it describes each message (`Mcp-Method`, `Mcp-Name`, `Mcp-Param-*`), for which it
learns the tools' schemas as their lists pass.
"""

from __future__ import annotations

from typing import Final

from ostiary.model import JSONObject
from ostiary.ports import Headers, Origin, Reply, Upstream
from ostiary.relay import answers, observe
from ostiary.resume import resumed
from ostiary.wire import headers, lists
from ostiary.wire.era import Era, agreed_version, era_of
from ostiary.wire.headers import SESSION, VERSION
from ostiary.wire.message import Message, Request

_ACCEPT: Final = (b"accept", b"application/json, text/event-stream")
_LAST_EVENT: Final = b"last-event-id"


class Bridge:
    """One agent's connection to one HTTP upstream; implements `Upstream`."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._session: Headers = ()
        self._version: Headers = ()
        self._schemas: dict[str, JSONObject] = {}

    async def send(self, message: Message, origin: Origin) -> Reply:
        reply = self._lasting(await self._upstream.send(message, self._described(message, origin)), message, origin)
        if isinstance(message, Request) and message.method == "initialize":
            self._session = tuple(line for line in reply.headers if line[0] == SESSION)
            return observe(reply, message, self._initialized)
        if isinstance(message, Request) and message.method == "tools/list":
            return observe(reply, message, self._listed)
        return reply

    async def listen(self, origin: Origin) -> Reply:
        reply = await self._upstream.listen(Origin(origin.principal, self._legacy()))
        if isinstance(reply.body, bytes):
            return reply
        body = resumed(reply.body, lambda last_id: self._resume(last_id, origin), lambda _: False)
        return Reply(reply.status, reply.headers, body)

    async def end(self, origin: Origin) -> Reply:
        return await self._upstream.end(Origin(origin.principal, self._legacy()))

    async def close(self) -> None:
        await self._upstream.close()

    def _lasting(self, reply: Reply, message: Message, origin: Origin) -> Reply:
        """The reply, its stream resumed up to the answer; the stateless wire has no such thing."""
        if isinstance(reply.body, bytes) or not isinstance(message, Request) or era_of(message) is Era.MODERN:
            return reply
        return Reply(
            reply.status,
            reply.headers,
            resumed(
                reply.body,
                lambda last_id: self._resume(last_id, origin),
                lambda data: answers(data, message),
            ),
        )

    async def _resume(self, last_id: str, origin: Origin) -> Reply:
        lines = (*self._legacy(), (_LAST_EVENT, last_id.encode()))
        return await self._upstream.listen(Origin(origin.principal, lines))

    def _initialized(self, answer: bytes) -> None:
        version = agreed_version(answer)
        if version is not None:
            self._version = ((VERSION, version.encode()),)

    def _listed(self, answer: bytes) -> None:
        for definition in lists.tools(answer):
            name, schema = definition.get("name"), definition.get("inputSchema")
            if isinstance(name, str) and isinstance(schema, dict):
                self._schemas[name] = schema

    def _described(self, message: Message, origin: Origin) -> Origin:
        if era_of(message) is Era.LEGACY:
            is_first = isinstance(message, Request) and message.method == "initialize"
            return Origin(origin.principal, (_ACCEPT,) if is_first else self._legacy())
        tool = message.params.get("name") if isinstance(message, Request) else None
        schema = self._schemas.get(tool) if isinstance(tool, str) else None
        return Origin(origin.principal, (_ACCEPT, *headers.describe(message, schema)))

    def _legacy(self) -> Headers:
        return (_ACCEPT, *self._session, *self._version)
