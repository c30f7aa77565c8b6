"""An HTTP upstream's address, and the request heads that go there: built once, completed per request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from ostiary.errors import ConfigurationError, UpstreamNotReached
from ostiary.ports import Headers

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_LINES = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9a-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n)*")
_OURS = frozenset({b"host", b"content-length", b"content-type", b"transfer-encoding", b"connection", b"keep-alive"}) | {
    b"accept-encoding", b"te", b"trailer", b"upgrade", b"expect", b"proxy-connection",
}  # fmt: skip
_ALONG = frozenset({b"accept", b"last-event-id", b"traceparent", b"tracestate", b"baggage"})
_PORTS = {"http": 80, "https": 443}
_BOTH = b"accept: application/json, text/event-stream\r\n"
_STREAM = b"accept: text/event-stream\r\n"


class Endpoint(msgspec.Struct, frozen=True):
    """Where to connect, and what to ask for there. `label` is the URL without its query: fit for people and logs."""

    host: str
    port: int
    is_tls: bool
    target: bytes
    authority: bytes
    label: str


def parse_endpoint(url: str) -> Endpoint:
    """The endpoint of an `http` or `https` URL; it is used exactly as it stands. Raises `ConfigurationError`."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigurationError(f"upstream URL {url!r}: only printable ASCII; write anything else percent-encoded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"upstream URL `{url}`: {error}") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigurationError(f"upstream URL `{url}`: write http://HOST/PATH or https://HOST/PATH")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(f"upstream URL of `{parts.hostname}`: no user or password in it; use `headers`")
    if parts.fragment:
        raise ConfigurationError(f"upstream URL `{url}`: a fragment (`#{parts.fragment}`) is never sent; remove it")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    authority = host if port is None else f"{host}:{port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(
        host=parts.hostname,
        port=_PORTS[parts.scheme] if port is None else port,
        is_tls=parts.scheme == "https",
        target=target.encode(),
        authority=authority.encode(),
        label=f"{parts.scheme}://{authority}{parts.path}",
    )


class RequestHeads:
    """The heads of all requests to one endpoint.

    What comes with a message is forwarded only by allow-list: `mcp-*`, `accept`, `last-event-id`, and the trace
    context; a name that the configuration sets is never taken from a message. Raises `ConfigurationError` for a
    configured header that is not one, or that belongs to the connection; building a request raises
    `UpstreamNotReached` if a forwarded header is none.
    """

    def __init__(self, endpoint: Endpoint, headers: Mapping[str, str]) -> None:
        lines = [b"host: " + endpoint.authority, b"accept-encoding: identity", b"user-agent: ostiary"]
        self._fixed: set[bytes] = set()
        for name, value in headers.items():
            key, line = name.encode().lower(), value.strip().encode()
            if not _TOKEN.fullmatch(key) or not _VALUE.fullmatch(line):
                raise ConfigurationError(f"header `{name}` for {endpoint.label}: not a valid name and one-line value")
            if key in _OURS:
                raise ConfigurationError(f"header `{name}` for {endpoint.label}: set by the connection itself")
            if key == b"user-agent":
                lines.pop(2)
            self._fixed.add(key)
            lines.append(key + b": " + line)
        common = b" " + endpoint.target + b" HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n"
        self._post = b"POST" + common + b"content-type: application/json\r\n"
        self._get = b"GET" + common
        self._delete = b"DELETE" + common

    def post(self, headers: Headers, body: bytes) -> bytes:
        """One whole POST: head and body in one piece, for one write."""
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (self._post, self._forwarded(headers, _BOTH), len(body), body)

    def get(self, headers: Headers) -> bytes:
        return b"%b%b\r\n" % (self._get, self._forwarded(headers, _STREAM))

    def delete(self, headers: Headers) -> bytes:
        return b"%b%b\r\n" % (self._delete, self._forwarded(headers, b""))

    def _forwarded(self, headers: Headers, accept: bytes) -> bytes:
        """The lines that go along, with `accept` where nothing else says what is; a name or value that could begin a
        line of its own stops the request."""
        fixed, lines = self._fixed, []
        if b"accept" in fixed:
            accept = b""
        for name, value in headers:
            if name not in fixed and (name in _ALONG or name.startswith(b"mcp-")):
                lines.append(b"%b: %b\r\n" % (name, value))
                if name == b"accept":
                    accept = b""
        block = b"".join(lines)
        if not _LINES.fullmatch(block) or block.count(b"\n") != len(lines):
            raise UpstreamNotReached("a header meant for the server holds a control character; nothing was sent")
        return block + accept
