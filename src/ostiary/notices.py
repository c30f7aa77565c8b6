"""What Ostiary says to whoever runs it: one line at a time, on standard error."""

from __future__ import annotations

import logging
import sys


def say(line: str) -> None:
    """Write `line` after our name, at once."""
    sys.stderr.write(f"ostiary: {line}\n")
    sys.stderr.flush()


def say_what_libraries_log() -> None:
    """From now on a library's warning is one line like any other, an exception its last one."""
    logging.basicConfig(handlers=[_Notices(logging.WARNING)], level=logging.WARNING)


class _Notices(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        what = record.getMessage() if error is None else f"{record.getMessage()}: {type(error).__name__}: {error}"
        say(f"{record.name}: {' '.join(what.split())}")
