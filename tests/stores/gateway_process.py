"""A stand-in for a gateway in a process of its own: reserves, records the intent, and only then counts as having sent.

Called with a state directory, a maximum and how many calls to try; prints a line per call that it sent, and `full` when
the ledger would not take the intent.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from pathlib import Path

from ostiary.errors import StoreError
from ostiary.model import Demand, Limit, Reservation
from ostiary.stores.counters import SqliteCounters
from ostiary.stores.database import Database
from ostiary.stores.ledger import SqliteLedger, new_writer

HOUR = 3600 * 10**9
CONCURRENT = 8


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class SystemClock:
    def now(self) -> int:
        return time.time_ns()


class Gateway:
    def __init__(self, directory: Path, most: int) -> None:
        self.database = Database(directory, wait=10)
        self.counters = SqliteCounters(self.database)
        self.ledger = SqliteLedger(self.database, SystemClock(), new_writer())
        self.demand = Demand("shared", "/tools/x/rate_limit", Limit(most, HOUR))

    async def call(self) -> None:
        try:
            answer = await self.counters.reserve([self.demand], time.time_ns())
            if not isinstance(answer, Reservation):
                return
            await self.ledger.append("call.intent", {"padding": "x" * 2000})
        except StoreError:
            say("full")
        else:
            say("sent")


async def main(directory: Path, most: int, tries: int) -> None:
    gateway = Gateway(directory, most)
    say("ready")
    sys.stdin.readline()
    for _ in range(tries // CONCURRENT):
        await asyncio.gather(*(gateway.call() for _ in range(CONCURRENT)))
    gateway.database.close()


async def fill_the_disk(directory: Path) -> None:
    """Run into a limit on the size of files, then have it lifted."""
    gateway = Gateway(directory, 10**6)
    await gateway.call()
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = directory / "ostiary.db-wal"
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 100_000, most))
    for _ in range(20):
        await asyncio.gather(*(gateway.call() for _ in range(CONCURRENT)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    say("lifted")
    for _ in range(3):
        await gateway.call()
    gateway.database.close()


if __name__ == "__main__":
    if sys.argv[2] == "fill":
        asyncio.run(fill_the_disk(Path(sys.argv[1])))
    else:
        asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
