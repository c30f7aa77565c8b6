"""The head of an HTTP request, sorted in one pass into what the gateway reads and what goes along to the upstream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ostiary.ports import Headers
from ostiary.wire.headers import SESSION

_ALONG: Final = frozenset({b"accept", b"last-event-id"})


class Head:
    """Lists hold every line of that name, in order: more than one is for the reader to refuse.

    `along` goes to the upstream; credentials, cookies and everything unnamed here stay. The session id is not in it:
    agents never see the upstream's own.
    """

    __slots__ = (
        "along",
        "authorization",
        "content_encoding",
        "content_length",
        "content_type",
        "hosts",
        "origins",
        "sessions",
    )

    def __init__(self) -> None:
        self.hosts: list[bytes] = []
        self.origins: list[bytes] = []
        self.authorization: list[bytes] = []
        self.content_type: list[bytes] = []
        self.content_encoding: list[bytes] = []
        self.content_length: list[bytes] = []
        self.sessions: list[bytes] = []
        self.along: Headers = ()


def read_head(lines: Iterable[tuple[bytes, bytes]]) -> Head:
    """`lines` as ASGI gives them: names in lower case."""
    head = Head()
    read = {
        b"host": head.hosts,
        b"origin": head.origins,
        b"authorization": head.authorization,
        b"content-type": head.content_type,
        b"content-encoding": head.content_encoding,
        b"content-length": head.content_length,
        SESSION: head.sessions,
    }
    along: list[tuple[bytes, bytes]] = []
    for name, value in lines:
        if (known := read.get(name)) is not None:
            known.append(value)
        elif name.startswith(b"mcp-") or name in _ALONG:
            along.append((name, value))
    head.along = tuple(along)
    return head
