"""Standard input and output as an agent's line: whole messages in, whole messages out, each at the other's pace.

Pipes and sockets go through the event loop; anything else (a file, a terminal, `/dev/null`) is read by a thread.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeAlias

from ostiary.wire.rewrite import one_line

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
        return lambda: _read_aside(descriptor)
    reader = asyncio.StreamReader(limit=BLOCK)
    pipe = os.fdopen(descriptor, "rb", buffering=0, closefd=False)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return lambda: reader.read(BLOCK)


async def _read_aside(descriptor: int) -> bytes:
    """One block, read by a thread of its own: asyncio waits for its threads at the end, and a terminal may be silent
    for ever."""
    loop = asyncio.get_running_loop()
    block: asyncio.Future[bytes] = loop.create_future()

    def tell(data: bytes) -> None:
        if not block.done():
            block.set_result(data)

    def read() -> None:
        try:
            data = os.read(descriptor, BLOCK)
        except OSError:  # a terminal that hung up
            data = b""
        with suppress(RuntimeError):  # the loop is over
            loop.call_soon_threadsafe(tell, data)

    threading.Thread(target=read, name="standard input", daemon=True).start()
    return await block


class Sink:
    """A descriptor to write lines to. `drain` waits while nobody reads."""

    def __init__(self, descriptor: int, writer: asyncio.StreamWriter | None) -> None:
        self._descriptor = descriptor
        self._writer = writer

    def write(self, line: bytes) -> None:
        """One message."""
        rest = one_line(line) + b"\n"
        if self._writer is not None:
            self._writer.write(rest)
            return
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

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
