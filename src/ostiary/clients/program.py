"""How a client is to start Ostiary: by a full path, since what a desktop starts has no PATH of a shell."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["program"]

_PASSING: Final = ("archive-v0", "environments-v2", "builds-v0")
"""Folders of uv's cache: what `uvx ostiary` runs from, until the cache is cleared."""


def program(
    started_as: str = sys.argv[0],
    interpreter: str = sys.executable,
    which: Callable[[str], str | None] = shutil.which,
) -> tuple[str, ...]:
    """The command line up to `run`: the installed program; `uvx ostiary` where that is how this one was started; else
    the interpreter and the module."""
    place = Path(started_as).absolute()
    is_passing = not set(place.parts).isdisjoint(_PASSING)
    if is_passing and (uvx := which("uvx")):
        return (uvx, "ostiary")
    candidates = [place, Path(interpreter).parent / "ostiary"]
    for candidate in candidates:
        if not is_passing and candidate.name == "ostiary" and candidate.is_file():
            return (str(candidate),)
    found = which("ostiary")
    return (found,) if found and not is_passing else (interpreter, "-m", "ostiary")
