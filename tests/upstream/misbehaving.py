"""A raw HTTP server on a free port that answers every request with exactly the bytes it is told to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ostiary.ports import Origin
from ostiary.wire.message import Notification, Request

Script = Callable[["Exchange"], Awaitable[None]]

ORIGIN = Origin("local:tester")


def call(id: int = 1, text: str = "hello") -> Request:
    """A `tools/call`: what may never be sent twice."""
    raw = b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo","arguments":{"text":"%b"}}}'
    return Request(id, "tools/call", {"name": "echo", "arguments": {"text": text}}, raw % (id, text.encode()))


def listing(id: int = 1) -> Request:
    return Request(id, "tools/list", {}, b'{"jsonrpc":"2.0","id":%d,"method":"tools/list"}' % id)


def notification() -> Notification:
    return Notification("notifications/initialized", {}, b'{"jsonrpc":"2.0","method":"notifications/initialized"}')


def json_answer(body: bytes = b'{"jsonrpc":"2.0","id":1,"result":{}}', extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%b\r\n%b" % (
        len(body),
        extra,
        body,
    )


def stream_head() -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@dataclass
class Exchange:
    """One request as it came; `number` counts the server's requests from 1."""

    head: bytes
    body: bytes
    number: int
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


@dataclass
class Server:
    port: int = 0
    scheme: str = "http"
    connections: int = 0
    requests: list[Exchange] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever a client has closed a connection."""

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/mcp"


@asynccontextmanager
async def serving(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Runs the script for each request; the connection is closed when a script closes it, or at the end."""
    server = Server(scheme="https" if tls else "http")
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
            body = await reader.readexactly(int(lines.get(b"content-length", b"0")))
            exchange = Exchange(head, body, len(server.requests) + 1, writer)
            server.requests.append(exchange)
            try:
                await script(exchange)
            except ConnectionError:
                break
        server.closed.set()
        writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        writers.append(writer)
        task = asyncio.get_running_loop().create_task(converse(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
