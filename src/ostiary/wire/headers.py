"""The HTTP headers that mirror a message: whether they agree with its body, and what they have to be.

Streamable HTTP 2026-07-28, Request Metadata and Server Validation. The body alone decides what a message is; headers
that say something else would let what routes on them and what acts on the body be told two stories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

from ostiary.errors import WireError
from ostiary.model import JSON, JSONObject
from ostiary.wire import field
from ostiary.wire.codes import HEADER_MISMATCH, INVALID_PARAMS, INVALID_REQUEST
from ostiary.wire.era import ASSUMED_VERSION, LEGACY_VERSIONS, META_VERSION, Era, is_modern, version_in
from ostiary.wire.message import Id, Message, Request, Response
from ostiary.wire.mirrors import PREFIX, Mirror, mirrors

Headers: TypeAlias = "tuple[tuple[bytes, bytes], ...]"

SESSION: Final = b"mcp-session-id"
VERSION: Final = b"mcp-protocol-version"
METHOD: Final = b"mcp-method"
NAME: Final = b"mcp-name"
DESCRIBING: Final = frozenset({VERSION, METHOD, NAME})
"""The headers that `describe` makes, besides those that begin with `mcp-param-`."""

NAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "tools/call": "name",
        "prompts/get": "name",
        "resources/read": "uri",
        "tasks/get": "taskId",
        "tasks/update": "taskId",
        "tasks/cancel": "taskId",
    }
)
"""Method → the member of `params` that `Mcp-Name` mirrors; the tasks are those of the extension."""

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_LONGEST_NUMBER: Final = 1100
_QUALITY: Final = re.compile(rb"q=([01](?:\.\d{0,3})?)")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def verify(message: Message, lines: Iterable[tuple[bytes, bytes]]) -> Era:
    """The era in which the message was sent, once its headers agree with its body.

    `lines` are the request's header lines, at least those that begin with `mcp-`. Raises `WireError` with status 400:
    -32020 where a header contradicts the body, is missing in the modern era, is there twice, or holds a character that
    it may not; -32602 for a modern request without a version in its `_meta`; -32600 for a version header that no
    version has, and for a response in the modern era, in which agents send none.
    """
    id = message.id if isinstance(message, Request) else None
    found = _collect(lines, id)
    era = _era(message, found.get(VERSION), id)
    if isinstance(message, Response):
        return era
    is_required = era is Era.MODERN and isinstance(message, Request)
    _agree("Mcp-Method", found.get(METHOD), message.method, is_required, id)
    if (key := NAMED.get(message.method)) is not None:
        value = message.params.get(key)
        _agree("Mcp-Name", _decoded("Mcp-Name", found.get(NAME), id), value, is_required, id)
    return era


def verify_parameters(request: Request, lines: Iterable[tuple[bytes, bytes]], mirrored: tuple[Mirror, ...]) -> None:
    """Check the `Mcp-Param-*` headers of a modern `tools/call` against its arguments; `mirrored` comes from the tool's
    schema (`mirrors`). Headers that no parameter asks for are let through. Raises `WireError` 400, -32020."""
    if not mirrored:
        return
    found = _collect(lines, request.id)
    for mirror in mirrored:
        name = mirror.header.decode()
        value = _at(request.params.get("arguments"), mirror.path)
        text = _decoded(name, found.get(mirror.header.lower()), request.id)
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if is_number and text is not None and len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text):
            if Decimal(text) != value:
                raise _mismatch(f"{name} header {text!a:.60} is not the body's value", request.id)
        else:
            _agree(name, text, _text(value), True, request.id)


def describe(message: Message, input_schema: JSONObject | None) -> Headers:
    """The headers for a modern message that goes out over HTTP; none for a message without a version in its `_meta`.

    Names are in lower case; no value holds a control character, whatever the message holds.
    """
    version = version_in(message)
    if isinstance(message, Response) or not version:
        return ()
    lines = [(VERSION, field.encode(version)), (METHOD, field.encode(message.method))]
    name = message.params.get(NAMED.get(message.method, ""))
    if isinstance(name, str):
        lines.append((NAME, field.encode(name)))
    if message.method == "tools/call" and input_schema is not None:
        for mirror in mirrors(input_schema):
            text = _text(_at(message.params.get("arguments"), mirror.path))
            if text is not None:
                lines.append((mirror.header.lower(), field.encode(text)))
    return tuple(lines)


def prefers_events(lines: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether an agent would rather be answered with events than with JSON, as its `accept` lines say: by `q`, and of
    equals by what it names first (RFC 9110, 12.5.1, leaves that to the server). Names are in lower case."""
    return _ranks_events_first(b",".join([value for name, value in lines if name == b"accept"]))


