"""What waiting costs: 10,000 held calls in one gate, in memory and threads, and a call that needs nobody beside them.

Run it with `python bench/waiting.py [COUNT]`.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from ostiary.app.house import House
from ostiary.asking.settings import ApprovalSettings
from ostiary.enforcement import Agent
from ostiary.model import Client, Principal
from ostiary.policy import load
from ostiary.ports import Origin, Reply
from ostiary.settings import ServerSettings
from ostiary.wire.era import Era
from ostiary.wire.message import Message, Request, read

POLICY = """version: 1
default: allow
tools: {pay: {action: require_approval, approval: {timeout: 1h}}}
"""


class Echo:
    """An upstream that answers every request with an empty result."""

    async def send(self, message: Message, origin: Origin) -> Reply:
        del origin
        id = message.id if isinstance(message, Request) else 0
        return Reply(200, (), msgspec.json.encode({"jsonrpc": "2.0", "id": id, "result": {"content": [], "tools": []}}))

    async def listen(self, origin: Origin) -> Reply:
        raise NotImplementedError

    async def end(self, origin: Origin) -> Reply:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is open."""


def resident() -> float:
    """Resident memory of this process, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def call(number: int, tool: str = "pay") -> Request:
    params = {"name": tool, "arguments": {"customer": number, "amount": 100, "currency": "eur", "note": "x" * 60}}
    made = read(msgspec.json.encode({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}))
    assert isinstance(made, Request)
    return made


async def measure(count: int, state: Path) -> None:
    house = House(state, ApprovalSettings(hold=600, per_hour=10**9))
    gate: Any = house.gate(ServerSettings("bench"), Echo())
    policy = load(POLICY, "bench")
    agent = Agent(Principal("grant:bench"), Client("bench", "1"), Origin("grant:bench"), Era.LEGACY, policy)
    await read_rest(await gate.handle(call(0, "free"), agent))
    held = [await hold_one(gate, agent, 0)]
    before = resident()
    started = time.perf_counter()
    held += [await hold_one(gate, agent, number) for number in range(1, count + 1)]
    asked = time.perf_counter() - started
    await asyncio.sleep(1)
    print(f"{count} held calls: {resident() - before:.1f} MB more, {threading.active_count()} thread(s)")
    print(f"asked in {asked:.1f} s, {asked / count * 1e6:.0f} µs each")
    started = time.perf_counter()
    for number in range(2000):
        await read_rest(await gate.handle(call(number, "free"), agent))
    print(f"a call beside them that needs nobody: {(time.perf_counter() - started) / 2000 * 1e6:.0f} µs")
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    await asyncio.sleep(0.3)  # until nobody looks at the store any longer
    house.close()


async def hold_one(gate: Any, agent: Agent, number: int) -> asyncio.Task[None]:
    reply = await gate.handle(call(number), agent)
    task = asyncio.ensure_future(read_rest(reply))
    await asyncio.sleep(0)
    return task


async def read_rest(reply: Reply) -> None:
    if not isinstance(reply.body, bytes):
        with contextlib.suppress(asyncio.CancelledError):
            async for _ in reply.body:
                pass


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, Path(directory) / "state"))


if __name__ == "__main__":
    main()
