"""JSON as far as it cannot be read in two ways.

The standard library's scanner does the work; what it lets through, and what other readers would understand
differently, is refused here: the agent's bytes are forwarded as they came, so the server's reader has to see the value
that policy saw.
"""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import accumulate
from math import isinf
from typing import Any, Final, NoReturn, cast

import msgspec

from ostiary.errors import WireError
from ostiary.model import JSON, JSONObject
from ostiary.wire.codes import INVALID_REQUEST, PARSE_ERROR

_WHITESPACE: Final = " \t\n\r"
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(_STEP))
_INTEGER_DIGITS: Final = 309
_NUMBER_LENGTH: Final = 1100


class Bounds(msgspec.Struct, frozen=True):
    """How large a document may be: `size` in bytes, `depth` in levels of arrays and objects."""

    size: int = 4 * 1024 * 1024
    depth: int = 128


DEFAULT: Final = Bounds()


def parse(data: bytes, bounds: Bounds = DEFAULT) -> JSON:
    """The value of one JSON document. Integers are `int`, numbers with a fraction or exponent `Decimal`.

    Raises `WireError`: -32700 for what is no JSON (RFC 8259) in UTF-8, -32600 for JSON that two readers could
    understand differently (a key twice in an object, NUL in a key, half of a surrogate pair, a number that a double
    turns into infinity or zero) or that is larger than `bounds`, with status 413 where the size is meant.
    """
    if len(data) > bounds.size:
        raise WireError(INVALID_REQUEST, f"the message is larger than {bounds.size} bytes", status=413)
    try:
        text = data.decode().strip(_WHITESPACE)
    except UnicodeDecodeError as error:
        raise WireError(PARSE_ERROR, f"byte {error.start} is not valid UTF-8") from None
    if text.startswith("\ufeff"):
        raise WireError(PARSE_ERROR, "the message starts with a byte order mark; send plain UTF-8")
    _check_depth(data, bounds.depth)
    has_escapes = "\\u" in text
    try:
        value, end = (_ESCAPED if has_escapes else _PLAIN).raw_decode(text)
    except json.JSONDecodeError as error:
        raise WireError(PARSE_ERROR, f"not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise _too_deep(bounds.depth) from None
    if end != len(text):
        raise WireError(PARSE_ERROR, f"something follows the JSON document at character {end}")
    if has_escapes:
        _check_surrogates(value)
    return cast("JSON", value)


def parse_object(data: bytes, bounds: Bounds = DEFAULT) -> JSONObject:
    """The same, for a document that has to be an object. Raises `WireError`."""
    value = parse(data, bounds)
    if not isinstance(value, dict):
        raise WireError(INVALID_REQUEST, "a JSON object is expected")
    return value


def _check_depth(data: bytes, depth: int) -> None:
    """Cheap where there are few brackets at all; else strings are cut out and the brackets outside are counted."""
    if data.count(b"[") + data.count(b"{") <= depth:
        return
    outside = b"".join(data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    brackets = outside.translate(None, _ALL_BUT_BRACKETS)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > depth:
        raise _too_deep(depth)


def _too_deep(depth: int) -> WireError:
    return WireError(INVALID_REQUEST, f"arrays and objects nest deeper than {depth} levels")


def _check_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise WireError(INVALID_REQUEST, "a string holds half of a surrogate pair") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise WireError(INVALID_REQUEST, f"the key {_shown(twice)} is twice in one object")
    return found


def _object_with_escapes(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = _object(pairs)
    if any("\0" in key for key in found):
        raise WireError(INVALID_REQUEST, "a key holds the character NUL")
    return found


def _integer(literal: str) -> int:
    if len(literal) >= _INTEGER_DIGITS and (len(literal) > _INTEGER_DIGITS + 1 or isinf(float(literal))):
        raise _overflow(literal)
    return int(literal)


def _decimal(literal: str) -> Decimal:
    if len(literal) > _NUMBER_LENGTH or isinf(nearest := float(literal)):
        raise _overflow(literal)
    if nearest != 0.0:
        return Decimal(literal)
    mantissa = literal.lower().partition("e")[0]
    if mantissa.strip("-0."):
        raise WireError(INVALID_REQUEST, f"the number {_shown(literal)} is too small for a double")
    return Decimal(mantissa)


def _overflow(literal: str) -> WireError:
    return WireError(INVALID_REQUEST, f"the number {_shown(literal)} is too large or too long for a double")


def _constant(name: str) -> NoReturn:
    raise WireError(PARSE_ERROR, f"not JSON: {name} is no number")


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 40 else f"{text[:40]}…")


_PLAIN: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
)
_ESCAPED: Final = json.JSONDecoder(
    object_pairs_hook=_object_with_escapes, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
)
