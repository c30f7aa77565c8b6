"""Held calls as tasks (SEP-2663, `io.modelcontextprotocol/tasks`), for clients that declare the extension.

The task's id is the approval's. Nothing is kept but the approval itself, so tasks survive a restart; a call that has
leave is sent when its agent next asks after it. Only its outcome is in memory, for as long as there is room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ostiary.approvals import Case, State, why_ended
from ostiary.errors import OstiaryError, WireError
from ostiary.ports import Reply
from ostiary.wire import codes
from ostiary.wire.era import RESERVED_META, meta_of
from ostiary.wire.members import members
from ostiary.wire.message import Id, Request, peek, read

POLL_MS: Final = 2000
_MOST_KEPT: Final = 1024


class ApprovalTasks:
    """`clock` gives Unix nanoseconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._outcomes: dict[str, dict[str, Any]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def created(self, id: Id, case: Case) -> bytes:
        """The answer to a call that became a task."""
        return _answer(id, {"resultType": "task", **self._envelope(case, "working")})

    def told(self, id: Id, case: Case, run: Callable[[], Awaitable[Reply]]) -> bytes:
        """The answer to `tasks/get`. A call that has leave is sent now, and answers at a later question."""
        life = case.approval
        if life.state is State.GRANTED and case.id not in self._running and case.id not in self._outcomes:
            self._running[case.id] = asyncio.ensure_future(self._run(case.id, run))
        if life.state.is_open or case.id in self._running:
            return _answer(id, {"resultType": "complete", **self._envelope(case, "working")})
        outcome = self._outcomes.get(case.id) or _lost(case)
        return _answer(id, {"resultType": "complete", **self._envelope(case, outcome["status"]), **outcome})

    def acknowledged(self, id: Id) -> bytes:
        """The answer to `tasks/cancel`."""
        return _answer(id, {"resultType": "complete"})

    async def _run(self, id: str, run: Callable[[], Awaitable[Reply]]) -> None:
        try:
            outcome = await _outcome(await run())
        except OstiaryError as error:
            outcome = {"status": "failed", "error": {"code": codes.INTERNAL_ERROR, "message": str(error)}}
        finally:
            del self._running[id]
        while len(self._outcomes) >= _MOST_KEPT:
            del self._outcomes[next(iter(self._outcomes))]
        self._outcomes[id] = outcome

    def _envelope(self, case: Case, status: str) -> dict[str, Any]:
        life, now = case.approval, self._clock()
        return {
            "taskId": case.id,
            "status": status,
            "statusMessage": f"Waiting for approval {case.id}" if life.state.is_open else f"Approval {case.id}",
            "createdAt": _moment(life.asked),
            "lastUpdatedAt": _moment(max(life.asked, life.decided or 0)),
            "ttlMs": max(0, life.until - now) // 10**6,
            "pollIntervalMs": POLL_MS,
        }


def call_of(case: Case, request: Request) -> Request:
    """The call that a case is about, from the arguments that were approved; in the name of whoever asks after it."""
    meta = {key: value for key, value in meta_of(request).items() if key in RESERVED_META}
    params = {
        "name": case.approval.bound.tool,
        "arguments": msgspec.Raw(case.question.arguments.encode()),
        "_meta": meta,
    }
    raw = msgspec.json.encode({"jsonrpc": "2.0", "id": f"task-{case.id}", "method": "tools/call", "params": params})
    made = read(raw)
    if not isinstance(made, Request):
        raise WireError(codes.INTERNAL_ERROR, "the call that was approved cannot be read")
    return made


def unknown_task() -> WireError:
    """What is said of a task that does not exist, or is somebody else's."""
    return WireError(codes.INVALID_PARAMS, "there is no such task")


async def _outcome(reply: Reply) -> dict[str, Any]:
    """What became of the call: a result, whether the tool failed or not, or an error of the protocol."""
    if isinstance(reply.body, bytes):
        return _read(reply.body)
    found = b""
    try:
        async for event in reply.body:
            if event.data and peek(event.data).kind == "response":
                found = event.data
    finally:
        await reply.body.aclose()
    return _read(found)


def _read(data: bytes) -> dict[str, Any]:
    try:
        found = members(data)
    except WireError:
        found = {}
    if "result" in found:
        return {"status": "completed", "result": found["result"]}
    error = found.get("error") or {"code": codes.UPSTREAM_FAILED, "message": "the server gave no answer"}
    return {"status": "failed", "error": error}


def _lost(case: Case) -> dict[str, Any]:
    """A task without an outcome: refused, over, or sent by a gateway that has ended since."""
    text = f"Policy violation: {why_ended(case.approval)} (approval {case.id}). Do not retry."
    return {"status": "completed", "result": {"content": [{"type": "text", "text": text}], "isError": True}}


def _answer(id: Id, result: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": id, "result": result})


def _moment(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
