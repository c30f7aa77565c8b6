"""`redact`: what is masked in a tool's answer before the agent sees it. Policy language, section "A block".

Works on whole messages: JSON in, JSON out. Every text is looked at, the keys of objects and the texts of numbers
included, and text that is JSON itself is looked into. What cannot be looked into (images, sound, binary resources, a
kind of content that is not known here) is withheld, and a message that cannot be read in exactly one way is
`Unmaskable`: it must not be passed on. Masking what was masked changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec
import re2

from ostiary.errors import WireError
from ostiary.model import JSON, JSONObject, Redaction
from ostiary.policy.sensitive import MASK, NAMED_SETS, Finder, is_secret_name
from ostiary.wire.json import Bounds, parse, parse_object

__all__ = ["MASK", "WITHHELD", "Mask", "Unmaskable", "mask_for"]

WITHHELD: Final = "[withheld: this cannot be redacted]"

_READABLE: Final = frozenset(("text", "resource", "resource_link"))
_SAYING: Final = frozenset(("result", "error", "params"))
_TOLD: Final = frozenset(("type", "resultType", "status", "level"))
_WORDS: Final = _READABLE | {"complete", "input_required", "task", "working", "completed", "failed", "cancelled"}
_PROTOCOL: Final = frozenset(
    (
        *("content", "structuredContent", "isError", "_meta", "type", "text", "resource", "uri", "mimeType", "name"),
        *("title", "description", "annotations", "result", "error", "code", "message", "data", "resultType", "level"),
        *("logger", "progress", "progressToken", "total", "taskId", "status", "statusMessage", "requestState"),
        *("inputRequests", "createdAt", "lastUpdatedAt", "ttlMs", "pollIntervalMs", "requestId", "reason", "size"),
    )
)
"""Member names that say nothing of their own."""
_IDS: Final = frozenset(("code", "taskId", "progressToken", "requestId"))
_BOUNDS: Final = Bounds(size=64 * 1024 * 1024)
_MOST_LAYERS: Final = 3
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


class Unmaskable(Exception):
    """A message that nobody can say what is in."""


@lru_cache(maxsize=256)
def mask_for(redaction: Redaction) -> Mask:
    """The mask of a redaction, compiled once."""
    return Mask(redaction)


class Mask:
    """Named sets and patterns, compiled."""

    def __init__(self, redaction: Redaction) -> None:
        self._masks_names = "secrets" in redaction.patterns
        self._finders: list[Finder] = []
        for pattern in redaction.patterns:
            self._finders += NAMED_SETS.get(pattern) or [Finder(re2.compile(pattern))]

    def message(self, data: bytes) -> bytes:
        """A message from the server with what it says masked: `result` and `error` of a response, `params` of anything
        else. The very bytes where nothing is to be masked. Raises `Unmaskable`."""
        try:
            whole = parse_object(data, _BOUNDS)
        except (WireError, RecursionError):
            raise Unmaskable from None
        masked = {key: self._outer(value, key) if key in _SAYING else value for key, value in whole.items()}
        _keep_state(whole.get("result"), masked.get("result"))
        return data if masked == whole else _ENCODER.encode(masked)

    def _outer(self, value: JSON, name: str = "") -> JSON:
        """A value outside structured content, where what MCP itself says stands and an object may be an item."""
        if isinstance(value, str | int) and (name in _IDS or (name in _TOLD and value in _WORDS)):
            return value
        if self._masks_names and name and is_secret_name(name):
            return self._value(value, name)
        if isinstance(value, Mapping):
            inner = _readable(value)
            return self._members(
                {key: (self._value if key == "structuredContent" else self._outer)(inner[key], key) for key in inner}
            )
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self._outer(_item(item) if name == "content" else item) for item in value]
        return self._value(value, name)

    def _value(self, value: JSON, name: str = "", layer: int = 0) -> JSON:
        if value is None or isinstance(value, bool):
            return value
        if self._masks_names and name and is_secret_name(name):
            return MASK
        if isinstance(value, Mapping):
            return self._members({key: self._value(inner, key, layer) for key, inner in value.items()}, layer)
        if isinstance(value, str):
            return self._text(value, layer)
        if isinstance(value, Sequence):
            return [self._value(item, name, layer) for item in value]
        text = str(value) if not isinstance(value, Decimal) else f"{value:f}"
        return value if self._text(text, _MOST_LAYERS) == text else MASK

    def _members(self, found: JSONObject, layer: int = 0) -> JSONObject:
        """The members under masked keys; keys that become the same are told apart by a number."""
        named: dict[str, JSON] = {}
        for key, value in found.items():
            masked = key if key in _PROTOCOL else self._text(key, layer)
            name, count = masked, 1
            while name in named:
                count += 1
                name = f"{masked} {count}"
            named[name] = value
        return named

    def _text(self, text: str, layer: int = 0) -> str:
        if layer < _MOST_LAYERS and text.lstrip()[:1] in ("{", "["):
            text = self._inner_json(text, layer)
        for finder in self._finders:
            text = finder.replace(text)
        return text

    def _inner_json(self, text: str, layer: int) -> str:
        """JSON written into a text: masked as what it says, since escapes hide what patterns look for."""
        try:
            inner = parse(text.encode(), _BOUNDS)
        except (WireError, RecursionError, UnicodeEncodeError):
            return text
        masked = self._value(inner, layer=layer + 1)
        return text if masked == inner else _ENCODER.encode(masked).decode()


def _keep_state(result: JSON, masked: JSON) -> None:
    """A question's `requestState` comes back to the server byte for byte (2026-07-28), so it stays as it is."""
    if isinstance(result, Mapping) and isinstance(masked, dict) and result.get("resultType") == "input_required":
        masked.update({"requestState": result["requestState"]} if "requestState" in result else {})


def _item(item: JSON) -> JSON:
    """An item of content, or a note in its place where nobody can look into it."""
    kind = item.get("type") if isinstance(item, Mapping) else None
    if isinstance(item, Mapping) and not (isinstance(kind, str) and kind in _READABLE):
        return {"type": "text", "text": WITHHELD}
    return item


def _readable(found: JSONObject) -> JSONObject:
    """The members of an object, without the bytes of a binary resource."""
    if not isinstance(found.get("blob"), str):
        return found
    return {**{key: value for key, value in found.items() if key != "blob"}, "text": WITHHELD}
