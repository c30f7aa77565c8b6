"""What reached the upstream, byte for byte: over HTTP in this process, over stdio in the child's file."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from tests.bypass.plain_http import FramingError, Head, read_body, read_head
from tests.bypass.server import EVENT, answer, flood, forged

_SSE: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
SESSION: Final = "session-of-the-upstream"


@dataclass(frozen=True)
class Reached:
    """One message as it came in; `lines` are its headers, names in lower case, none over stdio."""

    body: bytes
    lines: dict[str, list[str]] = field(default_factory=dict)
    method: str = "POST"


class Recorder(Protocol):
    """Keeps everything that reaches an upstream."""

    def since(self, place: int) -> list[Reached]:
        """What has come since the place that `place` gave."""

    @property
    def place(self) -> int: ...


class FileRecorder:
    """The file in which a child of the gateway keeps what it reads; what counts is messages."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def place(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def since(self, place: int) -> list[Reached]:
        if not self.file.exists():
            return []
        with self.file.open("rb") as log:
            log.seek(place)
            return [Reached(line.rstrip(b"\n")) for line in log.read().split(b"\n") if line]


class HttpUpstream:
    """A Streamable HTTP server of both eras on a port of its own. It keeps all it is sent but what `forget` drops."""

    def __init__(self) -> None:
        self._kept: list[Reached] = []
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.flooded = 0
        """Bytes that all floods could be rid of."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def place(self) -> int:
        return len(self._kept)

    def since(self, place: int) -> list[Reached]:
        return self._kept[place:]

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in [*self._writers]:
            writer.transport.abort()
        await asyncio.sleep(0.1)  # what was aborted is closed in the loop's next turns

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, FramingError, TimeoutError):
            while True:
                head = await read_head(reader)
                body = await read_body(reader, head)
                self._kept.append(Reached(body, head.lines, head.method))
                if not await self._answer(writer, head, body):
                    break
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        self._writers.discard(writer)

    async def _answer(self, writer: asyncio.StreamWriter, head: Head, body: bytes) -> bool:
        """Whether the connection may be used again."""
        try:
            message = json.loads(body) if body else {}
        except (ValueError, RecursionError):
            message = {}
        if head.method != "POST" or not isinstance(message, dict):
            writer.write(b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n")
            return True
        if "id" not in message or "method" not in message:
            writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
            return True
        params = message.get("params")
        arguments = params.get("arguments") if isinstance(params, dict) else None
        return await self._act(writer, message, arguments if isinstance(arguments, dict) else {})

    async def _act(self, writer: asyncio.StreamWriter, message: dict[str, Any], arguments: dict[str, Any]) -> bool:
        match arguments.get("act"):
            case "flood":
                await self._flood(writer, message, int(arguments["bytes"]))
            case "forge":
                events = [*forged(arguments), _text(answer(message))]
                writer.write(_SSE + b"".join(b"data: " + event + b"\n\n" for event in events))
            case "hostile" if arguments.get("stream"):
                writer.write(_SSE + b"event: message\rid: 1\rdata: " + _text(answer(message)) + b"\r\r")
            case "redirect":
                where = str(arguments["to"]).encode()
                status = b"%d Elsewhere" % int(arguments["status"])
                writer.write(b"HTTP/1.1 " + status + b"\r\nlocation: " + where + b"\r\ncontent-length: 0\r\n\r\n")
                return True
            case "silence":
                await asyncio.sleep(float(arguments["seconds"]))
            case _:
                cookie = b"set-cookie: upstream=upstream-canary-cookie\r\nwww-authenticate: Bearer upstream-canary\r\n"
                writer.write(_whole(_text(answer(message)), cookie + b"mcp-session-id: " + SESSION.encode() + b"\r\n"))
                return True
        with suppress(ConnectionError):
            await writer.drain()
        return False

    async def _flood(self, writer: asyncio.StreamWriter, message: dict[str, Any], size: int) -> None:
        token = message["params"]["_meta"]["progressToken"]
        block = b"".join(b"data: " + _text(one) + b"\n\n" for one in flood(token, EVENT))
        writer.write(_SSE)
        for _ in range(size // len(block) + 1):
            writer.write(block)
            await writer.drain()
            self.flooded += len(block)
        writer.write(b"data: " + _text(answer(message)) + b"\n\n")


def _text(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def _whole(body: bytes, more: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n" % len(body)
    return head + more + b"\r\n" + body
