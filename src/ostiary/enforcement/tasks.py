"""Whose task is whose. A server that several agents use knows one client, Ostiary: only here is it known who asked for
a task, so only here can it be kept from the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

from ostiary.errors import WireError
from ostiary.wire import answers, codes, tasks
from ostiary.wire.message import Peek, Request

METHODS: Final = frozenset({"tasks/get", "tasks/result", "tasks/list", "tasks/cancel", "tasks/update"})
MOST: Final = 65536

Ended: TypeAlias = Callable[[str, str, str], None]
"""Told once per task, where its outcome is seen: the call, the task, `returned` or `failed`."""


class Task(msgspec.Struct):
    """`call` is the call that it answers, as the ledger knows it."""

    principal: str
    call: str
    is_ended: bool = False


class Tasks:
    """The tasks of one server, the newest `MOST`, for as long as the gateway runs."""

    def __init__(self, ended: Ended) -> None:
        self._ended = ended
        self._tasks: dict[str, Task] = {}

    def note(self, answer: bytes, seen: Peek, request: Request, principal: str, call: str) -> str | None:
        """The id of the task that this answer to a tool call creates, now the principal's; None where there is none, or
        where the server names a task that is another's."""
        id = tasks.created(answer, seen, request)
        if id is None or (id in self._tasks and not self._is_of(principal, id)):
            return None
        if len(self._tasks) >= MOST:
            del self._tasks[next(iter(self._tasks))]
        self._tasks[id] = Task(principal, call)
        return id

    def is_reached(self, request: Request, principal: str) -> bool:
        """Whether the request is about the principal's own task, or about none."""
        return request.method == "tasks/list" or self._is_of(principal, request.params.get("taskId"))

    def check_subscription(self, request: Request, principal: str) -> None:
        """Raises `WireError` -32602 where `subscriptions/listen` asks to hear of somebody else's task."""
        wanted = request.params.get("notifications")
        ids = wanted.get("taskIds") if isinstance(wanted, dict) else None
        if isinstance(ids, list) and not all(self._is_of(principal, id) for id in ids):
            raise WireError(codes.INVALID_PARAMS, "Task not found")

    def answered(self, answer: bytes, seen: Peek, request: Request, principal: str) -> bytes:
        """The answer to a `tasks/*` request as the principal gets it; an outcome in it is noted."""
        if request.method == "tasks/list":
            return self._own(answer, seen, principal)
        task = self._tasks.get(str(request.params.get("taskId")))
        outcome = tasks.outcome(answer, seen, request)
        if task is not None and outcome is not None and not task.is_ended:
            task.is_ended = True
            self._ended(task.call, str(request.params["taskId"]), outcome)
        return answer

    def _own(self, answer: bytes, seen: Peek, principal: str) -> bytes:
        try:
            return answer if seen.is_error else tasks.filter_tasks(answer, lambda task: self._is_of(principal, task))
        except WireError as error:
            return answers.error(seen.id, codes.UPSTREAM_FAILED, error.message)

    def _is_of(self, principal: str, id: object) -> bool:
        task = self._tasks.get(id) if isinstance(id, str) else None
        return task is not None and task.principal == principal
