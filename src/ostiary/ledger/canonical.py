"""One JSON value, one sequence of bytes: sorted keys, UTF-8, no spaces, decimals digit by digit.

Characters that break a line or steer a terminal (DEL, C1 controls, line and paragraph separators, directional marks)
are written as escapes, as JSON already demands of C0: a record is one line wherever it is shown.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from ostiary.errors import LedgerError
from ostiary.model import JSON

_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")
_UNSHOWN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def encode(value: JSON) -> bytes:
    """The canonical bytes. NaN and infinities become null. Raises `LedgerError` for what JSON cannot say."""
    try:
        text = _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise LedgerError(f"cannot be written as JSON: {error}") from None
    return text if text.isascii() and b"\x7f" not in text else escape(text)


def escape(text: bytes) -> bytes:
    """JSON text with the characters named above as escapes; it says the same."""
    # Outside strings JSON is ASCII, so whatever is replaced stands within one.
    return _UNSHOWN.sub(lambda match: f"\\u{ord(match[0]):04x}", text.decode()).encode()


def timestamp(nanoseconds: int) -> str:
    """RFC 3339 in UTC with microseconds, of Unix nanoseconds: `2026-11-20T10:00:00.000001Z`."""
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{_second(seconds)}.{rest // 1000:06d}Z"


@lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
