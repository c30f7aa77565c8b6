"""`./dev aws`: the AWS Labs servers behind the gate, from end to end, on loopback. Nothing to set up, no account."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

from rich.console import Console

from ostiary.demo import board, chain
from ostiary.demo.person import Person, hire
from ostiary.demo.stand import free_port, serving
from ostiary.demo.verdict import Verdict
from ostiary.errors import OstiaryError
from tests.aws import fleet, screen, world
from tests.aws.fleet import Fleet
from tests.aws.play import Clients, Observation, judge, play
from tests.aws.script import LIMIT_IS_BACK, MIGRATIONS, OPERATOR, OTHERS, Chapter
from tests.aws.world import World

WINDOW = 60.0
"""Seconds in which ten migrations may be started."""


class Evening:
    """One run: chapters are played, judged and shown as they end."""

    def __init__(self, out: Console, example: Fleet, backend: World, person: Person) -> None:
        self._out = out
        self._example = example
        self._backend = backend
        self._person = person
        self.verdicts: list[Verdict[Observation]] = []
        self.is_proven = True

    async def play(self, chapter: Chapter, clients: Clients) -> Sequence[Verdict[Observation]]:
        with self._out.status("[dim]the agents are at it[/]", spinner_style="dim"):
            seen = await play([chapter], clients, self._backend, self._person)
            exported = await asyncio.to_thread(chain.export, self._example.config)
        records = chain.calls(chain.parse(exported))[len(self.verdicts) :]
        verdicts = judge(seen, records)
        self.verdicts += verdicts
        return verdicts

    @property
    def is_as_expected(self) -> bool:
        return self.is_proven and not any(verdict.problems for verdict in self.verdicts)


async def over_http(out: Console, example: Fleet, backend: World) -> Evening:
    """All chapters through `ostiary serve`, and the first one's end a minute later."""
    with out.status("[dim]starting the gate and the servers[/]", spinner_style="dim"):
        tokens = fleet.grants(example)
        evening = Evening(out, example, backend, hire(example.config))
    async with AsyncExitStack() as stack:
        stack.enter_context(serving(example.config, example.port, **example.environment))
        clients = {
            who: await stack.enter_async_context(fleet.over_http(example, who[1], token))
            for who, token in tokens.items()
        }
        limited = time.monotonic()
        for chapter in (*OPERATOR, OTHERS):
            screen.chapter(out, chapter, await evening.play(chapter, clients))
            if chapter is MIGRATIONS:
                limited = time.monotonic()
        await wait(out, limited + WINDOW - time.monotonic())
        screen.chapter(out, LIMIT_IS_BACK, await evening.play(LIMIT_IS_BACK, clients))
    screen.arrivals(out, evening.verdicts)
    exported = chain.export(example.config)
    proof = chain.prove(example.config, exported, "start-migration")
    board.ledger(out, chain.parse(exported), proof)
    evening.is_proven = proof.is_sound
    return evening


async def wait(out: Console, seconds: float) -> None:
    """Let the window pass, and say so."""
    if not out.is_terminal:
        out.print(f"\n(waiting {max(seconds, 0):.0f} s, until a minute has passed)", style="dim")
    with out.status("", spinner_style="dim") as status:
        while seconds > 0:
            status.update(f"[dim]waiting until a minute has passed: {seconds:.0f} s[/]")
            await asyncio.sleep(min(seconds, 1))
            seconds -= 1


async def over_stdio(out: Console, example: Fleet, backend: World) -> Evening:
    """Each server's chapter through `ostiary run`, with a state directory of its own."""
    evening = Evening(out, example, backend, hire(example.config))
    for chapter in OPERATOR:
        server = str(chapter.server)
        async with fleet.over_stdio(example, server) as agent:
            screen.over_stdio(out, server, await evening.play(chapter, {("operator", server): agent}))
    return evening


async def run(out: Console, directory: Path) -> bool:
    screen.opening(out)
    with ExitStack() as stack:
        with out.status("[dim]starting Redis and an AWS[/]", spinner_style="dim"):
            backend = stack.enter_context(world.running(directory))
        first = await over_http(out, fleet.build(directory / "http", free_port(), backend), backend)
        backend.reset()
        out.print("\nThe same chapters over stdio, with `ostiary run` as each server's command", style="bold")
        second = await over_stdio(out, fleet.build(directory / "stdio", free_port(), backend), backend)
    is_fine = first.is_as_expected and second.is_as_expected
    board.closing(out, [verdict.word for verdict in (*first.verdicts, *second.verdicts)], is_fine, screen.NEXT)
    return is_fine


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    out = board.console()
    with tempfile.TemporaryDirectory(prefix="ostiary-aws-") as directory:
        try:
            return 0 if asyncio.run(run(out, Path(directory))) else 1
        except OstiaryError as error:
            sys.stderr.write(f"dev aws: {error}\n")
            return 1


if __name__ == "__main__":
    sys.exit(main())
