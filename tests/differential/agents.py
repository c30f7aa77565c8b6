"""Agents that speak raw JSON-RPC, over HTTP or over a process's pipes, in either era, and keep everything they hear.

Both kinds sort what they hear by what it says, not by where it came from: what belongs to a request goes to its
exchange, the rest is news.
"""

from __future__ import annotations

import asyncio
import json
from abc import abstractmethod
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import httpx2

Message: TypeAlias = dict[str, Any]
Reply: TypeAlias = Callable[[Message], Any]

PATIENCE: Final = 120.0
LONGEST_LINE: Final = 64 * 1024 * 1024
MODERN: Final = "2026-07-28"
LEGACY: Final = "2025-11-25"
CLIENT: Final = {"name": "differential", "version": "1"}
CAPABILITIES: Final[Message] = {"sampling": {}, "elicitation": {"form": {}}, "roots": {"listChanged": True}}
META: Final = "io.modelcontextprotocol/"
NAMED: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


@dataclass
class Exchange:
    """One request and what belongs to it; the last of its messages is the response."""

    id: int | str
    method: str
    token: int | str | None
    heard: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    sending: asyncio.Task[None] | None = None
    last_event: str | None = None

    async def next(self) -> Message:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.heard.get()
        except TimeoutError:
            if self.sending is not None and self.sending.done():
                await self.sending
            raise

    async def all(self) -> list[Message]:
        """Everything up to the response."""
        messages = [await self.next()]
        while not is_response(messages[-1]):
            messages.append(await self.next())
        return messages


