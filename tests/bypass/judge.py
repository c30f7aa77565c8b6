"""The most suspicious reader of what reached the upstream: what any server might make of it, not what most do.

Nothing here asks what the gateway answered. It is held against the bytes alone: they have to be one JSON document that
every reader understands alike, and no reading of it may be a call that the policy forbids.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from tests.bypass.message import ALLOWED, DENIED, HIDDEN, LIMITED, MATCHED, PATTERN

VALUE: Final = re.compile(r"/srv/data/[a-z]+")
MOST: Final = 500
_PERMITTED: Final = frozenset({ALLOWED, LIMITED, MATCHED, PATTERN})
_KNOWN: Final = _PERMITTED | {DENIED, HIDDEN}
_ENVELOPE: Final = frozenset({"jsonrpc", "id", "method", "params", "result", "error"})
_PARAMS: Final = frozenset({"name", "arguments", "uri", "_meta", "task", "taskId", "requestState", "inputResponses"})
_LOOKALIKES: Final = str.maketrans("аеорсухіӏԁһɑℓ", "aeopcyxildhal")
_SENTINEL: Final = re.compile(r"=\?base64\?(.*)\?=", re.IGNORECASE)

Objection: TypeAlias = str


class _Object(list[tuple[str, Any]]):
    """An object's members as they came."""


def objection(body: bytes, lines: Mapping[str, list[str]] | None = None) -> Objection | None:
    """Why this message should not have reached a server; None where nothing speaks against it. `lines` are the HTTP
    headers it came with, names in lower case."""
    value = _read(body)
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not isinstance(value, _Object):
        found = [_message(one, {}) for one in value] or ["an empty batch"]
        return next((one for one in found if one), None)
    return _message(value, lines or {})


def ambiguity(body: bytes) -> Objection | None:
    """Why two readers may understand this message differently, whatever it says; None where they cannot."""
    value = _read(body)
    return value if isinstance(value, str) else _ambiguity(value)


def fold(word: str) -> str:
    """A name as the laxest reader or person sees it."""
    return _folded(word).translate(_LOOKALIKES).strip(".\"'`;")


def _folded(key: str) -> str:
    """A key as the laxest parser sees it."""
    plain = unicodedata.normalize("NFKC", key).casefold()
    return "".join(char for char in plain if char.isprintable() and not char.isspace())


def _read(body: bytes) -> Any:
    """The document; a string that says why it is none. A document that is a string is no message either."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_Object, parse_float=_finite, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return f"no JSON for a strict reader: {error}"[:120]
    return "a string" if isinstance(value, str) else value


def _message(value: Any, lines: Mapping[str, list[str]]) -> Objection | None:
    return _ambiguity(value) or _params(value) or _headers(dict(value), lines)


def _ambiguity(value: Any) -> Objection | None:
    if not isinstance(value, _Object):
        return "no object"
    params = dict(value).get("params")
    return (
        next(_ambiguities(value), None)
        or _imitation(value, _ENVELOPE, "the message")
        or (_imitation(params, _PARAMS, "params") if isinstance(params, _Object) else None)
        or _imitated_method(dict(value).get("method"))
    )


def _imitated_method(method: Any) -> Objection | None:
    if isinstance(method, str) and _folded(method) == "tools/call" and method != "tools/call":
        return f"the method {method!a} passes for tools/call"
    return None


def _params(message: _Object) -> Objection | None:
    members = dict(message)
    method, params = members.get("method"), members.get("params")
    if method != "tools/call":
        return None
    if not isinstance(params, _Object):
        return "tools/call without an object for params"
    if "id" not in members:
        return "a call as a notification: its answer is owed to nobody"
    return _call(dict(params))


def _call(params: dict[str, Any]) -> Objection | None:
    name, arguments = params.get("name"), params.get("arguments", _Object())
    if not isinstance(name, str):
        return "a call whose name is no string"
    if not isinstance(arguments, _Object):
        return "a call whose arguments are no object"
    tail = fold(re.split(r"[/\\:#]|__|\.(?=.)", name)[-1])
    if name not in _PERMITTED and (fold(name) in _KNOWN or tail in _KNOWN):
        return f"the tool {name!a}"
    if name in (LIMITED, MATCHED) and (found := _folded_twice(arguments)) is not None:
        return f"arguments that two readers understand differently: {found}"
    value = dict(arguments)
    if name == LIMITED and not _is_within(value.get("amount")):
        return f"an amount of {value.get('amount')!a}"[:80]
    if name == MATCHED and not (isinstance(value.get("value"), str) and VALUE.fullmatch(value["value"])):
        return f"the value {value.get('value')!a}"[:80]
    return None


def _is_within(amount: Any) -> bool:
    return isinstance(amount, int | Decimal) and not isinstance(amount, bool) and amount <= MOST


def _headers(message: dict[str, Any], lines: Mapping[str, list[str]]) -> Objection | None:
    params = message.get("params")
    inner = dict(params) if isinstance(params, _Object) else {}
    told = inner.get("name", inner.get("uri", inner.get("taskId")))
    for header, body in (("mcp-method", message.get("method")), ("mcp-name", told)):
        values = lines.get(header, [])
        if len(values) > 1:
            return f"two headers {header}"
        if values and body is not None and _plain(values[0]) != body:
            return f"{header}: {values[0]!a} beside {body!a} in the body"[:120]
    return None


def _plain(value: str) -> str:
    match = _SENTINEL.fullmatch(value)
    if match is None:
        return value
    try:
        return base64.b64decode(match[1], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _ambiguities(value: Any) -> Iterator[Objection]:
    """What two readers would see differently, at every depth."""
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, _Object):
            names = [name for name, _ in one]
            yield from (f"the key {name!a} twice" for name in {*names} if names.count(name) > 1)
            yield from (f"NUL in the key {name!a}" for name in names if "\0" in name)
            waiting += [*names, *(member for _, member in one)]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and any("\ud800" <= char <= "\udfff" for char in one):
            yield "half of a surrogate pair"


def _imitation(value: _Object, known: frozenset[str], place: str) -> Objection | None:
    return next(
        (f"the key {name!a} in {place}" for name, _ in value if name not in known and _is_like(name, known)), None
    )


def _is_like(name: str, known: frozenset[str]) -> bool:
    return _folded(name) in {one.lower() for one in known}


def _folded_twice(value: Any) -> str | None:
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, _Object):
            names = [_folded(name) for name, _ in one]
            if len({*names}) != len(names):
                return ascii(sorted(name for name, _ in one))[:60]
            waiting += [member for _, member in one]
        elif isinstance(one, list):
            waiting += one
    return None


def _finite(literal: str) -> Decimal:
    if float(literal) in (float("inf"), float("-inf")):
        raise ValueError(f"{literal} is infinite to some")
    return Decimal(literal)


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")
