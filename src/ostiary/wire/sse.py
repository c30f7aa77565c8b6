"""Server-sent events: bytes in, events out, and back (HTML Living Standard, 9.2)."""

from __future__ import annotations

from typing import Final

import msgspec

from ostiary.errors import WireError
from ostiary.wire.codes import INVALID_REQUEST

_BOM: Final = b"\xef\xbb\xbf"
LARGEST_EVENT: Final = 64 * 1024 * 1024


class Event(msgspec.Struct, frozen=True):
    """One server-sent event. `data` is one JSON-RPC message, or empty for an event that only carries an id."""

    data: bytes
    id: str | None = None
    name: str | None = None
    retry: int | None = None


class Decoder:
    """The events of one stream, as its bytes arrive. What comes after the last blank line is no event."""

    def __init__(self, largest: int = LARGEST_EVENT) -> None:
        self._largest = largest
        self._rest = bytearray()
        self._is_after_cr = False
        self._is_at_start = True

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete. Raises `WireError` where one is larger than allowed."""
        if b"\r" in data or self._is_after_cr:
            data = self._with_line_feeds(data)
        rest = self._rest
        searched = max(0, len(rest) - 1)
        rest += data
        end = rest.rfind(b"\n\n", searched)
        if end < 0:
            if len(rest) > self._largest:
                raise self._too_large()
            return []
        blocks = bytes(rest[:end]).split(b"\n\n")
        del rest[: end + 2]
        if self._is_at_start:
            self._is_at_start = False
            blocks[0] = blocks[0].removeprefix(_BOM)
        if len(rest) > self._largest or any(len(block) > self._largest for block in blocks):
            raise self._too_large()
        return [event for event in map(_event, blocks) if event is not None]

    def _with_line_feeds(self, data: bytes) -> bytes:
        if self._is_after_cr and data:
            data = data.removeprefix(b"\n")
            self._is_after_cr = False
        if data.endswith(b"\r"):
            self._is_after_cr = True
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _too_large(self) -> WireError:
        return WireError(INVALID_REQUEST, f"an event of the server is larger than {self._largest} bytes")


def _event(block: bytes) -> Event | None:
    """The event in one block of lines; None where it holds comments only, or nothing that is passed on."""
    if block.startswith(b"data: ") and b"\n" not in block:
        return Event(block[6:])
    data: list[bytes] = []
    id = name = retry = None
    for line in block.split(b"\n"):
        key, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match key:
            case b"data":
                data.append(value)
            case b"id" if b"\0" not in value:
                id = value.decode("utf-8", "replace")
            case b"event":
                name = value.decode("utf-8", "replace")
            case b"retry" if value.isdigit() and len(value) < 10:
                retry = int(value)
            case _:
                pass
    if not data and id is None and retry is None:
        return None
    return Event(b"\n".join(data), id, name, retry)


def encode(event: Event) -> bytes:
    """The event as bytes that hold exactly one event, whatever is in its data.

    Raises `ValueError` for an id or name with a line break or NUL in it, which no decoded event has.
    """
    data = event.data
    if event.id is None and event.name is None and event.retry is None and b"\n" not in data and b"\r" not in data:
        return b"data: " + data + b"\n\n"
    lines = []
    if event.name is not None:
        lines.append(b"event: " + _line(event.name))
    if event.id is not None:
        lines.append(b"id: " + _line(event.id))
    if event.retry is not None:
        lines.append(b"retry: " + str(event.retry).encode())
    whole = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines += [b"data: " + line for line in whole.split(b"\n")]
    return b"\n".join(lines) + b"\n\n"


def _line(text: str) -> bytes:
    if any(character in text for character in "\r\n\0"):
        raise ValueError("an event's id or name has a line break or NUL in it")
    return text.encode()
