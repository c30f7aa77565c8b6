"""Which servers `ostiary pin` is about, and how their tools are had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ostiary.errors import ConfigurationError

if TYPE_CHECKING:
    from ostiary.catalog.listing import Listing
    from ostiary.settings import ServerSettings, Settings

_ABLE: Final = {"sampling": {}, "elicitation": {}, "roots": {"listChanged": True}}
"""Some servers list more to a client that can do more: all of it is what has to be looked at."""


class Target(msgspec.Struct, frozen=True):
    """A server to pin, and how its tools are had."""

    name: str
    listing: Callable[[], Listing]


def unconfigured(
    command: tuple[str, ...],
    upstream: str | None,
    header: tuple[str, ...],
    env: tuple[str, ...],
    tools: Path | None,
    name: str | None,
    timeout: float,
) -> Target:
    """A server that no configuration has. Raises `ConfigurationError`."""
    from ostiary.settings import NAME, NAME_HINT, ServerSettings, environment, headers_of, name_of, transport_of

    if name is not None and not NAME.fullmatch(name):
        raise ConfigurationError(f"ostiary pin: `{name}` is no name for a server; {NAME_HINT}")
    if tools is not None:
        if name is None:
            raise ConfigurationError("ostiary pin: say with --name NAME whose tools these are")
        from ostiary.catalog.listing import from_file

        return Target(name, partial(from_file, tools))
    server = ServerSettings(
        name or name_of(command, upstream),
        command=command,
        env=environment(env),
        url=upstream,
        headers=headers_of(header),
        transport=transport_of(upstream or ""),
    )
    return Target(server.name, partial(_scanned, server, timeout))


def configured(config: Path | None, names: Sequence[str], timeout: float) -> tuple[Path, list[Target]]:
    """The lock of a configuration and those of its servers that are named, or all. Raises `ConfigurationError`."""
    from ostiary.settings import LOCK_NAME

    settings, chosen = servers_of(config, names)
    targets = [Target(one.name, partial(_scanned, one, timeout)) for one in chosen]
    return settings.pins or Path(LOCK_NAME), targets


def servers_of(config: Path | None, names: Sequence[str]) -> tuple[Settings, list[ServerSettings]]:
    """A configuration and those of its servers that are named, or all. Raises `ConfigurationError`."""
    from ostiary.policy.document import nearest
    from ostiary.settings import DEFAULT_FILE, load

    settings = load(config or DEFAULT_FILE)
    for name in names:
        if name not in settings.servers:
            hint = nearest(name, settings.servers) or f"there are: {', '.join(f'`{one}`' for one in settings.servers)}"
            raise ConfigurationError(f"{settings.file}: there is no server `{name}`; {hint}")
    return settings, [settings.servers[name] for name in names or settings.servers]


def _scanned(server: ServerSettings, timeout: float) -> Listing:
    import asyncio

    from ostiary.catalog.scan import Scope
    from ostiary.cli.scan_upstreams import scan_server

    return asyncio.run(scan_server(server, Scope(seconds=timeout, capabilities=_ABLE)))