@lru_cache(maxsize=64)
def _ranks_events_first(accept: bytes) -> bool:
    rank = {b"application/json": (0.0, 0), b"text/event-stream": (0.0, 0)}
    for place, range in enumerate(accept.lower().split(b",")):
        kind, *parameters = [part.strip() for part in range.split(b";")]
        if kind in rank:
            quality = next((_QUALITY.fullmatch(each) for each in parameters if each.startswith(b"q=")), None)
            rank[kind] = (float(quality[1]) if quality else 1.0, -place)
    return rank[b"text/event-stream"] > rank[b"application/json"]


def _collect(lines: Iterable[tuple[bytes, bytes]], id: Id | None) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for raw_name, value in lines:
        name = raw_name.lower()
        if not name.startswith(b"mcp-"):
            continue
        if name in found and (name in DESCRIBING or name.startswith(PREFIX)):
            raise _mismatch(f"the header {name.decode('latin-1')!a:.60} is there twice", id)
        if _CONTROL.search(value):
            raise _mismatch(f"the header {name.decode('latin-1')!a:.60} holds a control character", id)
        found[name] = value.strip(b" \t")
    return found


def _era(message: Message, header: bytes | None, id: Id | None) -> Era:
    """Modern where header or body says so: only a body without a version leaves the choice to the header."""
    version = None if header is None else header.decode("latin-1")
    in_body = version_in(message)
    if in_body is not None:
        if version is None and not isinstance(message, Request):
            return Era.MODERN
        _agree("MCP-Protocol-Version", version, in_body, True, id)
        return Era.MODERN
    if version is None:
        version = ASSUMED_VERSION
    if version in LEGACY_VERSIONS:
        return Era.LEGACY
    if not is_modern(version):
        raise WireError(INVALID_REQUEST, f"MCP-Protocol-Version: there is no version {version!a:.60}", id=id)
    if isinstance(message, Response):
        raise WireError(INVALID_REQUEST, f"an agent sends no responses in {version}; repeat the request", id=None)
    if isinstance(message, Request):
        raise WireError(INVALID_PARAMS, f"`params._meta` lacks {META_VERSION!r}", id=id)
    return Era.MODERN


def _decoded(name: str, value: bytes | None, id: Id | None) -> str | None:
    if value is None:
        return None
    text = field.decode(value)
    if text is None:
        raise _mismatch(f"{name} header is not valid", id)
    return text


def _agree(name: str, header: str | bytes | None, body: JSON, is_required: bool, id: Id | None) -> None:
    text = header.decode("latin-1") if isinstance(header, bytes) else header
    if text is None:
        if body is not None and is_required:
            raise _mismatch(f"{name} header is missing", id)
    elif text != body:
        raise _mismatch(f"{name} header {text!a:.60} is not the body's value", id)


def _mismatch(what: str, id: Id | None) -> WireError:
    return WireError(HEADER_MISMATCH, f"Header mismatch: {what}", id=id)


def _at(value: JSON, path: tuple[str, ...]) -> JSON:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: JSON) -> str | None:
    """A primitive value as a header says it; None for what no header says."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case Decimal():
            return str(int(value)) if value == value.to_integral_value() else str(value)
        case _:
            return None
