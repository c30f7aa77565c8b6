"""Tasks as messages: those of 2025-11-25 (`params.task`, `tasks/get|result|list|cancel`) and those of the extension
`io.modelcontextprotocol/tasks` (`tasks/get|update|cancel`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from ostiary.errors import WireError
from ostiary.wire.codes import INVALID_REQUEST
from ostiary.wire.members import replace, value_at
from ostiary.wire.message import Peek, Request

_TASKS: Final = ("result", "tasks")
_STRING: Final = msgspec.json.Decoder(str)
_LIFETIME: Final = msgspec.json.Decoder(int | None)
_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ENDED: Final = {b'"completed"': "returned", b'"failed"': "failed", b'"cancelled"': "failed"}


def created(answer: bytes, seen: Peek, request: Request) -> str | None:
    """The id of the task that answers a tool call in place of a result; None where there is none."""
    if seen.is_error:
        return None
    if seen.result_type == "task":
        return _string(value_at(answer, ("result", "taskId")))
    return _string(value_at(answer, ("result", "task", "taskId"))) if "task" in request.params else None


def lifetime(answer: bytes) -> int | None:
    """The milliseconds for which a server says that it keeps the task that it created; None where it does not say, or
    for ever."""
    said = value_at(answer, ("result", "ttlMs")) or value_at(answer, ("result", "task", "ttl"))
    try:
        return None if said is None else _LIFETIME.decode(said)
    except msgspec.DecodeError:
        return None


def outcome(answer: bytes, seen: Peek, request: Request) -> str | None:
    """How the tool call behind a task ended, where this answer says so: `returned` or `failed`."""
    if request.method == "tasks/result":
        return "failed" if seen.is_error else "returned"
    if request.method != "tasks/get" or seen.is_error:
        return None
    status = value_at(answer, ("result", "status")) or b""
    if value_at(answer, ("result", "result", "isError")) == b"true":
        return "failed"
    has_outcome = value_at(answer, ("result", "result")) or value_at(answer, ("result", "error"))
    return _ENDED.get(status) if has_outcome else None


def filter_tasks(answer: bytes, keep: Callable[[str], bool]) -> bytes:
    """A `tasks/list` response without the tasks that `keep` refuses; what stays is byte for byte as it came. Raises
    `WireError` where there is no such list."""
    raw = value_at(answer, _TASKS)
    if raw is None:
        return answer
    try:
        found = [bytes(each) for each in _RAW_LIST.decode(raw)]
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WireError(INVALID_REQUEST, "`tasks` is no list") from None
    kept = [each for each in found if keep(_string(value_at(each, ("taskId",))) or "")]
    return replace(answer, _TASKS, b"[" + b",".join(kept) + b"]")


def _string(raw: bytes | None) -> str | None:
    try:
        return None if raw is None else _STRING.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
