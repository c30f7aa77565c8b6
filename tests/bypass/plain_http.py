"""HTTP/1.1 as far as the suite needs it, with nothing tidied up: what is to be sent is sent as it stands."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

PATIENCE: Final = 60.0
"""Seconds after which no answer counts as none."""


class FramingError(Exception):
    """The other side does not speak HTTP."""


@dataclass(frozen=True)
class Head:
    """The first line's words and the headers, names in lower case."""

    words: list[str]
    lines: dict[str, list[str]] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.words[0]


@dataclass(frozen=True)
class Answer:
    """`status` is 0 where the connection ended without one."""

    status: int
    lines: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        return ", ".join(self.lines.get(name, []))

    @property
    def messages(self) -> list[bytes]:
        """The body, or the data of its events as the specification of server-sent events reads them."""
        if not self.header("content-type").startswith("text/event-stream"):
            return [self.body] if self.body else []
        plain = self.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        events = [
            b"\n".join(line[5:].removeprefix(b" ") for line in block.split(b"\n") if line.startswith(b"data:"))
            for block in plain.split(b"\n\n")
        ]
        return [event for event in events if event]


NOTHING: Final = Answer(0)


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    path: str
    is_tls: bool

    @classmethod
    def of(cls, url: str) -> Address:
        parts = urlsplit(url)
        is_tls = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if is_tls else 80), parts.path or "/", is_tls)

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"


class Connection:
    """One connection, opened when it is first needed and again when the other side has closed it."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tls = ssl.create_default_context() if self.address.is_tls else None
        self.reader, self.writer = await asyncio.open_connection(
            self.address.host, self.address.port, limit=2**20, ssl=tls
        )
        return self.reader, self.writer

    async def exchange(self, data: bytes, patience: float = PATIENCE) -> Answer:
        """Send these bytes and read one answer. One that does not come in time, or not at all, has status 0."""
        is_fresh = self.writer is None
        found = await self._once(data, patience)
        if found.status == 0 and not is_fresh:  # it may have been closed before these bytes came
            self.close()
            found = await self._once(data, patience)
        if found.status == 0 or found.header("connection").lower() == "close":
            self.close()
        return found

    async def _once(self, data: bytes, patience: float) -> Answer:
        try:
            async with asyncio.timeout(patience):
                reader, writer = self.reader, self.writer
                if reader is None or writer is None:
                    reader, writer = await self.open()
                with suppress(ConnectionError):  # it may have answered and closed before all was sent
                    writer.write(data)
                    await writer.drain()
                return await read_answer(reader)
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, FramingError):
            return NOTHING

    def close(self) -> None:
        if self.writer is not None:
            self.writer.transport.abort()
        self.reader = self.writer = None


def render(method: str, target: str, lines: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """A request with these header lines, and its length where no line says anything about that."""
    given = list(lines)
    names = {name.lower() for name, _ in given}
    if method == "POST" and not names & {"content-length", "transfer-encoding"}:
        given.append(("Content-Length", str(len(body))))
    head = "".join(f"{name}: {value}\r\n" for name, value in given)
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


async def read_head(reader: asyncio.StreamReader) -> Head:
    """Raises `FramingError`, `ConnectionError` and `IncompleteReadError`."""
    try:
        block = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise FramingError from error
    first, *rest = block.decode("latin-1").rstrip("\r\n").split("\r\n")
    lines: dict[str, list[str]] = {}
    for line in rest:
        name, _, value = line.partition(":")
        lines.setdefault(name.lower(), []).append(value.strip())
    return Head(first.split(" ", 2), lines)


async def read_body(reader: asyncio.StreamReader, head: Head) -> bytes:
    """The body that length or chunks give it; none where the head says nothing of it."""
    if head.lines.get("transfer-encoding") == ["chunked"]:
        return await _chunks(reader)
    length = head.lines.get("content-length", ["0"])[0]
    if not length.isdigit():
        raise FramingError
    return await reader.readexactly(int(length))


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """One answer, interim ones passed over; an answer without length goes on to the end of the connection."""
    head = await read_head(reader)
    while head.words[1].startswith("1"):
        head = await read_head(reader)
    status = int(head.words[1])
    if status not in (204, 304) and not {"content-length", "transfer-encoding"} & head.lines.keys():
        return Answer(status, {**head.lines, "connection": ["close"]}, await reader.read())
    return Answer(status, head.lines, await read_body(reader, head))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    while True:
        size = (await reader.readline()).split(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            raise FramingError from None
        if length == 0:
            await reader.readline()
            return b"".join(parts)
        parts.append(await reader.readexactly(length))
        await reader.readline()
