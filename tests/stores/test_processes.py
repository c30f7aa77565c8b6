"""What holds across processes, kills and full disks, with real ones of each."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ostiary.ledger.chain import Link
from ostiary.ledger.verify import verify
from ostiary.model import Demand, Limit, Reservation
from ostiary.stores.counters import SqliteCounters
from ostiary.stores.database import Database
from ostiary.stores.reading import read_ledger

SCRIPT = Path(__file__).with_name("gateway_process.py")
SOURCE = Path(__file__).parents[2] / "src"
HOUR = 3600 * 10**9


def start(directory: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(directory), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )


def release_all(gateways: list[subprocess.Popen[str]]) -> None:
    """Let them begin at the same time, when all are ready."""
    for gateway in gateways:
        assert gateway.stdout is not None
        assert gateway.stdout.readline() == "ready\n"
    for gateway in gateways:
        assert gateway.stdin is not None
        gateway.stdin.write("\n")
        gateway.stdin.flush()


def intents(directory: Path) -> int:
    records = read_ledger(directory / "ostiary.db")
    return sum(isinstance(record, Link) and record.kind == "call.intent" for record in records)


async def left(directory: Path, most: int) -> int:
    """How many more calls a gateway that starts now admits."""
    database = Database(directory)
    counters = SqliteCounters(database)
    demand = Demand("shared", "/tools/x/rate_limit", Limit(most, HOUR))
    count = 0
    while isinstance(await counters.reserve([demand], time.time_ns()), Reservation):
        count += 1
        await asyncio.sleep(0)
    database.close()
    return count


def test_processes_share_a_limit(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    gateways = [start(directory, 100, 64) for _ in range(4)]
    release_all(gateways)
    answers = [gateway.communicate(timeout=180) for gateway in gateways]
    assert [(gateway.returncode, errors) for gateway, (_, errors) in zip(gateways, answers, strict=True)] == [
        (0, "")
    ] * 4
    assert "".join(out for out, _ in answers).count("sent") == 100
    assert intents(directory) == 100
    verdict = verify(read_ledger(directory / "ostiary.db"))
    assert verdict.findings == ()


@pytest.mark.parametrize("sent_before", [1, 40, 333])
async def test_a_gateway_killed_within_the_window_is_not_forgiven(tmp_path: Path, sent_before: int) -> None:
    directory, most = tmp_path / "state", 1000
    gateway = start(directory, most, 8000)
    release_all([gateway])
    assert gateway.stdout is not None
    seen = [gateway.stdout.readline() for _ in range(sent_before)]
    gateway.kill()
    seen += gateway.communicate(timeout=180)[0].splitlines()
    sent = len([line for line in seen if line.startswith("sent")])
    assert sent >= sent_before
    recorded = intents(directory)
    assert sent <= recorded
    assert recorded + await left(directory, most) == most
    assert verify(read_ledger(directory / "ostiary.db")).is_sound


def test_a_full_disk_refuses_calls_and_is_over_when_there_is_space(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    gateway = start(directory, "fill")
    out, errors = gateway.communicate(timeout=180)
    before, after = out.split("lifted\n")
    assert gateway.returncode == 0, errors
    assert "full" in before
    assert after == "sent\n" * 3
    assert intents(directory) == out.count("sent")
    assert verify(read_ledger(directory / "ostiary.db")).is_sound
    lines = errors.splitlines()
    assert "cannot be written" in lines[0]
    assert "can be written again" in lines[-1]
    assert len(lines) == 2, errors
