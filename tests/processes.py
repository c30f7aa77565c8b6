"""Whether processes run and listen, asked of the system."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not. Linux is asked in /proc, since a small Debian has no `ps`."""
    if (_PROC / "self/stat").exists():
        try:
            state = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
    else:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.strip()
    return state != "" and not state.startswith(("Z", "X"))


async def all_gone(*pids: int) -> bool:
    """Whether none of them lives any more, or comes to its end within two minutes."""
    for _ in range(2400):
        if not any(is_alive(pid) for pid in pids):
            return True
        await asyncio.sleep(0.05)
    return False


async def listening(port: int) -> None:
    """Returns once somebody listens on a port of 127.0.0.1; nobody for two minutes is a failure."""
    for _ in range(2400):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise AssertionError(f"nobody listens on {port}")
