"""Values of the headers that mirror a body (Streamable HTTP 2026-07-28, Value Encoding)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

_OPEN, _CLOSE = "=?base64?", "?="
_PLAIN: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?", re.ASCII)


def encode(value: str) -> bytes:
    """The header value that carries `value`: itself where it is plain ASCII, else its UTF-8 in the Base64 sentinel.
    Never holds a control character."""
    if (_PLAIN.fullmatch(value) and not _is_sentinel(value)) or not value:
        return value.encode("ascii")
    return f"{_OPEN}{base64.b64encode(value.encode()).decode()}{_CLOSE}".encode("ascii")


def decode(value: bytes) -> str | None:
    """What a header value without surrounding white space carries; None for characters that no header may hold, and
    for a sentinel whose Base64 or UTF-8 is not valid."""
    try:
        text = value.decode("ascii")
        if not text.replace("\t", " ").isprintable():
            return None
        if not _is_sentinel(text):
            return text
        payload = text[len(_OPEN) : -len(_CLOSE)]
        plain = base64.b64decode(payload, validate=True)
        # Two spellings of one value would be two values to whoever compares the headers.
        return plain.decode() if base64.b64encode(plain).decode() == payload else None
    except (UnicodeDecodeError, binascii.Error):
        return None


def _is_sentinel(text: str) -> bool:
    return text.startswith(_OPEN) and text.endswith(_CLOSE) and len(text) >= len(_OPEN) + len(_CLOSE)
