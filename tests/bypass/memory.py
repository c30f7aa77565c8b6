"""What processes hold: resident memory and open files, as the system tells."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


@dataclass(frozen=True)
class Footprint:
    """Bytes of resident memory; `files` is 0 where the system does not tell."""

    memory: int
    files: int

    def growth(self, since: Footprint) -> str:
        """In words, for a report."""
        mebibytes, files = (self.memory - since.memory) / 2**20, self.files - since.files
        return f"{mebibytes:+.1f} MiB on {since.memory / 2**20:.0f}, {files:+d} files on {since.files}"


def footprint(pid: int) -> Footprint:
    """Of one process and all that it started."""
    if not (_PROC / "self/stat").exists():
        said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return Footprint(int(said.stdout or 0) * 1024, 0)
    memory = files = 0
    for one in _family(pid):
        with suppress(OSError, IndexError):
            memory += int((_PROC / str(one) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            files += len(os.listdir(_PROC / str(one) / "fd"))  # noqa: PTH208 - only counted
    return Footprint(memory, files)


def _family(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for stat in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found
