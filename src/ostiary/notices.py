"""What Ostiary says to whoever runs it: one line at a time, on standard error."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Write `line` after our name, at once."""
    sys.stderr.write(f"ostiary: {line}\n")
    sys.stderr.flush()
