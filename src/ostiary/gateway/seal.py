"""Session ids as agents see them: the upstream's own id, bound to one server and one principal.

Nothing is kept: the id carries what is needed and a keyed digest over it. So sessions survive a restart, cannot be
used by another principal (session hijack), cannot be guessed, and cost no memory that an attacker could fill.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

import msgspec

from ostiary.model import Client

_DIGEST = 24
_LONGEST_NAME = 64


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """What a session id carries: the upstream's id, and what the client said of itself when it initialized."""

    upstream: str
    client: str = ""
    version: str = ""
    abilities: tuple[str, ...] = ()

    @property
    def agent(self) -> Client:
        return Client(self.client, self.version, self.abilities)


def seal(key: bytes, server: str, principal: str, upstream: str, client: Client) -> str:
    """The id to show the agent: visible ASCII only (Streamable HTTP, session management)."""
    sealed = Sealed(upstream, client.name[:_LONGEST_NAME], client.version[:_LONGEST_NAME], client.abilities)
    body = msgspec.json.encode(sealed)
    return base64.urlsafe_b64encode(_digest(key, server, principal, body) + body).decode()


def unseal(key: bytes, server: str, principal: str, sealed: str) -> Sealed | None:
    """What `seal` was given; None for anything that it did not make for this server and this principal."""
    try:
        data = base64.b64decode(sealed, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    digest, body = data[:_DIGEST], data[_DIGEST:]
    if not hmac.compare_digest(digest, _digest(key, server, principal, body)):
        return None
    return msgspec.json.decode(body, type=Sealed)


def _digest(key: bytes, server: str, principal: str, body: bytes) -> bytes:
    message = b"\0".join((server.encode(), principal.encode(), body))
    return hmac.digest(key, message, hashlib.sha256)[:_DIGEST]
