"""How long it takes until something is there: `ostiary run --help`, and the first answer through `ostiary run`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from load import HELLO
from ostiary.errors import OstiaryError
from targets import HERE, gated


def help_seconds(times: int) -> float:
    """Median time of `ostiary run --help`, from start to end."""
    return statistics.median(_time_help() for _ in range(times))


def added_first_answer(policy: Path, times: int) -> float:
    """By how many seconds `ostiary run` delays a child's first answer: median with it minus median without."""
    child = (sys.executable, str(HERE / "upstream.py"), "stdio")
    pairs = [(_time_first_answer(gated(policy, child)), _time_first_answer(child)) for _ in range(times)]
    return statistics.median(gate for gate, _ in pairs) - statistics.median(alone for _, alone in pairs)


def _time_help() -> float:
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "ostiary", "run", "--help"], check=False, capture_output=True)
    if done.returncode:
        raise OstiaryError(f"`ostiary run --help` failed: {done.stderr.decode(errors='replace').strip()[-300:]}")
    return time.perf_counter() - began


def _time_first_answer(command: Sequence[str]) -> float:
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdin is None or process.stdout is None:
            raise OstiaryError("there are no pipes")
        process.stdin.write(HELLO + b"\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        took = time.perf_counter() - began
        process.stdin.close()
    if b'"result"' not in answer:
        raise OstiaryError(f"`{' '.join(command)}` did not answer the handshake")
    return took