class Agent:
    """What scripts need of an agent. `answer` is asked what the server asks; `news` belongs to no request."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.news: list[Message] = []
        self.answer: Reply = lambda _: {}
        self._exchanges: dict[int | str, Exchange] = {}
        self._cancelled: set[int | str] = set()
        self._last_id = 0

    @property
    def is_modern(self) -> bool:
        return self.version == MODERN

    async def ask(self, method: str, params: Mapping[str, Any] | None = None, **rest: Any) -> list[Message]:
        """Everything that belongs to one request, its response last."""
        return await (await self.begin(method, params, **rest)).all()

    async def call(self, tool: str, arguments: Mapping[str, Any] | None = None, **rest: Any) -> list[Message]:
        return await self.ask("tools/call", {"name": tool, "arguments": dict(arguments or {})}, **rest)

    async def begin(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        id: int | str | None = None,
        token: int | str | None = None,
    ) -> Exchange:
        """Send a request and wait for nothing."""
        self._last_id += 1
        exchange = Exchange(self._last_id if id is None else id, method, token)
        self._exchanges[exchange.id] = exchange
        await self._send(exchange, self._message(method, params or {}, id=exchange.id, token=token))
        return exchange

    async def open(self) -> Message:
        """Shake hands, where that is done; gives the server's answer, or its discovery."""
        if self.is_modern:
            return (await self.ask("server/discover"))[-1]
        hello = {"protocolVersion": self.version, "capabilities": CAPABILITIES, "clientInfo": CLIENT}
        answer = (await self.ask("initialize", hello))[-1]
        await self.tell("notifications/initialized")
        return answer

    async def heard_of(self, method: str) -> Message:
        """The first news of that method, taken out; waits for it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for message in self.news:
                    if message.get("method") == method:
                        self.news.remove(message)
                        return message
                await asyncio.sleep(0.01)

    @abstractmethod
    async def tell(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        """Send a notification."""

    @abstractmethod
    async def cancel(self, exchange: Exchange) -> None:
        """Cancel as the transport and era have it."""

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    async def _send(self, exchange: Exchange, message: Message) -> None: ...

    @abstractmethod
    async def _respond(self, message: Message) -> None: ...

    def _message(
        self, method: str, params: Mapping[str, Any], *, id: int | str | None = None, token: int | str | None = None
    ) -> Message:
        meta = dict(params.get("_meta", {}))
        if self.is_modern:
            meta |= {
                f"{META}protocolVersion": self.version,
                f"{META}clientInfo": CLIENT,
                f"{META}clientCapabilities": CAPABILITIES,
            }
        if token is not None:
            meta["progressToken"] = token
        whole = {**params, "_meta": meta} if meta else dict(params)
        return {"jsonrpc": "2.0", **({} if id is None else {"id": id}), "method": method, "params": whole}

    async def _hear(self, message: Message, within: Exchange | None = None) -> None:
        """Put a message where it belongs; `within` is the exchange on whose stream it came, if any."""
        if is_response(message):
            exchange = self._exchanges.pop(message["id"], None)
            if exchange is not None:
                exchange.heard.put_nowait(message)
            assert exchange or message["id"] in self._cancelled, f"nobody asked for {message}"
        elif "id" in message:
            await self._respond({"jsonrpc": "2.0", "id": message["id"], "result": self.answer(message)})
        elif (owner := self._owner(message)) is not None:
            assert within in (None, owner), f"{message} came on another's stream"
            owner.heard.put_nowait(message)
        else:
            self.news.append(message)

    def _owner(self, message: Message) -> Exchange | None:
        params = message.get("params", {})
        subscription = params.get("_meta", {}).get(f"{META}subscriptionId")
        if subscription is not None:
            return self._exchanges[subscription]
        if message["method"] == "notifications/progress":
            return next(one for one in self._exchanges.values() if one.token == params["progressToken"])
        return None


class HttpAgent(Agent):
    """An agent at a URL. Sessions have their stream of news open from the start."""

    def __init__(self, version: str, url: str) -> None:
        super().__init__(version)
        self._url = url
        self._http = httpx2.AsyncClient(timeout=PATIENCE, limits=httpx2.Limits(max_connections=None))
        self._session: str | None = None
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> Message:
        answer = await super().open()
        if not self.is_modern:
            is_open = asyncio.Event()
            self._listening = asyncio.create_task(self._listen(is_open))
            await asyncio.wait_for(is_open.wait(), PATIENCE)
        return answer

    async def tell(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        await self._post(self._message(method, params or {}))

    async def cancel(self, exchange: Exchange) -> None:
        if not self.is_modern:
            await self.tell("notifications/cancelled", {"requestId": exchange.id, "reason": "changed my mind"})
        await self.hang_up(exchange)

    async def hang_up(self, exchange: Exchange) -> None:
        """Close the stream that the answer would come on."""
        self._exchanges.pop(exchange.id, None)  # a server may answer even what is cancelled, and be quicker
        self._cancelled.add(exchange.id)
        assert exchange.sending is not None
        exchange.sending.cancel()
        with suppress(asyncio.CancelledError):
            await exchange.sending

    async def resume(self, exchange: Exchange) -> None:
        """Wait until the server closes the stream, then come back for the rest."""
        assert exchange.sending is not None
        await asyncio.wait_for(exchange.sending, PATIENCE)
        assert exchange.last_event is not None, "no event had an id"
        lines = {**self._headers(), "last-event-id": exchange.last_event}
        async with self._http.stream("GET", self._url, headers=lines) as answer:
            answer.raise_for_status()
            await self._read(answer, exchange)

    async def close(self) -> None:
        for task in (self._listening, *(exchange.sending for exchange in self._exchanges.values())):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        if self._session is not None:
            await self._http.delete(self._url, headers=self._headers())
        await self._http.aclose()

    async def _send(self, exchange: Exchange, message: Message) -> None:
        is_sent = asyncio.Event()
        exchange.sending = asyncio.create_task(self._exchange(exchange, message, is_sent))
        await is_sent.wait()

    async def _exchange(self, exchange: Exchange, message: Message, is_sent: asyncio.Event) -> None:
        try:
            sending = self._http.stream("POST", self._url, json=message, headers=self._headers(message))
            is_sent.set()
            async with sending as answer:
                self._session = answer.headers.get("mcp-session-id", self._session)
                if answer.headers.get("content-type", "").startswith("text/event-stream"):
                    await self._read(answer, exchange)
                elif whole := await answer.aread():  # what was cancelled is owed no answer
                    await self._hear(json.loads(whole), exchange)
        except httpx2.HTTPError as error:
            exchange.heard.put_nowait({"id": exchange.id, "error": {"lost": repr(error)}})

    async def _listen(self, is_open: asyncio.Event) -> None:
        async with self._http.stream("GET", self._url, headers=self._headers(), timeout=None) as answer:
            answer.raise_for_status()
            is_open.set()
            await self._read(answer, None)

    async def _read(self, answer: httpx2.Response, exchange: Exchange | None) -> None:
        async for event in events(answer):
            if exchange is not None:
                exchange.last_event = event.id or exchange.last_event
            if event.data:
                await self._hear(event.data, exchange)
                if is_response(event.data):
                    return

    async def _respond(self, message: Message) -> None:
        await self._post(message)

    async def _post(self, message: Message) -> None:
        answer = await self._http.post(self._url, json=message, headers=self._headers(message))
        assert answer.status_code == 202, (answer.status_code, answer.text)

    def _headers(self, message: Message | None = None) -> dict[str, str]:
        lines = {"accept": "application/json, text/event-stream"}
        if self._session is not None:
            lines["mcp-session-id"] = self._session
        if message is None or message.get("method") != "initialize":
            lines["mcp-protocol-version"] = self.version
        if self.is_modern and message is not None:
            lines["mcp-method"] = message["method"]
            if (key := NAMED.get(message["method"])) is not None:
                lines["mcp-name"] = message["params"][key]
        return lines


@dataclass(frozen=True, slots=True)
class Event:
    id: str | None
    data: Message | None


async def events(answer: httpx2.Response) -> AsyncIterator[Event]:
    """The events of a stream; those without a message have no data."""
    rest = b""
    async for chunk in answer.aiter_bytes():
        *blocks, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n\n")
        for block in blocks:
            fields = [line.partition(b":") for line in block.split(b"\n")]
            data = b"\n".join(value.removeprefix(b" ") for name, _, value in fields if name == b"data")
            ids = [value.removeprefix(b" ").decode() for name, _, value in fields if name == b"id"]
            yield Event(ids[-1] if ids else None, json.loads(data) if data else None)


class StdioAgent(Agent):
    """An agent with a process of its own at the other end of its pipes."""

    def __init__(self, version: str, process: Process) -> None:
        super().__init__(version)
        self._process = process
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, version: str, command: Sequence[str], cwd: str) -> StdioAgent:
        process = await asyncio.create_subprocess_exec(*command, cwd=cwd, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE)
        return cls(version, process)

    async def tell(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        await self._write(self._message(method, params or {}))

    async def cancel(self, exchange: Exchange) -> None:
        self._exchanges.pop(exchange.id, None)  # a server may answer even what is cancelled, and be quicker
        self._cancelled.add(exchange.id)
        await self.tell("notifications/cancelled", {"requestId": exchange.id, "reason": "changed my mind"})

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), PATIENCE)
        self._reading.cancel()

    async def _send(self, exchange: Exchange, message: Message) -> None:
        del exchange
        await self._write(message)

    async def _respond(self, message: Message) -> None:
        await self._write(message)

    async def _write(self, message: Message) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        await self._process.stdin.drain()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            await self._hear(json.loads(line))


def is_response(message: Message) -> bool:
    return "result" in message or "error" in message
