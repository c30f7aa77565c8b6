"""The lock that a gateway goes by: read at the start, and again when it changes.

A lock that cannot be used changes nothing: what was approved before stays approved, and nothing else; that is said
aloud and recorded. A server that has been pinned once stays so: taken out of the lock, it has no approved tool left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ostiary.errors import ConfigurationError
from ostiary.notices import say
from ostiary.pins.lock import Lock, load_lock
from ostiary.pins.pinned import OnDrift, Pinned, tools_of
from ostiary.policy import Policy, type_errors
from ostiary.watched import LOOK_EVERY, Announce, Watched

if TYPE_CHECKING:
    from ostiary.settings import ServerSettings


class PinsInForce:
    """The pins of all servers of a gateway."""

    def __init__(
        self, path: Path, servers: Sequence[ServerSettings], announce: Announce, changed: Callable[[], None]
    ) -> None:
        """`announce` takes what is recorded (kind and body); `changed` is called when another lock has come into
        force. Raises `ConfigurationError`."""
        self.path = path
        self._servers = servers
        self._announce = announce
        self._changed = changed
        self._file = Watched(path, load_lock)
        self._pinned: dict[str, Pinned] = {}
        self._take(self._file.open())

    def of(self, server: str) -> Pinned | None:
        """What is approved of a server; None where it is not pinned."""
        return self._pinned.get(server)

    def prove(self, path: Path, policy: Policy) -> None:
        """Raises `ConfigurationError` where an expression of that file's policy can be met by no call of a pinned tool
        of the servers that it is for."""
        pinned = [self._pinned[one.name] for one in self._servers if one.policy == path and one.name in self._pinned]
        tools = [tool for one in pinned for tool in one.tools.values()]
        if tools and (errors := type_errors(policy, tools)):
            raise ConfigurationError(*errors)

    async def keep_current(self) -> None:
        """Look at the file again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            found = await self._file.look()
            if isinstance(found, Lock) and found.digest is None and self._pinned:
                found = ConfigurationError(f"{self.path}: is gone")
            if isinstance(found, ConfigurationError):
                self._refuse(found)
            elif found is not None:
                self._take(found)
                say(f"{self.path}: the new pins are in force")
                self._changed()

    def _take(self, lock: Lock) -> None:
        for server in self._servers:
            if server.name in lock.servers or server.name in self._pinned:
                known, pins = self._pinned.get(server.name), lock.servers.get(server.name, {})
                if known is None or known.pins != pins:  # else nobody's list looks different
                    tools = tools_of(pins.values(), server.name)
                    self._pinned[server.name] = Pinned(pins, tools, server.on_drift or OnDrift.DENY)
        if lock.digest is not None or self._pinned:
            counts = {server: len(pinned.pins) for server, pinned in self._pinned.items()}
            self._announce("pins.loaded", {"file": str(self.path), "lock": lock.digest, "tools": counts})

    def _refuse(self, error: ConfigurationError) -> None:
        say(f"the changed pins cannot be used, the ones before stay in force:\n{error}")
        self._announce("pins.refused", {"file": str(self.path), "errors": str(error).split("\n")})
