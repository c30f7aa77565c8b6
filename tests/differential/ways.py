"""The ways from an agent to the server, directly and through the gate, each in both eras."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.conformance.paths import listening
from tests.differential.agents import LEGACY, MODERN, Agent, HttpAgent, StdioAgent
from tests.real.places import ROOT, ostiary, pick_port

SERVER: Final = (sys.executable, "-m", "tests.differential.server")
PAGED: Final = (*SERVER, "--page", "25")
STATELESS: Final = (*SERVER, "--stateless")
ALLOW: Final = "version: 1\ndefault: allow\n"
HIDE: Final = "version: 1\ndefault: allow\nhide: ['filler_*7', wait, test_simple_text]\n"


@dataclass(frozen=True, slots=True)
class Way:
    """How an agent comes in, and what stands behind the gate; `server` is None where there is no gate."""

    front: str
    server: str | None
    version: str

    def __str__(self) -> str:
        path = "direct" if self.server is None else f"gate-{self.server}"
        return f"{self.front}-{path}-{self.version}"

    @property
    def direct(self) -> Way:
        """The same without the gate."""
        return Way(self.front, None, self.version)


GATED: Final = tuple(
    Way(front, server, version)
    for version in (LEGACY, MODERN)
    for front in ("http", "stdio")
    for server in ("http", "stdio")
)

BRIDGED: Final = tuple(
    Way(front, f"stateless-{server}", LEGACY) for front in ("http", "stdio") for server in ("http", "stdio")
)
"""Agents of sessions at a server that knows none."""


class Places:
    """Where the servers and the gate listen: `urls` by name, `directory` with the policies. Agents are kept."""

    def __init__(self, urls: dict[str, str], directory: Path) -> None:
        self.urls = urls
        self._directory = directory
        self._agents: dict[Way, Agent] = {}
        self._heard: dict[tuple[Way, str], object] = {}

    async def agent(self, way: Way) -> Agent:
        """The agent that came this way, and has shaken hands."""
        if way not in self._agents:
            agent = await self._arrive(way)
            await agent.open()
            self._agents[way] = agent
        agent = self._agents[way]
        agent.news.clear()
        return agent

    async def hear(self, way: Way, script: Callable[[Agent], Awaitable[object]]) -> object:
        """What the script hears on the way, as JSON; without a gate it is run once only."""
        key = (way, script.__name__)
        if key not in self._heard or way.server is not None:
            self._heard[key] = _comparable(json.loads(json.dumps(await script(await self.agent(way)))))
        return self._heard[key]

    async def close(self) -> None:
        for agent in self._agents.values():
            await agent.close()

    async def _arrive(self, way: Way) -> Agent:
        if way.front == "http":
            return HttpAgent(way.version, self.urls["direct" if way.server is None else f"gate-{way.server}"])
        if way.server is None:
            return await StdioAgent.start(way.version, SERVER, str(ROOT))
        behind = {
            "http": ("--upstream", self.urls["direct"]),
            "stdio": ("--", *SERVER),
            "stateless-http": ("--upstream", self.urls["direct-stateless"]),
            "stateless-stdio": ("--", *STATELESS),
        }[way.server]
        state = self._directory / f"state-{way}"
        guard = ("run", "--policy", str(self._directory / "allow.yaml"), "--state", str(state))
        return await StdioAgent.start(way.version, (*ostiary(), *guard, *behind), str(ROOT))


def _comparable(heard: Any) -> Any:
    """Without the numbers of requests: they brought every response to where it belongs, and differ with the agent."""
    if isinstance(heard, list):
        return [_comparable(one) for one in heard]
    if isinstance(heard, dict) and "jsonrpc" in heard and isinstance(heard.get("id"), int):
        return {**heard, "id": "its own"}
    return heard


@contextmanager
def places(directory: Path) -> Iterator[Places]:
    """The servers over HTTP, whole and paged, and a gate before them and before children of its own."""
    (directory / "allow.yaml").write_text(ALLOW)
    (directory / "hide.yaml").write_text(HIDE)
    whole, paged, stateless, gate = pick_port(), pick_port(), pick_port(), pick_port()
    http, paged_http, stateless_http = (f"http://127.0.0.1:{port}/mcp" for port in (whole, paged, stateless))
    servers = {
        "http": {"url": http, "policy": "allow.yaml"},
        "stdio": {"command": list(SERVER), "cwd": str(ROOT), "policy": "allow.yaml"},
        "shared": {"command": list(SERVER), "cwd": str(ROOT), "share": True, "policy": "allow.yaml"},
        "stateless-http": {"url": stateless_http, "policy": "allow.yaml"},
        "stateless-stdio": {"command": list(STATELESS), "cwd": str(ROOT), "policy": "allow.yaml"},
        "hiding-http": {"url": paged_http, "policy": "hide.yaml"},
        "hiding-stdio": {"command": list(PAGED), "cwd": str(ROOT), "policy": "hide.yaml"},
    }
    config = directory / "ostiary.yaml"
    config.write_text(json.dumps({"listen": f"127.0.0.1:{gate}", "state": "state", "servers": servers}))
    urls = {f"gate-{name}": f"http://127.0.0.1:{gate}/mcp/{name}" for name in servers}
    with (
        listening([*SERVER, "--port", str(whole)], whole, directory / "whole.log"),
        listening([*PAGED, "--port", str(paged)], paged, directory / "paged.log"),
        listening([*STATELESS, "--port", str(stateless)], stateless, directory / "stateless.log"),
        listening([*ostiary(), "serve", "-c", str(config)], gate, directory / "gate.log"),
    ):
        direct = {"direct": http, "direct-paged": paged_http, "direct-stateless": stateless_http}
        yield Places({**direct, **urls}, directory)
