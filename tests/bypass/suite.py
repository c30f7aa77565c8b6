"""Every case on every ground where it applies, one after another, each with an agent of its own."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bypass.agents import GatewayError, HttpAgent, StdioAgent, is_result
from tests.bypass.ground import CASES, Entry, Ground, Skipped, Verdict
from tests.bypass.message import ALLOWED, DENIED, HIDDEN, Era, call
from tests.bypass.stands import HttpStand, StdioStand

_FILES: Final = ("keys", "documents", "routes", "values", "doors", "framing", "crowds", "loads")
_PATIENCE: Final = {False: 300.0, True: 1800.0}


@dataclass(frozen=True)
class Finding:
    """What became of one case on one ground."""

    number: str
    title: str
    transport: str
    era: str
    verdict: Verdict
    attempts: int = 0
    leaks: Sequence[str] = ()
    crashes: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Wanted:
    """Which cases, and how much of them. `corpora` is where public test data lies, None where there is none."""

    is_full: bool = False
    corpora: Path | None = None
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    eras: Sequence[Era] = field(default_factory=lambda: tuple(Era))

    def takes(self, entry: Entry) -> bool:
        return (not self.only or entry.number in self.only) and entry.number not in self.skip


def entries() -> list[Entry]:
    """All cases, in the order of their numbers."""
    for name in _FILES:
        importlib.import_module(f"tests.bypass.cases.{name}")
    return sorted(CASES, key=lambda entry: int(entry.number))


async def run(stands: Mapping[str, HttpStand | StdioStand], wanted: Wanted) -> AsyncGenerator[Finding, None]:
    """Findings as they come. Raises `GatewayError` where the gateway does not have the policy that the suite needs."""
    for stand in stands.values():
        for era in wanted.eras:
            await _check_policy(stand, era)
    for entry in entries():
        if not wanted.takes(entry):
            continue
        for transport, stand in stands.items():
            for era in wanted.eras:
                if transport in entry.transports and era in entry.eras:
                    yield await _try(entry, stand, era, wanted)


async def _check_policy(stand: HttpStand | StdioStand, era: Era) -> None:
    """`allowed` is allowed, `denied` and `hidden` are not: else every other finding would mean nothing."""
    agent = await stand.agent(era)
    try:
        if not is_result(await agent.ask(call(era, ALLOWED))):
            raise GatewayError(f"{stand.transport}, {era}: a call of `{ALLOWED}` does not get through")
        for tool in (DENIED, HIDDEN):
            if is_result(await agent.ask(call(era, tool))):
                raise GatewayError(f"{stand.transport}, {era}: a plain call of `{tool}` gets through")
    finally:
        await agent.close()


async def _try(entry: Entry, stand: HttpStand | StdioStand, era: Era, wanted: Wanted) -> Finding:
    agent: HttpAgent | StdioAgent | None = None
    try:
        agent = await stand.agent(era)
        ground = Ground(stand, era, agent, wanted.is_full, wanted.corpora)
        await _run(entry, ground, _PATIENCE[wanted.is_full])
    except Skipped as reason:
        return Finding(entry.number, entry.title, stand.transport, era, Verdict.SKIPPED, notes=[str(reason)])
    except GatewayError as error:
        return Finding(entry.number, entry.title, stand.transport, era, Verdict.CRASHED, crashes=[str(error)])
    finally:
        if agent is not None:
            await agent.close()
    return _finding(entry, ground)


async def _run(entry: Entry, ground: Ground, patience: float) -> None:
    try:
        async with asyncio.timeout(patience):
            await entry.run(ground)
    except TimeoutError:
        ground.crash(f"it was not over after {patience:g} s")
    if not ground.stand.is_alive:
        ground.crash("the gateway has ended")


def _finding(entry: Entry, ground: Ground) -> Finding:
    verdict = Verdict.LEAKS if ground.leaks else Verdict.CRASHED if ground.crashes else Verdict.HOLDS
    return Finding(
        entry.number,
        entry.title,
        ground.stand.transport,
        ground.era,
        verdict,
        ground.attempts,
        ground.leaks,
        ground.crashes,
        ground.notes,
    )
