"""Whether processes still run, asked of the system."""

from __future__ import annotations

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
