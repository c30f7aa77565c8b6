"""What the commands on a state directory share: finding it, and who is at the keyboard."""

from __future__ import annotations

import getpass
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ostiary.settings import Settings


class SystemClock:
    """The time of this machine."""

    def now(self) -> int:
        return time.time_ns()


def settings_of(config: Path | None) -> Settings | None:
    """The configuration that was named, or `ostiary.yaml` if it is here. Raises `ConfigurationError`."""
    from ostiary.settings import DEFAULT_FILE, load

    if config is None and not DEFAULT_FILE.exists():
        return None
    return load(config or DEFAULT_FILE, is_starting=False)


def state_directory(config: Path | None, state: Path | None) -> Path:
    """The directory that was named, else the configuration's, else the user's. Raises `ConfigurationError`."""
    from ostiary.settings import default_state

    if state is not None:
        return state
    settings = settings_of(config)
    return default_state() if settings is None else settings.state


def local_user() -> str:
    """The principal id of whoever runs the command."""
    try:
        return f"local:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"local:{os.getuid()}"
