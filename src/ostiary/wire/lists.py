"""The lists that servers send: what is in them, and what an agent gets to see of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import msgspec

from ostiary.errors import WireError
from ostiary.model import JSONObject
from ostiary.wire.codes import INVALID_REQUEST
from ostiary.wire.era import Era
from ostiary.wire.json import Bounds, parse_object
from ostiary.wire.members import add, members, replace, value_at

Show: TypeAlias = "Callable[[bytes, JSONObject], bytes | None]"
"""What is shown of an item, given as it came and as it reads: its bytes, others in their place, or nothing."""

Definitions: TypeAlias = "list[tuple[bytes, JSONObject]]"
"""A page of tools, each as it came and as it reads."""

_CURSOR: Final = ("result", "nextCursor")
_SCOPE: Final = ("result", "cacheScope")
_TTL: Final = ("result", "ttlMs")
_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_BOUNDS: Final = Bounds(size=64 * 1024 * 1024)


def tools(response: bytes) -> list[JSONObject]:
    """The definitions in a `tools/list` response that can be understood in one way only; none in an error.

    Raises `WireError` where the response or its list is ambiguous or no list at all.
    """
    return [definition for _, definition in raw_tools(response)]


def raw_tools(response: bytes) -> Definitions:
    """The same, each definition with its bytes as they came. Raises `WireError`."""
    return [(raw, read) for raw, read in _read(response, LISTED["tools/list"]) if read is not None]


def next_cursor(response: bytes) -> str | None:
    """The cursor of the following page; None on the last. Raises `WireError`."""
    raw = value_at(response, _CURSOR)
    if raw is None or raw == b"null":
        return None
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WireError(INVALID_REQUEST, "`nextCursor` is no string") from None


class Listed(msgspec.Struct, frozen=True):
    """Where the results of a list method have their items, and which member of an item policy knows it by."""

    member: str
    key: str


LISTED: Final[Mapping[str, Listed]] = MappingProxyType(
    {
        "tools/list": Listed("tools", "name"),
        "prompts/list": Listed("prompts", "name"),
        "resources/list": Listed("resources", "uri"),
        "resources/templates/list": Listed("resourceTemplates", "uriTemplate"),
    }
)


def filter_tools(
    response: bytes, keep: Callable[[JSONObject], bool], era: Era = Era.LEGACY, ttl_ms: int = 60_000
) -> tuple[bytes, list[str]]:
    """`filter_list` for `tools/list`, without the tools that `keep` refuses."""
    show: Show = lambda raw, definition: raw if keep(definition) else None  # noqa: E731
    return filter_list(response, LISTED["tools/list"], show, era, ttl_ms)


def filter_list(
    response: bytes, what: Listed, show: Show, era: Era = Era.LEGACY, ttl_ms: int = 60_000
) -> tuple[bytes, list[str]]:
    """The response with what `show` makes of each item, and the names of those that are gone, in order.

    All else is byte for byte as it came: order, cursor, unknown fields. An item that cannot be understood in one way
    only never stays; it counts with the name it has, or an empty one. In the modern era the result is marked as this
    agent's own (`cacheScope: private`) and `ttlMs` is at most `ttl_ms`, so that a new policy takes effect. Returns
    `response` itself where nothing changes. Raises `WireError` where the response or its list is ambiguous or no list
    at all.
    """
    place = ("result", what.member)
    kept: list[bytes] = []
    removed: list[str] = []
    is_same = True
    for raw, definition in _read(response, what):
        shown = None if definition is None else show(raw, definition)
        if shown is not None:
            kept.append(shown)
        else:
            removed.append("" if definition is None else str(definition[what.key]))
        is_same = is_same and shown is raw
    if not is_same:
        response = replace(response, place, b"[" + b",".join(kept) + b"]")
    if era is Era.MODERN and value_at(response, place) is not None:
        response = _own(response, ttl_ms)
    return response, removed


def _read(response: bytes, what: Listed) -> list[tuple[bytes, JSONObject | None]]:
    """Each item as it came, and its definition; None for one that two readers could understand differently."""
    if "result" not in members(response):
        return []
    raw = value_at(response, ("result", what.member))
    if raw is None:
        return []
    try:
        return [(bytes(each), _definition(bytes(each), what.key)) for each in _RAW_LIST.decode(raw)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise WireError(INVALID_REQUEST, f"`{what.member}` is no list") from None


def _definition(raw: bytes, key: str) -> JSONObject | None:
    try:
        definition = parse_object(raw, _BOUNDS)
    except WireError:
        return None
    return definition if isinstance(definition.get(key), str) else None


def _own(response: bytes, ttl_ms: int) -> bytes:
    if value_at(response, _SCOPE) != b'"private"':
        response = add(response, _SCOPE, b'"private"')
    raw = value_at(response, _TTL)
    if raw is not None and not _is_within(raw, ttl_ms):
        response = replace(response, _TTL, str(ttl_ms).encode())
    return response


def _is_within(raw: bytes, ttl_ms: int) -> bool:
    try:
        value: Any = msgspec.json.decode(raw, type=int | float)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return bool(value <= ttl_ms)
