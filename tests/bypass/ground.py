"""Where a case is tried: one transport in one era, what may be asked of it, and what was found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from tests.bypass.agents import Agent, HttpAgent, StdioAgent, is_crash
from tests.bypass.judge import objection
from tests.bypass.memory import Footprint
from tests.bypass.message import Attempt, Era
from tests.bypass.upstream import HttpUpstream, Reached, Recorder

HTTP: Final = "http"
STDIO: Final = "stdio"
SOME_FILES: Final = 8
"""Connections that a gateway may keep to its upstream, or open for other reasons of its own."""


class Verdict(StrEnum):
    HOLDS = "holds"
    LEAKS = "leaks"
    CRASHED = "crashed"
    SKIPPED = "skipped"


class Skipped(Exception):
    """What the case needs is not here; the text says what."""


class Stand(Protocol):
    """A gateway under test over one transport, with its upstream."""

    @property
    def transport(self) -> str: ...

    @property
    def output(self) -> Path:
        """What the gateway writes on its standard streams that is no answer."""

    @property
    def kept(self) -> Sequence[Path]:
        """Directories in which it keeps what it writes otherwise."""

    async def agent(self, era: Era, *, is_other: bool = False) -> HttpAgent | StdioAgent:
        """A new agent that has said hello; the other one is another principal. Raises `Skipped`, `GatewayError`."""

    def footprint(self) -> Footprint:
        """The gateway's processes now."""

    @property
    def recorder(self) -> Recorder: ...

    @property
    def is_alive(self) -> bool: ...

    @property
    def upstream(self) -> HttpUpstream | None:
        """The upstream itself, where it is in this process."""


@dataclass
class Ground:
    """What a case gets. `is_full` asks for all of it, however long that takes."""

    stand: Stand
    era: Era
    agent: HttpAgent | StdioAgent
    is_full: bool
    corpora: Path | None
    secrets: tuple[str, ...] = ()
    attempts: int = 0
    leaks: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def http(self) -> HttpAgent:
        if not isinstance(self.agent, HttpAgent):
            raise Skipped("only over HTTP")
        return self.agent

    @property
    def upstream(self) -> HttpUpstream:
        if self.stand.upstream is None:
            raise Skipped("only with an HTTP upstream")
        return self.stand.upstream

    @property
    def is_http(self) -> bool:
        return self.stand.transport == HTTP

    def corpus(self, name: str) -> Path:
        if self.corpora is None or not (self.corpora / name).exists():
            raise Skipped(f"{name} is not here; say where with --corpora")
        return self.corpora / name

    def leak(self, what: str) -> None:
        self.leaks.append(what)

    def crash(self, what: str) -> None:
        self.crashes.append(what)

    def expect(self, claim: bool, what: str) -> None:
        """Another attempt; what it is if the claim does not hold is a leak."""
        self.attempts += 1
        if not claim:
            self.leaks.append(what)

    async def put(self, attempts: Iterable[Attempt]) -> None:
        """Try them all, then look at what reached the upstream."""
        place = self.stand.recorder.place
        tried = [one for one in attempts if self.is_http or b"\n" not in one.body]
        for one in tried:
            if is_crash(await self.agent.put(one)):
                self.crash(f"{one.label}: no answer, or HTTP 500")
        self.attempts += len(tried)
        if not await self.agent.settle():
            self.crash("the gateway answers no more")
        self.look(place, tried)

    def look(self, place: int, tried: Iterable[Attempt] = ()) -> list[Reached]:
        """Judge whatever reached the upstream since."""
        reached = self.stand.recorder.since(place)
        attempts = list(tried)
        for one in reached:
            why = objection(one.body, one.lines) if one.method == "POST" else None
            if why is not None:
                self.leak(f"{_label(one, attempts)}: {why}; {one.body[:160]!r} reached the upstream")
        for attempt in attempts:
            self._compare(attempt, [one.body for one in reached if _holds(one, attempt)])
        return reached

    def _compare(self, attempt: Attempt, bodies: list[bytes]) -> None:
        if attempt.must_stop and bodies:
            self.leak(f"{attempt.label}: {bodies[0][:160]!r} reached the upstream")
        elif attempt.must_pass and not bodies:
            self.notes.append(f"refused although valid: {attempt.label}")
        elif attempt.must_pass and bodies[0] != attempt.body and json.loads(bodies[0]) != json.loads(attempt.body):
            self.leak(f"{attempt.label}: {bodies[0][:160]!r} reached the upstream in its place")

    @asynccontextmanager
    async def another(self, *, is_other: bool = False) -> AsyncGenerator[HttpAgent | StdioAgent, None]:
        """One more agent, of the same principal or another."""
        agent = await self.stand.agent(self.era, is_other=is_other)
        try:
            yield agent
        finally:
            await agent.close()

    async def steady(self) -> Footprint:
        """The gateway's footprint once what was asked before is over."""
        await asyncio.sleep(0.5)
        return self.stand.footprint()

    async def released(self, before: Footprint) -> Footprint:
        """The same once what was opened since is closed again, or after a while in which it was not."""
        now = await self.steady()
        for _ in range(20):
            if now.files - before.files < SOME_FILES:
                break
            now = await self.steady()
        return now


Case: TypeAlias = Callable[[Ground], Awaitable[None]]
Attempts: TypeAlias = Callable[[Era], Iterable[Attempt]]


@dataclass(frozen=True)
class Entry:
    """A case by its number in the list of those that must hold, and where it applies."""

    number: str
    title: str
    run: Case
    transports: tuple[str, ...] = (HTTP, STDIO)
    eras: tuple[Era, ...] = (Era.LEGACY, Era.MODERN)


CASES: Final[list[Entry]] = []


def case(
    number: str,
    title: str,
    transports: tuple[str, ...] = (HTTP, STDIO),
    eras: tuple[Era, ...] = (Era.LEGACY, Era.MODERN),
) -> Callable[[Case], Case]:
    """Enter a case that does more than to put messages."""

    def enter(run: Case) -> Case:
        CASES.append(Entry(number, title, run, transports, eras))
        return run

    return enter


def messages(
    number: str,
    title: str,
    transports: tuple[str, ...] = (HTTP, STDIO),
    eras: tuple[Era, ...] = (Era.LEGACY, Era.MODERN),
) -> Callable[[Attempts], Attempts]:
    """Enter a case that is a list of messages."""

    def enter(attempts: Attempts) -> Attempts:
        async def run(ground: Ground) -> None:
            await ground.put(attempts(ground.era))

        CASES.append(Entry(number, title, run, transports, eras))
        return attempts

    return enter


def _holds(reached: Reached, attempt: Attempt) -> bool:
    return bool(attempt.mark) and attempt.mark.encode() in reached.body.replace(b"\0", b"")


def _label(reached: Reached, attempts: list[Attempt]) -> str:
    return next((one.label for one in attempts if _holds(reached, one)), "some message")


__all__ = [
    "CASES",
    "HTTP",
    "STDIO",
    "Agent",
    "Case",
    "Entry",
    "Ground",
    "Skipped",
    "Stand",
    "Verdict",
    "case",
    "messages",
]
