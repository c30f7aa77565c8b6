"""Agents that put anything at all to the gateway, over HTTP and over its standard input and output."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from tests.bypass.message import ALLOWED, INITIALIZE, Attempt, Era, Lines, call, described, request, text
from tests.bypass.plain_http import NOTHING, PATIENCE, Address, Answer, Connection, render

_ACCEPT: Final = ("Accept", "application/json, text/event-stream")
_KIND: Final = ("Content-Type", "application/json")


class GatewayError(Exception):
    """The gateway under test does not do what it has to for anything to be tested."""


class Agent(Protocol):
    """One honest party that may be made to send something else."""

    era: Era

    async def greet(self) -> None:
        """Begin as the era wants it. Raises `GatewayError`."""

    async def put(self, attempt: Attempt) -> Answer | None:
        """Send it; the answer, or None where that is not to be told from others (stdio)."""

    async def ask(self, message: dict[str, Any], patience: float = PATIENCE) -> Any:
        """Send an honest request; its response, None where none comes in time."""

    async def settle(self) -> bool:
        """Returns once whatever was sent before has been dealt with; whether the gateway still answers."""

    async def close(self) -> None: ...


class HttpAgent:
    """An agent with a connection, a token and, in the legacy era, a session of its own."""

    def __init__(self, url: str, era: Era, token: str | None) -> None:
        self.address = Address.of(url)
        self.era = era
        self.token = token
        self.session: str | None = None
        self.connection = Connection(self.address)

    async def greet(self) -> None:
        if self.era is Era.MODERN:
            return
        hello = request(self.era, "initialize", INITIALIZE)
        answer = await self.post(text(hello), described(self.era, hello))
        if answer.status != 200:
            raise GatewayError(f"`initialize` was answered with HTTP {answer.status}: {answer.body[:200]!r}")
        self.session = answer.header("mcp-session-id") or None
        done = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        await self.post(text(done), described(self.era, done))

    def lines(self, more: Lines = ()) -> Lines:
        """All header lines of a message; `more` replaces those of the same names."""
        own = [("Host", self.address.authority), _ACCEPT, _KIND]
        if self.token is not None:
            own.append(("Authorization", f"Bearer {self.token}"))
        if self.session is not None:
            own.append(("Mcp-Session-Id", self.session))
        replaced = {name.lower() for name, _ in more}
        return (*(line for line in own if line[0].lower() not in replaced), *(line for line in more if line[1] != ""))

    async def post(self, body: bytes, more: Lines = (), patience: float = PATIENCE) -> Answer:
        return await self.connection.exchange(render("POST", self.address.path, self.lines(more), body), patience)

    async def put(self, attempt: Attempt) -> Answer | None:
        return await self.post(attempt.body, attempt.lines)

    async def ask(self, message: dict[str, Any], patience: float = PATIENCE) -> Any:
        answer = await self.post(text(message), described(self.era, message), patience)
        for one in answer.messages:
            with suppress(ValueError):
                found = json.loads(one)
                if isinstance(found, dict) and found.get("id") == message["id"]:
                    return found
        return None

    async def settle(self) -> bool:
        return is_result(await self.ask(call(self.era, ALLOWED)))

    async def close(self) -> None:
        self.connection.close()


class StdioAgent:
    """The agent at a gateway that it starts itself. `heard` has every line that came."""

    def __init__(self, command: Sequence[str], era: Era, errors: Path) -> None:
        self._command = command
        self._errors = errors
        self.era = era
        self.heard: list[bytes] = []
        self._waiting: dict[Any, asyncio.Future[Any]] = {}
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def process(self) -> Process:
        if self._process is None:
            raise GatewayError("the gateway was not started")
        return self._process

    async def greet(self) -> None:
        with self._errors.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=errors, limit=2**22
            )
        self._reading = asyncio.ensure_future(self._read())
        if self.era is Era.LEGACY:
            if await self.ask(request(self.era, "initialize", INITIALIZE)) is None:
                raise GatewayError("`initialize` was not answered")
            await self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        elif not await self.settle():
            raise GatewayError(f"a call of `{ALLOWED}` was not answered")

    async def put(self, attempt: Attempt) -> Answer | None:
        await self.write(attempt.body + b"\n")
        return None

    async def ask(self, message: dict[str, Any], patience: float = PATIENCE) -> Any:
        future = self.expect(message["id"])
        await self.write(text(message) + b"\n")
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                return await future
        return None

    def expect(self, id: Any) -> asyncio.Future[Any]:
        """The response with this id, once it comes; None where the gateway ends first."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[id] = future
        return future

    async def settle(self) -> bool:
        return is_result(await self.ask(call(self.era, ALLOWED)))

    async def write(self, data: bytes) -> None:
        stdin = self.process.stdin
        if stdin is None:
            return
        with suppress(ConnectionError):
            stdin.write(data)
            await stdin.drain()

    def pause(self) -> None:
        """Read nothing more until `resume`."""
        if self._reading is not None:
            self._reading.cancel()

    def resume(self) -> None:
        self._reading = asyncio.ensure_future(self._read())

    async def close(self) -> None:
        process = self.process
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
        if self._reading is not None:
            self._reading.cancel()
        await process.wait()

    async def _read(self) -> None:
        stdout = self.process.stdout
        while stdout is not None and (line := await stdout.readline()):
            self.heard.append(line)
            with suppress(ValueError, RecursionError):
                message = json.loads(line)
                if isinstance(message, dict) and "method" not in message:
                    self._tell(message.get("id"), message)
        for id in list(self._waiting):
            self._tell(id, None)

    def _tell(self, id: Any, message: Any) -> None:
        future = self._waiting.pop(id, None) if isinstance(id, str | int) else None
        if future is not None and not future.done():
            future.set_result(message)


def is_result(answer: Any) -> bool:
    """Whether it is the result of a call that was let through and worked."""
    result = answer.get("result") if isinstance(answer, dict) else None
    return isinstance(result, dict) and not result.get("isError") and "content" in result


def is_refusal(answer: Answer) -> bool:
    """Whether the gateway said no to it in HTTP's terms."""
    return 400 <= answer.status < 500


def is_crash(answer: Answer | None) -> bool:
    """No answer at all, or one that says that something broke."""
    return answer is not None and (answer == NOTHING or answer.status == 500)
