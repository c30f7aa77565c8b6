"""Policy files in force: loaded when first asked for, loaded again when they change.

A file that no longer loads changes nothing: the last good policy stays in force, and that is said aloud and recorded.
Files are looked at rather than watched: the same on every file system, container mount and editor, and a file is only
loaded once it has held still for one look, so that a half-written one is never taken for a shorter policy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from ostiary.errors import ConfigurationError, Problem
from ostiary.model import JSONObject
from ostiary.notices import say
from ostiary.policy import Policy, load

LOOK_EVERY: Final = 0.25
"""Seconds between two looks at the files."""

Stamp: TypeAlias = "tuple[int, int, int] | None"
Announce: TypeAlias = Callable[[str, JSONObject], object]


class PolicyFile:
    """One file and the policy it last said. `announce` takes what is recorded of it (kind and body)."""

    def __init__(self, path: Path, announce: Announce) -> None:
        self.path = path
        self._announce = announce
        self._taken: Stamp = _stamp(path)
        self._seen: Stamp = self._taken
        self.policy: Policy | None = None

    def open(self) -> Policy:
        """Load it for the first time. Raises `ConfigurationError`; then nothing is permitted."""
        policy = _load(self.path)
        self._take(policy)
        return policy

    async def look(self) -> bool:
        """Take the file as it is now if it changed and has held still since the last look; whether it was taken.

        The file is read and compiled in a thread: calls go on meanwhile."""
        seen = _stamp(self.path)
        is_still, self._seen = seen == self._seen, seen
        if seen == self._taken or not is_still:
            return False
        try:
            policy: Policy | ConfigurationError = await asyncio.to_thread(_load, self.path)
        except ConfigurationError as error:
            policy = error
        if _stamp(self.path) != seen:  # it was written to while it was read: look again
            return False
        self._taken = seen
        if isinstance(policy, ConfigurationError):
            self._refuse(policy)
            return False
        self._take(policy)
        say(f"{self.path}: the new policy is in force")
        return True

    def _take(self, policy: Policy) -> None:
        self.policy = policy
        self._announce("policy.loaded", {"file": str(self.path), "policy": policy.digest, "name": policy.name})

    def _refuse(self, error: ConfigurationError) -> None:
        say(f"the changed policy cannot be used, the one before stays in force:\n{error}")
        self._announce("policy.refused", {"file": str(self.path), "errors": str(error).split("\n")})


class Policies:
    """All policy files of a gateway, by path."""

    def __init__(self, announce: Announce, changed: Callable[[], None] = lambda: None) -> None:
        """`changed` is called when another policy has come into force."""
        self._announce = announce
        self._changed = changed
        self._files: dict[Path, PolicyFile] = {}

    def open(self, path: Path) -> Policy:
        """The policy of a file that must load now. Raises `ConfigurationError`."""
        file = self._files.setdefault(path, PolicyFile(path, self._announce))
        return file.policy or file.open()

    def current(self, path: Path) -> Policy | None:
        """The policy in force of a file; None, said aloud once, for one that has never loaded."""
        file = self._files.get(path)
        if file is None:
            try:
                return self.open(path)
            except ConfigurationError as error:
                say(f"this policy cannot be used, whoever has it may do nothing:\n{error}")
                return None
        return file.policy

    async def keep_current(self) -> None:
        """Look at every file again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for file in tuple(self._files.values()):
                if await file.look():
                    self._changed()


def _load(path: Path) -> Policy:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(Problem(str(path), 0, 0, f"cannot be read: {error.strerror}")) from None
    return load(text, str(path))


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
