"""What `ostiary serve` needs to know, as values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from ostiary.asking.settings import ApprovalSettings
from ostiary.pins.pinned import OnDrift

__all__ = ["Bounds", "ServerSettings", "Settings", "default_state"]

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class ServerSettings(msgspec.Struct, frozen=True):
    """One upstream: a `command` to start, or a `url` to call, never both.

    `timeout` is how many seconds an upstream may be silent before the outcome of a call counts as unknown.
    `failures` are RE2 patterns: a result in whose text one is found counts as failed.
    `transport` is how a URL is spoken to: `http` (Streamable HTTP) or `sse` (HTTP with SSE, 2024-11-05).
    `on_drift` is what becomes of a tool that is not as it was pinned, None where nobody said.
    """

    name: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    cwd: Path | None = None
    share: bool = False
    url: str | None = None
    headers: Mapping[str, str] = {}
    policy: Path | None = None
    timeout: float = 300.0
    transport: str = "http"
    on_drift: OnDrift | None = None
    failures: tuple[str, ...] = ()


class Bounds(msgspec.Struct, frozen=True):
    """What a gateway takes on; sizes in bytes, times in seconds. `docs/configuration.md` says what each bounds."""

    body: int = 4 * 1024 * 1024
    sessions: int = 64
    sessions_per_principal: int = 16
    idle: float = 1800.0
    depth: int = 128
    headers: int = 100
    head: int = 32 * 1024
    head_timeout: float = 10.0
    body_timeout: float = 60.0
    keep_alive: float = 75.0
    unread_timeout: float = 60.0
    connections: int = 1024
    requests_per_principal: int = 256
    streams_per_session: int = 8
    poll_after: float | None = None


class Settings(msgspec.Struct, frozen=True):
    """Everything `ostiary serve` needs to know; paths are absolute. `pins` is the lock that is named (`names_pins`), or
    the one that may lie beside the file."""

    state: Path
    servers: Mapping[str, ServerSettings]
    host: str = "127.0.0.1"
    port: int = 8417
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    metrics: bool | None = None
    bounds: Bounds = Bounds()
    approvals: ApprovalSettings = ApprovalSettings()
    gateways: int = 1
    file: str = ""
    pins: Path | None = None
    names_pins: bool = False

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK

    @property
    def shows_metrics(self) -> bool:
        """They name servers and say how busy they are, so nobody else's machine sees them unasked."""
        return self.is_loopback if self.metrics is None else self.metrics


def default_state() -> Path:
    """Where state is kept if no file says: `$XDG_STATE_HOME/ostiary`, else `~/.local/state/ostiary`."""
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "ostiary"
