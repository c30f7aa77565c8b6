"""Standard input and output as an agent's line: whole messages in, whole messages out, each at the other's pace.

Pipes and sockets go through the event loop; anything else (a file, a terminal, `/dev/null`) is read by a thread.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, TypeAlias

BLOCK: Final = 64 * 1024

Source: TypeAlias = Callable[[], Awaitable[bytes]]


async def lines_in(largest: int, source: Source) -> AsyncGenerator[bytes, None]:
    """Lines without their end, until `source` gives nothing more; blank ones are left out.

    Of a line longer than `largest` bytes the first `largest + 1` come, so that the reader can refuse it; the rest is
    skipped.
    """
    rest = b""
    is_skipping = False
    while block := await source():
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            if is_skipping:
                is_skipping = False
            elif line.strip():
                yield line[: largest + 1]
        if len(rest) > largest:
            if not is_skipping:
                yield rest[: largest + 1]
            is_skipping, rest = True, b""
    if rest.strip() and not is_skipping:
        yield rest


async def open_source(descriptor: int = 0) -> Source:
    """Blocks of a descriptor, as they come; an empty one at its end."""
    if not _is_pipe(descriptor):
        return lambda: asyncio.to_thread(os.read, descriptor, BLOCK)
    reader = asyncio.StreamReader(limit=BLOCK)
    pipe = os.fdopen(descriptor, "rb", buffering=0, closefd=False)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return lambda: reader.read(BLOCK)


class Sink:
    """A descriptor to write lines to. `drain` waits while nobody reads."""

    def __init__(self, descriptor: int, writer: asyncio.StreamWriter | None) -> None:
        self._descriptor = descriptor
        self._writer = writer

    def write(self, line: bytes) -> None:
        """One message; its line ends are spaces to JSON, so that it stays one line."""
        if b"\n" in line or b"\r" in line:
            line = line.replace(b"\r", b" ").replace(b"\n", b" ")
        if self._writer is None:
            os.write(self._descriptor, line + b"\n")
        else:
            self._writer.write(line + b"\n")

    async def drain(self) -> None:
        """Raises `ConnectionError` once the reader is gone."""
        if self._writer is not None:
            await self._writer.drain()


async def open_sink(descriptor: int = 1) -> Sink:
    if not _is_pipe(descriptor):
        return Sink(descriptor, None)
    loop = asyncio.get_running_loop()
    pipe = os.fdopen(descriptor, "wb", buffering=0, closefd=False)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, pipe)
    return Sink(descriptor, asyncio.StreamWriter(transport, protocol, None, loop))


def _is_pipe(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
