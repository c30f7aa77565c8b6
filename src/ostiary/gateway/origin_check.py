"""Which Host and Origin an agent may come with: the guard against DNS rebinding and other people's web pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

_REMEMBERED: Final = 256
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Doorplate:
    """The names this gateway answers to.

    `hosts` are names without a port, compared exactly; empty means any name (for a gateway that asks for grants, on an
    address of its own). `origins` are `scheme://host[:port]` values of web pages that may call; on loopback the pages
    of this machine may too. An absent Origin is no web page.
    """

    def __init__(self, hosts: Iterable[str], origins: Iterable[str], *, is_loopback: bool) -> None:
        self._hosts = frozenset(host.lower() for host in hosts) | (LOOPBACK if is_loopback else frozenset())
        self._origins = frozenset(origins)
        self._is_loopback = is_loopback
        self._welcome: set[bytes] = set()

    def refuses_host(self, hosts: list[bytes]) -> bool:
        """Whether the request's Host lines (there must be exactly one) name somebody else."""
        if len(hosts) != 1:
            return True
        if hosts[0] in self._welcome:
            return False
        name, port = _split_port(hosts[0].decode("latin-1").lower())
        if not _is_port(port):
            return True
        if self._hosts and name not in self._hosts:
            return True
        if len(self._welcome) < _REMEMBERED:
            self._welcome.add(hosts[0])
        return False

    def refuses_origin(self, origins: list[bytes]) -> bool:
        if not origins:
            return False
        if len(origins) != 1:
            return True
        origin = origins[0].decode("latin-1")
        if origin in self._origins:
            return False
        if not self._is_loopback:
            return True
        try:
            parts = urlsplit(origin)
            name, port = _split_port(parts.netloc)
        except ValueError:
            return True
        if not _is_port(port):
            return True
        is_plain = parts.scheme in ("http", "https") and not parts.path and not parts.query and not parts.fragment
        return not (is_plain and name in LOOPBACK)


def _is_port(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit())


def _split_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        name, closing, rest = authority.partition("]")
        return name + closing, rest.removeprefix(":")
    name, _, port = authority.partition(":")
    return name, port
