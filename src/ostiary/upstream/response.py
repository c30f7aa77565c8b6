"""One HTTP/1.1 response after another, from bytes: parsed by llhttp, every size bounded, no I/O."""

from __future__ import annotations

from typing import Final

import httptools
import msgspec

from ostiary.errors import UpstreamError, WireError
from ostiary.wire.sse import Decoder, Event

_VISIBLE = frozenset({b"content-type", b"mcp-session-id", b"mcp-protocol-version", b"allow", b"retry-after"})
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"content-encoding", b"keep-alive", b"location"})
NEVER: Final = float("inf")


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one upstream's connections: sizes in bytes, times in seconds.

    `answer` bounds the silence of an exchange, not its length; `keep_alive` how long an idle connection is used again
    (servers close theirs after 5 s at the soonest, and a request that meets that moment is lost);
    `connections` how many are open at once, `buffered` how much of a stream waits for its reader.
    """

    head: int = 64 * 1024
    body: int = 64 * 1024 * 1024
    buffered: int = 256 * 1024
    connections: int = 256
    connect: float = 10.0
    answer: float = 300.0
    keep_alive: float = 4.0


class ResponseReader:
    """Reads the response to one request at a time; `begin` makes it ready for the next.

    After each `feed`, `status` is not 0 once the head is known. A response with `is_stream` gives its `events`, which
    the reader of this object takes out of the list; any other gives its `body` when `is_complete`.
    `headers` are those an agent may see: an allow-list, so no cookie and no challenge gets through.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = httptools.HttpResponseParser(self)
        self.begin()

    def begin(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.events: list[Event] = []
        self.content_type = b""
        """The media type in lower case, without parameters; empty where there is none."""
        self.is_stream = False
        self.is_complete = False
        self.is_reusable = True
        """Whether the connection may carry another request after this response."""
        self._noted: dict[bytes, bytes] = {}
        self._chunks: list[bytes] = []
        self._size = 0
        self._head_size = 0
        self._overhead = 0
        self._refusal: str | None = None
        self._decoder: Decoder | None = None

    def feed(self, data: bytes) -> None:
        """Raises `UpstreamError` with what is wrong with the response; the connection is then good for nothing."""
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refusal = self._refusal or "it switched protocols, which nobody asked for"
        except httptools.HttpParserError as error:
            self.is_reusable = False
            if not self.is_complete:
                self._refusal = self._refusal or f"its answer is not HTTP: {error}"
        if self._overhead > self._limits.head and not self.is_complete:
            self._refusal = self._refusal or self._too_large("its answer's headers are", self._limits.head)
        if self._refusal is not None:
            raise UpstreamError(self._refusal)

    def end(self) -> bool:
        """The other end has closed; whether that, and nothing else, ends this response."""
        if self.status and not self._is_framed and not self.is_complete:
            self.is_complete, self.is_reusable = True, False
        return self.is_complete

    @property
    def body(self) -> bytes:
        chunks = self._chunks
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    @property
    def location(self) -> bytes:
        return self._noted.get(b"location", b"")

    @property
    def keep_alive(self) -> float:
        """Seconds that the connection may idle: one less than the server says, infinite where it says nothing."""
        if b"keep-alive" not in self._noted:
            return NEVER
        _, found, seconds = self._noted[b"keep-alive"].partition(b"timeout=")
        digits = seconds[:6].split(b",")[0].strip()
        return max(0.0, int(digits) - 1.0) if found and digits.isdigit() else NEVER

    # llhttp calls these

    def on_message_begin(self) -> None:
        if self.is_complete:
            self.is_reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.status:
            return
        self._head_size += len(name) + len(value)
        if self._head_size > self._limits.head:
            self._refusal = self._too_large("its answer's headers are", self._limits.head)
            return
        key = name.lower()
        if key in _VISIBLE:
            self.headers.append((key, value))
            if key == b"content-type":
                self.content_type = value.partition(b";")[0].strip().lower()
        elif key in _FRAMING:
            self._noted[key] = value

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 or self.status:
            return
        self.status = status
        noted = self._noted
        if noted.get(b"content-encoding", b"identity").lower() != b"identity":
            self._refusal = "its answer is compressed although that was declined; turn compression off there"
        elif noted.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
            self._refusal = "its answer has a transfer encoding that nobody offered"
        elif int(noted.get(b"content-length", 0)) > self._limits.body:
            self._refusal = self._too_large("its answer is", self._limits.body)
        elif status == 200 and self.content_type == b"text/event-stream":
            self.is_stream = True
            self._decoder = Decoder(self._limits.body)
        elif status == 202 and not self._is_framed:  # some say so little about an empty body
            self.end()

    def on_body(self, body: bytes) -> None:
        if self.is_complete or self._refusal is not None:
            return
        self._overhead = 0
        if self._decoder is not None:
            self._decode(self._decoder, body)
            return
        self._size += len(body)
        self._chunks.append(body)
        if self._size > self._limits.body:
            self._refusal = self._too_large("its answer is", self._limits.body)

    def on_message_complete(self) -> None:
        if self.is_complete:
            return
        if self.status:
            self.is_complete = True
            self.is_reusable = self._is_framed and self._parser.should_keep_alive()
        else:  # 1xx: the answer itself is still to come
            self.content_type = b""
            self.headers.clear()
            self._noted.clear()

    @property
    def _is_framed(self) -> bool:
        return b"content-length" in self._noted or b"transfer-encoding" in self._noted or self.status in (204, 304)

    def _decode(self, decoder: Decoder, body: bytes) -> None:
        try:
            self.events += decoder.feed(body)
        except WireError as error:
            self._refusal = f"its event stream cannot be read: {error}"

    def _too_large(self, what: str, limit: int) -> str:
        return f"{what} larger than {limit} bytes"
