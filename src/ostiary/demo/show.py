"""The demo from curtain to curtain: set the scene, play, take the gate down, read the ledger, show everything."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from rich.console import Console

from ostiary.demo import board, chain, invitation, screen
from ostiary.demo.person import Person, hire
from ostiary.demo.play import Answer, Play, play, read
from ostiary.demo.stand import SERVER, Scene, build, create_grant, free_port, last_line, server_command, serving
from ostiary.demo.verdict import UNKNOWN, judge, list_problems
from ostiary.errors import OstiaryError

CALL_SECONDS = 20.0
REFUSED = "issue_refund"
"""The tool whose refusal a forger would turn into a permission."""

PLAY_SECONDS = 40.0


def run(is_serving: bool) -> int:
    """Show the demo; exit code 0 where every outcome is what the script expects, else 1.

    With `is_serving` the gateway then comes up again and stays until Ctrl-C, for an MCP client of the reader's own.
    Raises `OstiaryError`.
    """
    # Whatever ends the demo, the gateway and the temporary files go with it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    out = board.console()
    port = free_port((invitation.PREFERRED_PORT,) if is_serving else ())
    with tempfile.TemporaryDirectory(prefix="ostiary-demo-") as directory:
        scene = build(Path(directory), port)
        screen.opening(out)
        with out.status("[dim]starting the support desk and the gate[/]", spinner_style="dim"):
            token = create_grant(scene.config, SERVER, "demo-agent")
            person = hire(scene.config)
            with serving(scene.config, port):
                gated, bare, unknown = asyncio.run(both(scene, address(port), token, person))
        is_as_expected = tell(out, scene, gated, bare, unknown)
        if is_serving and is_as_expected:
            return invitation.stay(out, scene, port, address(port))
    return 0 if is_as_expected else 1


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}/mcp/{SERVER}"


async def both(
    scene: Scene, url: str, token: str, person: Person, seconds: float = PLAY_SECONDS
) -> tuple[Play, Play, Answer]:
    """The script through the gate and, at the same time, straight at a server of the same kind with a file of its own.

    The third is what that server says to a call of `UNKNOWN`. Raises `OstiaryError` where it takes longer than
    `seconds`, or where a person's answer is not taken.
    """
    try:
        return await asyncio.wait_for(_both(scene, url, token, person), seconds)
    except TimeoutError:
        says = last_line(scene.log.read_text()) if scene.log.exists() else "it was not started"
        raise OstiaryError(
            f"ostiary demo: the script was not played to its end within {seconds:g} s; `ostiary serve` says: {says}"
        ) from None


async def _both(scene: Scene, url: str, token: str, person: Person) -> tuple[Play, Play, Answer]:
    async with through_gate(url, token) as agent, straight(scene.bare) as unguarded:
        gated, bare = await asyncio.gather(play(agent, scene.database, person), play(unguarded, scene.bare))
        unknown = read(await unguarded.call_tool(UNKNOWN, {}))
    return gated, bare, unknown


@asynccontextmanager
async def through_gate(url: str, token: str, seconds: float = CALL_SECONDS) -> AsyncGenerator[Client]:
    """The official client, as any agent would use it. Proxy settings of the environment are not for loopback."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=seconds, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client


@asynccontextmanager
async def straight(database: Path) -> AsyncGenerator[Client]:
    command, *words = server_command(database)
    async with Client(StdioServerParameters(command=command, args=words)) as client:
        yield client


def tell(out: Console, scene: Scene, gated: Play, bare: Play, unknown: Answer) -> bool:
    """Show what happened; True where all of it is what the script expects."""
    exported = chain.export(scene.config)
    records = chain.parse(exported)
    verdicts = judge(gated, unknown, chain.calls(records))
    problems = list_problems(gated, bare)
    screen.tools(out, gated, bare, problems)
    screen.chapters(out, verdicts)
    screen.comparison(out, gated, bare)
    proof = chain.prove(scene.config, exported, REFUSED)
    board.ledger(out, records, proof)
    is_as_expected = not problems and proof.is_sound and not any(verdict.problems for verdict in verdicts)
    board.closing(out, [verdict.word for verdict in verdicts], is_as_expected, screen.NEXT)
    return is_as_expected
