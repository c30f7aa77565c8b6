"""Policy files in force: loaded when first asked for, loaded again when they change.

A file that no longer loads changes nothing: the last good policy stays in force, and that is said aloud and recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from ostiary.errors import ConfigurationError, Problem
from ostiary.notices import say
from ostiary.policy import Policy, load
from ostiary.watched import LOOK_EVERY, Announce, Watched

Prove: TypeAlias = Callable[[Path, Policy], None]
"""Raises `ConfigurationError` where a policy cannot be used with what else is known of the servers it is for."""


class PolicyFile:
    """One file and the policy it last said. `announce` takes what is recorded of it (kind and body)."""

    def __init__(self, path: Path, announce: Announce, prove: Prove) -> None:
        self.path = path
        self._announce = announce
        self._prove = prove
        self._file = Watched(path, self._load)
        self.policy: Policy | None = None

    def open(self) -> Policy:
        """Load it for the first time. Raises `ConfigurationError`; then nothing is permitted."""
        policy = self._file.open()
        self._take(policy)
        return policy

    async def look(self) -> bool:
        """Take the file as it is now if it changed and has held still since the last look; whether it was taken."""
        found = await self._file.look()
        if found is None:
            return False
        if isinstance(found, ConfigurationError):
            self._refuse(found)
            return False
        self._take(found)
        say(f"{self.path}: the new policy is in force")
        return True

    def _load(self, path: Path) -> Policy:
        try:
            text = path.read_bytes()
        except OSError as error:
            raise ConfigurationError(Problem(str(path), 0, 0, f"cannot be read: {error.strerror}")) from None
        policy = load(text, str(path))
        self._prove(path, policy)
        return policy

    def _take(self, policy: Policy) -> None:
        self.policy = policy
        self._announce("policy.loaded", {"file": str(self.path), "policy": policy.digest, "name": policy.name})

    def _refuse(self, error: ConfigurationError) -> None:
        say(f"the changed policy cannot be used, the one before stays in force:\n{error}")
        self._announce("policy.refused", {"file": str(self.path), "errors": str(error).split("\n")})


class Policies:
    """All policy files of a gateway, by path."""

    def __init__(
        self,
        announce: Announce,
        changed: Callable[[], None] = lambda: None,
        prove: Prove = lambda _path, _policy: None,
    ) -> None:
        """`changed` is called when another policy has come into force."""
        self._announce = announce
        self._changed = changed
        self._prove = prove
        self._files: dict[Path, PolicyFile] = {}

    def open(self, path: Path) -> Policy:
        """The policy of a file that must load now. Raises `ConfigurationError`."""
        file = self._files.setdefault(path, PolicyFile(path, self._announce, self._prove))
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
