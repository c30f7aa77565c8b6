"""Gateways under test: one that listens at a URL, and one that is started anew for every agent on stdio."""

from __future__ import annotations

import asyncio
import shlex
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bypass import server
from tests.bypass.agents import GatewayError, HttpAgent, StdioAgent
from tests.bypass.ground import HTTP, STDIO
from tests.bypass.memory import Footprint, footprint
from tests.bypass.message import Era
from tests.bypass.plain_http import Address
from tests.bypass.upstream import FileRecorder, HttpUpstream, Recorder

_START: Final = 120.0


@dataclass
class HttpStand:
    """A gateway at `url`, started with `command` in front of `upstream` unless it runs already. `tokens` are those of
    two principals; `kept` are the directories in which it keeps things."""

    url: str
    upstream: HttpUpstream
    output: Path
    command: Sequence[str] = ()
    tokens: Sequence[str] = ()
    kept: Sequence[Path] = ()
    transport: str = HTTP
    process: Process | None = None

    @property
    def recorder(self) -> Recorder:
        return self.upstream

    @property
    def is_alive(self) -> bool:
        return self.process is None or self.process.returncode is None

    def footprint(self) -> Footprint:
        return Footprint(0, 0) if self.process is None else footprint(self.process.pid)

    async def start(self) -> None:
        """Raises `GatewayError` where it does not listen in time."""
        if self.command:
            with self.output.open("ab") as output:
                self.process = await asyncio.create_subprocess_exec(
                    *self.command, stdin=DEVNULL, stdout=output, stderr=output
                )
        address = Address.of(self.url)
        for _ in range(int(_START / 0.05)):
            with suppress(OSError):
                _, writer = await asyncio.open_connection(address.host, address.port)
                writer.transport.abort()
                return
            if not self.is_alive:
                break
            await asyncio.sleep(0.05)
        said = self.output.read_text(errors="replace")[-400:] if self.output.exists() else ""
        raise GatewayError(f"nothing listens at {self.url}: {said}")

    async def agent(self, era: Era, *, is_other: bool = False) -> HttpAgent | StdioAgent:
        token = self.tokens[-1 if is_other else 0] if self.tokens else None
        made = HttpAgent(self.url, era, token)
        await made.greet()
        return made

    async def close(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()
        await self.upstream.close()


@dataclass
class StdioStand:
    """A gateway that is a command; `{upstream}` in it stands for the command of the upstream."""

    command: str
    directory: Path
    kept: Sequence[Path] = ()
    transport: str = STDIO
    upstream: HttpUpstream | None = None
    agents: list[StdioAgent] = field(default_factory=list)

    @property
    def recorder(self) -> Recorder:
        return FileRecorder(self.directory / "reached")

    @property
    def output(self) -> Path:
        return self.directory / "errors"

    @property
    def is_alive(self) -> bool:
        return all(agent.process.returncode is None for agent in self.agents[-1:])

    def footprint(self) -> Footprint:
        return footprint(self.agents[-1].process.pid) if self.agents else Footprint(0, 0)

    async def agent(self, era: Era, *, is_other: bool = False) -> HttpAgent | StdioAgent:  # noqa: ARG002
        child = [sys.executable, "-I", str(Path(server.__file__)), str(self.directory / "reached")]
        words = shlex.split(self.command.replace("{upstream}", shlex.join(child)))
        made = StdioAgent(words, era, self.output)
        await made.greet()
        self.agents = [made]
        return made

    async def close(self) -> None:
        for agent in self.agents:
            await agent.close()


async def http_stand(
    url: str, command: str, port: int, tokens: Sequence[str], directory: Path | None = None, kept: Sequence[Path] = ()
) -> HttpStand:
    """A stand whose gateway is started; `{upstream}` in its command stands for the upstream's URL."""
    upstream = HttpUpstream()
    await upstream.start(port)
    place = directory or Path(tempfile.mkdtemp(prefix="bypass-"))
    words = shlex.split(command.replace("{upstream}", upstream.url))
    stand = HttpStand(url, upstream, place / "output", words, tokens, kept)
    await stand.start()
    return stand


Stands = Mapping[str, "HttpStand | StdioStand"]
