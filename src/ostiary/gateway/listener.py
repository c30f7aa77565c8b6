"""The HTTP server under the front: uvicorn, with our own manners and without its own signals."""

from __future__ import annotations

import math
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from ostiary.gateway.http import HttpGateway
from ostiary.meter import Meter

if TYPE_CHECKING:
    import uvicorn

_FILES: Final = 16 * 1024


class Manners(msgspec.Struct, frozen=True):
    """What is expected of a connection: sizes in bytes, times in seconds.

    `head_timeout` bounds the time from a request's first byte to the end of its headers (and how long a new connection
    may be silent), `body_timeout` that to the end of its body, `unread_timeout` how long an answer may wait to be read,
    `keep_alive` how long nothing may happen between two requests.
    """

    connections: int = 1024
    headers: int = 100
    head: int = 32 * 1024
    head_timeout: float = 10.0
    body_timeout: float = 60.0
    unread_timeout: float = 60.0
    keep_alive: float = 75.0


def http_server(gateway: HttpGateway, manners: Manners, meter: Meter, grace: int) -> uvicorn.Server:
    """A server that ends when it is told to (`should_exit`), never by a signal; `grace` is how many seconds exchanges
    under way then have."""
    import uvicorn

    from ostiary.gateway.connection import well_mannered

    class Server(uvicorn.Server):
        """uvicorn would end the process by the signal that it was stopped with."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    _allow_files()
    server = Server(
        uvicorn.Config(
            gateway,
            loop="none",
            http=well_mannered(manners, meter),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=math.ceil(manners.keep_alive),
            timeout_graceful_shutdown=grace,
        )
    )
    connections = server.server_state.connections
    meter.gauge("ostiary_connections", "Connections of agents.", lambda: len(connections))
    return server


def _allow_files() -> None:
    """As many open files as the system lets us have, within reason: every exchange may need two."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
