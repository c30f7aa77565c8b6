"""The stdio front: one agent on standard input and output, one JSON-RPC message per line, or a batch of them where the
agent and the server have agreed on the one version that has batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol, TypeAlias

from ostiary.enforcement import Agent
from ostiary.errors import UpstreamError, WireError
from ostiary.model import Client, Principal
from ostiary.notices import say
from ostiary.policy import Policy
from ostiary.ports import Origin, Reply
from ostiary.relay import answers as is_answer
from ostiary.relay import has_answer, observe
from ostiary.wire import answers, codes
from ostiary.wire.era import BATCH_VERSION, Era, agreed_version, client_of, era_of
from ostiary.wire.json import Bounds
from ostiary.wire.message import Id, Message, Notification, Request, is_batch, read, read_batch
from ostiary.wire.sse import Event

Put: TypeAlias = Callable[[bytes], Awaitable[None]]
"""Takes the answer to a request."""

IN_FLIGHT: Final = 1024
"""Messages handled at once; more stay in the pipe."""

PATIENCE: Final = 5.0
"""Seconds that answers still owed may take once the agent has closed its side."""

OPENING: Final = 1.0
"""Seconds that the first request waits for the server's stream of what it says unasked: it may ask on it at once."""


class Door(Protocol):
    """What of a gate an agent's line needs."""

    async def handle(self, message: Message, agent: Agent) -> Reply: ...

    async def listen(self, agent: Agent) -> Reply: ...


class Out(Protocol):
    """Where whole messages go; `drain` waits while nobody reads."""

    def write(self, line: bytes) -> None: ...

    async def drain(self) -> None: ...


