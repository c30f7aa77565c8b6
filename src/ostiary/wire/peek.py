"""What can be seen of a server's message without parsing it: enough to route and record it, and no more."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from ostiary.errors import WireError
from ostiary.wire import keys
from ostiary.wire.codes import INVALID_REQUEST
from ostiary.wire.members import members

Kind: TypeAlias = Literal["request", "notification", "response"]


class Peek(msgspec.Struct, frozen=True):
    """`id` is None in a notification, and in an error that answers nobody in particular; `raw_id` is as it came.

    Of a response: `is_error` says that it has an `error` or a result with `isError`, `error_code` is the error's code,
    `result_type` the result's (`complete` where it names none).
    """

    kind: Kind
    id: str | int | None = None
    raw_id: bytes | None = None
    method: str | None = None
    is_error: bool = False
    error_code: int | None = None
    result_type: str | None = None


class _Result(msgspec.Struct):
    is_error: bool = msgspec.field(default=False, name="isError")
    result_type: str = msgspec.field(default="complete", name="resultType")


class _Error(msgspec.Struct):
    code: int


_ID: Final = msgspec.json.Decoder(str | int)
_METHOD: Final = msgspec.json.Decoder(str)
_RESULT: Final = msgspec.json.Decoder(_Result)
_ERROR: Final = msgspec.json.Decoder(_Error)


def peek(data: bytes) -> Peek:
    """The kind, id and outcome of a message. Raises `WireError` for nonsense, and for a message that two readers could
    understand differently: such a one must not be passed on."""
    found = members(data)
    keys.check_names(found)
    try:
        if found["jsonrpc"] != _VERSION:
            raise _nonsense('`jsonrpc` is not "2.0"')
        return _seen(found)
    except KeyError:
        raise _nonsense("it is no JSON-RPC message") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _nonsense(str(error)) from None


def _seen(found: dict[str, msgspec.Raw]) -> Peek:
    has_result, has_error = "result" in found, "error" in found
    if "method" in found:
        if has_result or has_error:
            raise _nonsense("`method` stands beside `result` or `error`")
        method = _METHOD.decode(found["method"])
        if "id" not in found:
            return Peek("notification", method=method)
        return Peek("request", _ID.decode(found["id"]), bytes(found["id"]), method)
    if has_result is has_error:
        raise _nonsense("it has not one of `method`, `result` and `error`")
    raw_id = found.get("id", _NULL)
    if has_error:
        code = _ERROR.decode(found["error"]).code
        if raw_id == _NULL:
            return Peek("response", is_error=True, error_code=code)
        return Peek("response", _ID.decode(raw_id), bytes(raw_id), is_error=True, error_code=code)
    result = _RESULT.decode(found["result"])
    return Peek("response", _ID.decode(raw_id), bytes(raw_id), is_error=result.is_error, result_type=result.result_type)


def _nonsense(what: str) -> WireError:
    return WireError(INVALID_REQUEST, f"the server sent something that cannot be passed on: {what}")


_VERSION: Final = msgspec.Raw(b'"2.0"')
_NULL: Final = msgspec.Raw(b"null")
