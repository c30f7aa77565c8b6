"""One admitted HTTP request at one server's gate: body, message, era, session; then the gate; then the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from ostiary.enforcement import Agent, Gate
from ostiary.errors import WireError
from ostiary.gateway.access import AccessRefused, Visitor
from ostiary.gateway.answer import Responder
from ostiary.gateway.batch import joined
from ostiary.gateway.departure import Departure
from ostiary.gateway.first_transport import FirstTransport, Visit
from ostiary.gateway.head import Head
from ostiary.gateway.seal import seal, unseal
from ostiary.model import Client
from ostiary.policy import Policy
from ostiary.ports import Headers, Origin, Reply, Waits
from ostiary.wire import codes, headers
from ostiary.wire.era import BATCH_VERSION, Era, client_of
from ostiary.wire.json import Bounds
from ostiary.wire.message import Message, Request, Response, is_batch, read, read_batch

ALLOW: Final = ((b"allow", b"POST, GET, DELETE"),)


class Exchange:
    """Raises `WireError` for what cannot be accepted and `UpstreamError` where the upstream fails."""

    def __init__(
        self,
        gate: Gate,
        visitor: Visitor,
        admit: Callable[[], Visitor],
        head: Head,
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        responder: Responder,
        seal_key: bytes,
        bounds: Bounds,
    ) -> None:
        self._gate = gate
        self._visitor = visitor
        self._admit = admit
        self._head = head
        self._receive = receive
        self._responder = responder
        self._seal_key = seal_key
        self._bounds = bounds

    async def run(self, method: str) -> None:
        match method:
            case "POST":
                await self._post()
            case "GET":
                await self._legacy(self._gate.listen)
            case "DELETE":
                await self._legacy(self._gate.end)
            case _:
                await self._responder.error(405, codes.INVALID_REQUEST, f"{method} means nothing here", ALLOW)

    async def first(self, method: str, place: str, query: bytes, visits: FirstTransport) -> None:
        """The first HTTP transport (2024-11-05): the stream at `sse`, and what is sent to `messages`."""
        who = self._visitor.principal.id
        if (method, place) == ("GET", "sse"):
            address = f"/mcp/{self._gate.server}/messages"
            visit = Visit(self._gate, self._visitor, self._renew, address, self._bounds)
            visits.enter(visit)
            try:
                await self._while_here(self._responder.reply(visit.reply))
            finally:
                await visits.leave(visit)
        elif (method, place) == ("POST", "messages"):
            found = visits.find(query.decode("latin-1").removeprefix("session_id="), who)
            if found is None:
                raise WireError(codes.SESSION_NOT_FOUND, "this session is not known here", status=404)
            if not found.take(await self._body()):
                raise WireError(codes.INVALID_REQUEST, "too many messages wait already", status=429)
            await self._responder.reply(Reply(202, (), b""))
        else:
            raise WireError(codes.INVALID_REQUEST, "nothing is here", status=404)

    async def _post(self) -> None:
        body = await self._body()
        if is_batch(body) and self._speaks_batches():
            await self._batch(read_batch(body, self._bounds))
            return
        message = read(body, self._bounds)
        era = headers.verify(message, self._head.along)
        if era is Era.MODERN:
            if isinstance(message, Response):
                raise WireError(codes.INVALID_REQUEST, "an agent answers by repeating its request, not with a response")
            agent = self._agent(era, client_of(message), self._head.along)
            await self._while_here(self._answer(message, agent))
        else:
            client, along = self._session(message)
            await self._answer(message, self._agent(era, client, along))

    def _speaks_batches(self) -> bool:
        """Whether the request is of the one version that has batches; one that names none is taken for that."""
        named = [value for name, value in self._head.along if name == headers.VERSION]
        return [value.strip().decode("latin-1") for value in named] in ([], [BATCH_VERSION])

    async def _batch(self, members: list[Message]) -> None:
        """Every member is judged for itself, and the answers go back as one."""
        if any(headers.verify(member, self._head.along) is not Era.LEGACY for member in members):
            raise WireError(codes.INVALID_REQUEST, "there are no batches in the stateless versions")
        client, along = self._session(None)
        agent = self._agent(Era.LEGACY, client, along)
        replies = await asyncio.gather(*(self._gate.handle(member, agent) for member in members))
        await self._responder.reply(joined(members, replies))

    async def _legacy(self, ask: Callable[[Agent], Awaitable[Reply]]) -> None:
        client, along = self._session(None)
        agent = self._agent(Era.LEGACY, client, along)

        async def answer() -> None:
            await self._responder.reply(self._sealed(await ask(agent), agent))

        await self._while_here(answer())

    async def _answer(self, message: Message, agent: Agent) -> None:
        reply = await self._gate.handle(message, agent)
        if agent.era is Era.LEGACY and not isinstance(reply.body, bytes) and isinstance(reply.body, Waits):
            await self._while_heard(reply, reply.body)
        else:
            await self._responder.reply(self._sealed(reply, agent))

    async def _while_heard(self, reply: Reply, waits: Waits) -> None:
        """A held call of the legacy wire: that its agent disconnects does not cancel it, but nothing is sent for an
        agent that no longer hears of it."""

        async def watch() -> None:
            while (await self._receive())["type"] != "http.disconnect":
                pass
            waits.leave()

        watching = asyncio.ensure_future(watch())
        try:
            await self._responder.reply(reply)
        finally:
            watching.cancel()

    async def _while_here(self, work: Awaitable[None]) -> None:
        with Departure(self._receive) as departure:
            try:
                await work
            except asyncio.CancelledError:
                if not departure.has_happened:
                    raise

    async def _body(self) -> bytes:
        head = self._head
        if len(head.content_type) != 1 or head.content_type[0].split(b";")[0].strip().lower() != b"application/json":
            raise WireError(codes.INVALID_REQUEST, "Content-Type must be application/json", status=415)
        if any(coding.strip().lower() != b"identity" for coding in head.content_encoding):
            raise WireError(codes.INVALID_REQUEST, "Content-Encoding must be identity", status=415)
        if head.content_length and int(head.content_length[0]) > self._bounds.size:
            raise self._too_large()
        event = await self._receive()
        body: bytes = event.get("body", b"")
        if event.get("more_body"):
            parts, size = [body], len(body)
            while event.get("more_body") and size <= self._bounds.size:
                event = await self._receive()
                parts.append(event.get("body", b""))
                size += len(parts[-1])
            body = b"".join(parts)
        if len(body) > self._bounds.size:
            raise self._too_large()
        if event["type"] == "http.disconnect":
            raise WireError(codes.INVALID_REQUEST, "the request ended before its body")
        return body

    def _too_large(self) -> WireError:
        return WireError(codes.INVALID_REQUEST, f"a message may have {self._bounds.size} bytes", status=413)

    def _session(self, message: Message | None) -> tuple[Client, Headers]:
        """The client as it named itself when its session began, and the headers with the upstream's own session id."""
        sessions = self._head.sessions
        if not sessions:
            if isinstance(message, Request) and message.method == "initialize":
                return client_of(message), self._head.along
            return Client(), self._head.along
        opened = None
        if len(sessions) == 1:
            principal = self._visitor.principal.id
            opened = unseal(self._seal_key, self._gate.server, principal, sessions[0].decode("latin-1"))
        if opened is None:
            id = message.id if isinstance(message, Request) else None
            raise WireError(codes.SESSION_NOT_FOUND, "this session is not known here; initialize", status=404, id=id)
        return opened.agent, (*self._head.along, (headers.SESSION, opened.upstream.encode()))

    def _sealed(self, reply: Reply, agent: Agent) -> Reply:
        for line in reply.headers:
            if line[0] == headers.SESSION:
                own = seal(
                    self._seal_key, self._gate.server, agent.principal.id, line[1].decode("latin-1"), agent.client
                )
                rest = tuple(other for other in reply.headers if other[0] != headers.SESSION)
                return Reply(reply.status, (*rest, (headers.SESSION, own.encode())), reply.body)
        return reply

    def _agent(self, era: Era, client: Client, along: Headers) -> Agent:
        principal = self._visitor.principal
        return Agent(principal, client, Origin(principal.id, along), era, self._visitor.policy, self._renew)

    def _renew(self) -> Policy | None:
        """The policy in force for them now; None where they would not be let in again."""
        try:
            return self._admit().policy
        except AccessRefused:
            return None