class StdioGateway:
    """`policy` gives the policy in force now. Messages are taken in order and answered as their answers come."""

    def __init__(
        self,
        gate: Door,
        principal: Principal,
        policy: Callable[[], Policy | None],
        sink: Out,
        opening: float = OPENING,
    ) -> None:
        self._gate = gate
        self._principal = principal
        self._policy = policy
        self._sink = sink
        self._client = Client()
        self._asked: dict[Id, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._opening = opening
        self._listening: asyncio.Future[None] | None = None
        self._is_open = asyncio.Event()
        self._version = ""

    async def serve(self, lines: AsyncGenerator[bytes, None], bounds: Bounds) -> None:
        """Answer until the agent closes its side, then what is still owed."""
        try:
            async for line in lines:
                await self._room.acquire()
                self._begin(self._take(line, bounds))
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=PATIENCE)
            for task in self._tasks if self._listening is None else (self._listening, *self._tasks):
                task.cancel()

    def _begin(self, line: Message | WireError | Sequence[Message]) -> None:
        """One task per line; each runs up to its first wait in the order of the lines."""
        if isinstance(line, Sequence):
            task = asyncio.ensure_future(self._handle_batch(line))
        else:
            task = self._handled(line, self._write)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _handled(self, message: Message | WireError, put: Put) -> asyncio.Task[None]:
        """The task that handles one message; the agent may cancel that of a request."""
        task = asyncio.ensure_future(self._handle(message, put))
        if isinstance(message, Request):
            self._asked[message.id] = task
            task.add_done_callback(lambda _: self._asked.pop(message.id, None))
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            say(f"an answer could not be written: {error}")

    def _take(self, line: bytes, bounds: Bounds) -> Message | WireError | Sequence[Message]:
        if len(line) > bounds.size:
            return WireError(codes.INVALID_REQUEST, f"a message may have {bounds.size} bytes")
        try:
            if self._version == BATCH_VERSION and is_batch(line):
                return self._take_batch(read_batch(line, bounds))
            message = read(line, bounds)
        except WireError as error:
            return error
        if isinstance(message, Request) and message.id in self._asked:
            return WireError(codes.INVALID_REQUEST, "a request with this id is still unanswered", id=message.id)
        return message

    def _take_batch(self, members: Sequence[Message]) -> Sequence[Message]:
        """Raises `WireError` where one of them cannot be taken: then none of them counts."""
        if any(era_of(member) is Era.MODERN for member in members):
            raise WireError(codes.INVALID_REQUEST, "there are no batches in the stateless versions")
        if any(isinstance(member, Request) and member.id in self._asked for member in members):
            raise WireError(codes.INVALID_REQUEST, "a request with an id of this batch is still unanswered")
        return members

    async def _handle_batch(self, members: Sequence[Message]) -> None:
        """Every member is judged for itself; the answers go back as one array once all of them are there (2025-03-26,
        Batching). What else is said meanwhile is not held back."""
        answered: list[bytes] = []

        async def keep(answer: bytes) -> None:
            answered.append(answer)

        handled = [self._handled(member, keep) for member in members]
        for outcome in await asyncio.gather(*handled, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
        if answered:
            await self._write(b"[" + b",".join(answered) + b"]")

    async def _handle(self, message: Message | WireError, put: Put) -> None:
        match message:
            case WireError():
                await self._write(answers.error(message.id, message.code, message.message))
            case Request():
                if era_of(message) is Era.LEGACY and message.method != "initialize":
                    await self._listened()
                reply = await self._gate.handle(message, self._agent(message))
                if message.method == "initialize":
                    reply = observe(reply, message, self._initialized)
                await self._answer(message, reply, put)
            case Notification(method="notifications/cancelled"):
                await self._cancel(message)
            case _:
                await self._pass(message)

    async def _pass(self, message: Message) -> None:
        """What has no answer: that it did not arrive is said here, since nobody else hears of it."""
        try:
            reply = await self._gate.handle(message, self._agent(message))
            if reply.status >= 400:
                say(f"a message without an answer was refused by the server: HTTP {reply.status}")
        except WireError as error:
            await self._write(answers.error(None, error.code, error.message))
        except UpstreamError as error:
            say(f"a message without an answer did not arrive: {error}")
        if isinstance(message, Notification) and message.method == "notifications/initialized":
            self._begin_listening()

    async def _cancel(self, notification: Notification) -> None:
        """The legacy wire cancels by this message; on the stateless one the exchange itself is ended, and says so."""
        if era_of(notification) is Era.LEGACY:
            await self._pass(notification)
        id = notification.params.get("requestId")
        if isinstance(id, str | int) and (task := self._asked.get(id)) is not None:
            task.cancel()

    def _initialized(self, answer: bytes) -> None:
        self._version = agreed_version(answer) or ""

    async def _answer(self, request: Request, reply: Reply, put: Put) -> None:
        what = f"the server answered HTTP {reply.status} to `{request.method}`"
        if isinstance(reply.body, bytes):
            is_answered = has_answer(reply, request)
            if is_answered:
                await put(reply.body)
        else:
            is_answered = await self._relay(request, reply.body, put)
            what = f"the server ended the stream before it answered `{request.method}`"
        if not is_answered:
            await put(answers.error(request.id, codes.UPSTREAM_FAILED, what))

    async def _relay(self, request: Request, events: AsyncGenerator[Event, None], put: Put) -> bool:
        """Write the messages of a stream, the response where it belongs; whether that was among them."""
        is_answered = False
        try:
            async for event in events:
                if not event.data:
                    continue
                if not is_answered and is_answer(event.data, request):
                    is_answered = True
                    await put(event.data)
                else:
                    await self._write(event.data)
        finally:
            await events.aclose()
        return is_answered

    def _begin_listening(self) -> None:
        """Once the agent is past its handshake: before that an HTTP server has no session to listen in."""
        if self._listening is None:
            self._listening = asyncio.ensure_future(self._listen())

    async def _listened(self) -> None:
        """Return once the server's stream is open, was refused, or takes too long."""
        self._begin_listening()
        if not self._is_open.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_open.wait(), self._opening)
            self._is_open.set()

    async def _listen(self) -> None:
        """Pass on what belongs to no request. A server that offers no such stream is left alone."""
        origin = Origin(self._principal.id)
        agent = Agent(self._principal, self._client, origin, Era.LEGACY, self._policy(), self._policy)
        try:
            reply = await self._gate.listen(agent)
            self._is_open.set()
            if not isinstance(reply.body, bytes):
                async for event in reply.body:
                    if event.data:
                        await self._write(event.data)
        except UpstreamError:
            self._is_open.set()

    async def _write(self, line: bytes) -> None:
        self._sink.write(line)
        await self._sink.drain()

    def _agent(self, message: Message) -> Agent:
        era = era_of(message)
        if era is Era.MODERN or (isinstance(message, Request) and message.method == "initialize"):
            self._client = client_of(message)
        return Agent(self._principal, self._client, Origin(self._principal.id), era, self._policy(), self._policy)
