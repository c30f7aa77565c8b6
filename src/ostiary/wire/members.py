"""The members of a JSON object as raw bytes: found without parsing the rest, and replaced without touching it.

For messages that only pass through. What is found is unambiguous: a key twice, or a key written with escapes, is
refused, since two readers could then see two values.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from ostiary.errors import WireError
from ostiary.wire.codes import INVALID_REQUEST, PARSE_ERROR

_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRINGS: Final = msgspec.json.Decoder(list[str])
_BLANK: Final = (b" ", b"\t", b"\n", b"\r")
_WHITESPACE: Final = re.compile(rb"[ \t\n\r]*")


def members(data: bytes | memoryview | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The object's members in order. Raises `WireError` for what is no JSON object, or an ambiguous one."""
    try:
        found = _MEMBERS.decode(data)
    except msgspec.ValidationError:
        raise WireError(INVALID_REQUEST, "a JSON object is expected") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(PARSE_ERROR, f"not JSON: {error}") from None
    except RecursionError:
        raise WireError(INVALID_REQUEST, "arrays and objects nest too deep") from None
    # Compact, with every key once and plain: nothing is left over. Else look closer.
    size = 1 + sum([len(key) + len(raw) + 4 for key, raw in found.items()]) if found else 2
    if size != len(data):
        _spans(bytes(data), found)
    return found


def span(data: bytes, path: tuple[str, ...]) -> slice | None:
    """Where the value at `path` stands in `data`; None where there is none. Raises `WireError`."""
    start, end = 0, len(data)
    for key in path:
        inner = data[start:end]
        if not inner.lstrip(b" \t\n\r").startswith(b"{"):
            return None
        spans = _spans(inner, members(inner))
        if key not in spans:
            return None
        start, end = start + spans[key].start, start + spans[key].stop
    return slice(start, end)


def value_at(data: bytes, path: tuple[str, ...]) -> bytes | None:
    """The raw value at `path`; None where there is none. Raises `WireError`."""
    found = span(data, path)
    return None if found is None else data[found]


def strings_at(data: bytes, path: tuple[str, ...]) -> list[str]:
    """The strings of the list at `path`; none where no such list is. Raises `WireError`."""
    try:
        return _STRINGS.decode(value_at(data, path) or b"[]")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []


def replace(data: bytes, path: tuple[str, ...], value: bytes) -> bytes:
    """`data` with the value at `path` replaced, every other byte as it was; `data` itself where there is none.

    Raises `WireError`.
    """
    found = span(data, path)
    if found is None:
        return data
    return b"".join((data[: found.start], value, data[found.stop :]))


def add(data: bytes, path: tuple[str, ...], value: bytes) -> bytes:
    """`data` with the value at `path` replaced, or added as the first member of the object that should hold it.

    Raises `WireError` where that object does not exist.
    """
    *outer, key = path
    if span(data, path) is not None:
        return replace(data, path, value)
    holder = span(data, tuple(outer))
    if holder is None:
        raise WireError(INVALID_REQUEST, f"there is no object at {'.'.join(outer)}")
    is_empty = not members(data[holder])
    opened = data.index(b"{", holder.start) + 1
    member = msgspec.json.encode(key) + b":" + value + (b"" if is_empty else b",")
    return b"".join((data[:opened], member, data[opened:]))


def _spans(data: bytes, found: dict[str, msgspec.Raw]) -> dict[str, slice]:
    spans: dict[str, slice] = {}
    at = _after(data, 0, b"{")
    for index, (key, raw) in enumerate(found.items()):
        if index:
            at = _after(data, at, b",")
        at = _after(data, _after(data, at, b'"' + key.encode() + b'"'), b":")
        at = _skip(data, at)
        spans[key] = slice(at, at + len(raw))
        at = _skip(data, at + len(raw))
    _after(data, at, b"}")
    return spans


def _skip(data: bytes, at: int) -> int:
    if data[at : at + 1] not in _BLANK:
        return at
    blank = _WHITESPACE.match(data, at)
    return blank.end() if blank else at


def _after(data: bytes, at: int, token: bytes) -> int:
    at = _skip(data, at)
    if not data.startswith(token, at):
        raise _ambiguous()
    return at + len(token)


def _ambiguous() -> WireError:
    return WireError(INVALID_REQUEST, "a key is twice in one object, or written with escapes")
