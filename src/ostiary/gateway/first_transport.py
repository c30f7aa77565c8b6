"""Agents of the first HTTP transport (2024-11-05, HTTP with SSE): they GET `/mcp/SERVER/sse`, read there where to POST
to, and find every answer on that stream. To the gate they are like an agent on stdio: one line, one session."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Final

import msgspec

from ostiary.enforcement import Agent, Gate
from ostiary.errors import UpstreamError
from ostiary.gateway.access import Visitor
from ostiary.gateway.stdio import StdioGateway
from ostiary.model import Client
from ostiary.policy import Policy
from ostiary.ports import Headers, Origin, Reply
from ostiary.relay import answers, observe
from ostiary.resume import resumed
from ostiary.wire.era import Era, agreed_version, era_of
from ostiary.wire.headers import SESSION, VERSION
from ostiary.wire.json import Bounds
from ostiary.wire.message import Message, Request
from ostiary.wire.sse import Event

_ACCEPT: Final = (b"accept", b"application/json, text/event-stream")
_LAST_EVENT: Final = b"last-event-id"
_UNREAD: Final = 64
"""Messages that wait to be read before whoever writes has to wait too."""
_UNHANDLED: Final = 64
"""Messages that wait to be looked at; more are refused."""


class Visit:
    """One agent's stream and what it has sent. Closing it ends the agent's session at the server."""

    def __init__(
        self, gate: Gate, visitor: Visitor, renew: Callable[[], Policy | None], address: str, bounds: Bounds
    ) -> None:
        self.id = secrets.token_urlsafe(24)
        self.principal = visitor.principal
        self._gate = gate
        self._headers: Headers = (_ACCEPT,)
        self._said: asyncio.Queue[bytes] = asyncio.Queue(_UNHANDLED)
        self._unread: asyncio.Queue[Event] = asyncio.Queue()
        self._was_read = asyncio.Event()
        self._unread.put_nowait(Event(f"{address}?session_id={self.id}".encode(), name="endpoint"))
        front = StdioGateway(self, visitor.principal, renew, self)
        self._serving = asyncio.create_task(front.serve(self._lines(), bounds))

    @property
    def reply(self) -> Reply:
        return Reply(200, (), self._events())

    def take(self, body: bytes) -> bool:
        """Whether there was room for one more message; its answer comes on the stream."""
        if self._said.full():
            return False
        self._said.put_nowait(body)
        return True

    async def close(self) -> None:
        self._serving.cancel()
        await asyncio.wait((self._serving,))
        if any(name == SESSION for name, _ in self._headers):
            with suppress(UpstreamError):
                origin = Origin(self.principal.id, self._headers)
                await self._gate.end(Agent(self.principal, Client(), origin, Era.LEGACY, None))

    # the gate, as the stdio front sees it

    async def handle(self, message: Message, agent: Agent) -> Reply:
        within = self._within(agent)
        reply = await self._gate.handle(message, within)
        if isinstance(message, Request) and message.method == "initialize":
            named = tuple(line for line in reply.headers if line[0] == SESSION)
            self._headers = (_ACCEPT, *named)
            return observe(reply, message, self._initialized)
        if isinstance(message, Request) and not isinstance(reply.body, bytes) and era_of(message) is Era.LEGACY:
            body = resumed(
                reply.body, lambda last_id: self._resume(last_id, within), lambda data: answers(data, message)
            )
            return Reply(reply.status, reply.headers, body)
        return reply

    async def _resume(self, last_id: str, agent: Agent) -> Reply:
        """A stream may end before its answer on the wire that has sessions; this agent knows of no such thing."""
        lines = (*agent.origin.headers, (_LAST_EVENT, last_id.encode()))
        try:
            return await self._gate.listen(msgspec.structs.replace(agent, origin=Origin(self.principal.id, lines)))
        except UpstreamError:
            return Reply(502, (), b"")

    async def listen(self, agent: Agent) -> Reply:
        return await self._gate.listen(self._within(agent))

    def _initialized(self, answer: bytes) -> None:
        version = agreed_version(answer)
        if version is not None:
            self._headers += ((VERSION, version.encode()),)

    def _within(self, agent: Agent) -> Agent:
        return msgspec.structs.replace(agent, origin=Origin(agent.origin.principal, self._headers))

    # standard input and output, as the stdio front sees them

    async def _lines(self) -> AsyncGenerator[bytes, None]:
        while True:
            yield await self._said.get()

    def write(self, line: bytes) -> None:
        self._unread.put_nowait(Event(line, name="message"))

    async def drain(self) -> None:
        while self._unread.qsize() > _UNREAD:
            self._was_read.clear()
            await self._was_read.wait()

    async def _events(self) -> AsyncGenerator[Event, None]:
        while True:
            event = await self._unread.get()
            self._was_read.set()
            yield event


class FirstTransport:
    """The visits that are going on."""

    def __init__(self) -> None:
        self._visits: dict[str, Visit] = {}

    def enter(self, visit: Visit) -> None:
        self._visits[visit.id] = visit

    async def leave(self, visit: Visit) -> None:
        self._visits.pop(visit.id, None)
        await visit.close()

    def find(self, id: str, principal: str) -> Visit | None:
        """The visit; one of another principal does not exist."""
        visit = self._visits.get(id)
        return visit if visit is not None and visit.principal.id == principal else None
