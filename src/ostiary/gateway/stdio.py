"""The stdio front: one agent on standard input and output, one JSON-RPC message per line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final

from ostiary.enforcement import Agent, Gate
from ostiary.errors import UpstreamError, WireError
from ostiary.gateway.pipes import Sink
from ostiary.model import Client, Principal
from ostiary.notices import say
from ostiary.policy import Policy
from ostiary.ports import Origin, Reply
from ostiary.relay import has_answer
from ostiary.wire import answers, codes
from ostiary.wire.era import Era, client_of, era_of
from ostiary.wire.message import Id, Message, Notification, Request, read

IN_FLIGHT: Final = 1024
"""Messages handled at once; more stay in the pipe."""

PATIENCE: Final = 5.0
"""Seconds that answers still owed may take once the agent has closed its side."""


class StdioGateway:
    """`policy` gives the policy in force now. Messages are taken in order and answered as their answers come."""

    def __init__(self, gate: Gate, principal: Principal, policy: Callable[[], Policy | None], sink: Sink) -> None:
        self._gate = gate
        self._principal = principal
        self._policy = policy
        self._sink = sink
        self._client = Client()
        self._asked: dict[Id, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(IN_FLIGHT)

    async def serve(self, lines: AsyncGenerator[bytes, None], largest: int) -> None:
        """Answer until the agent closes its side, then what is still owed. Messages have `largest` bytes at most."""
        listening = asyncio.ensure_future(self._listen())
        try:
            async for line in lines:
                await self._room.acquire()
                self._begin(self._take(line, largest))
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=PATIENCE)
            for task in (listening, *self._tasks):
                task.cancel()

    def _begin(self, message: Message | WireError) -> None:
        """One task per message; each runs up to its first wait in the order of the lines."""
        task = asyncio.ensure_future(self._handle(message))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        if isinstance(message, Request):
            self._asked[message.id] = task
            task.add_done_callback(lambda _: self._asked.pop(message.id, None))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            say(f"an answer could not be written: {error}")

    def _take(self, line: bytes, largest: int) -> Message | WireError:
        if len(line) > largest:
            return WireError(codes.INVALID_REQUEST, f"a message may have {largest} bytes")
        try:
            message = read(line)
        except WireError as error:
            return error
        if isinstance(message, Request) and message.id in self._asked:
            return WireError(codes.INVALID_REQUEST, "a request with this id is still unanswered", id=message.id)
        return message

    async def _handle(self, message: Message | WireError) -> None:
        match message:
            case WireError():
                await self._write(answers.error(message.id, message.code, message.message))
            case Request():
                await self._answer(message, await self._gate.handle(message, self._agent(message)))
            case Notification(method="notifications/cancelled"):
                await self._cancel(message)
            case _:
                await self._pass(message)

    async def _pass(self, message: Message) -> None:
        try:
            await self._gate.handle(message, self._agent(message))
        except UpstreamError as error:
            say(f"a message without an answer did not arrive: {error}")

    async def _cancel(self, notification: Notification) -> None:
        """The legacy wire cancels by this message; on the stateless one the exchange itself is ended, and says so."""
        if era_of(notification) is Era.LEGACY:
            await self._pass(notification)
        id = notification.params.get("requestId")
        if isinstance(id, str | int) and (task := self._asked.get(id)) is not None:
            task.cancel()

    async def _answer(self, request: Request, reply: Reply) -> None:
        if not isinstance(reply.body, bytes):
            async for event in reply.body:
                if event.data:
                    await self._write(event.data)
        elif has_answer(reply, request):
            await self._write(reply.body)
        else:
            what = f"the server answered HTTP {reply.status} to `{request.method}`"
            await self._write(answers.error(request.id, codes.UPSTREAM_FAILED, what))

    async def _listen(self) -> None:
        """Pass on what belongs to no request. A server that offers no such stream is left alone."""
        agent = Agent(self._principal, self._client, Origin(self._principal.id), Era.LEGACY, self._policy())
        try:
            reply = await self._gate.listen(agent)
            if not isinstance(reply.body, bytes):
                async for event in reply.body:
                    if event.data:
                        await self._write(event.data)
        except UpstreamError:
            return

    async def _write(self, line: bytes) -> None:
        self._sink.write(line)
        await self._sink.drain()

    def _agent(self, message: Message) -> Agent:
        era = era_of(message)
        if era is Era.MODERN or (isinstance(message, Request) and message.method == "initialize"):
            self._client = client_of(message)
        return Agent(self._principal, self._client, Origin(self._principal.id), era, self._policy())
