"""Bearer tokens `PREFIX_id_secret`, of whose secret only the SHA-256 is kept."""

from __future__ import annotations

import secrets
import string
from hashlib import sha256
from hmac import compare_digest
from typing import Final

_ALPHABET: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 12
_SECRET_LENGTH: Final = 43
"""Of 62 characters each: 256 bits."""
_NOBODY: Final = bytes(32)


def new_id() -> str:
    """An id that nobody else has; not secret."""
    return _random(_ID_LENGTH)


def new_secret() -> str:
    """A secret that nobody can guess."""
    return _random(_SECRET_LENGTH)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret. Half a surrogate pair is nobody's secret, and no error."""
    return sha256(secret.encode(errors="surrogatepass")).digest()


def parts_of(token: str) -> tuple[str, str, str]:
    """Prefix, id and secret; empty where they are missing."""
    prefix, _, rest = token.partition("_")
    id, _, secret = rest.partition("_")
    return prefix, id, secret


def is_secret(secret: str, kept: bytes | None) -> bool:
    """Whether it is the one that `kept` is the hash of, in constant time; never, where nothing is kept."""
    return compare_digest(hash_of(secret), _NOBODY if kept is None else kept) and kept is not None


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
