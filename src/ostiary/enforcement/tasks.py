"""Whose task is whose. A server that several agents use knows one client, Ostiary: only here is it known who asked for
a task, so only here can it be kept from the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from ostiary.enforcement.failures import Failures
from ostiary.errors import StoreError, WireError
from ostiary.notices import say
from ostiary.ports import Clock, KeptTask, TaskStore
from ostiary.wire import answers, codes, tasks
from ostiary.wire.message import Peek, Request

METHODS: Final = frozenset({"tasks/get", "tasks/result", "tasks/list", "tasks/cancel", "tasks/update"})
SHORTEST: Final = 3600 * 10**9
LONGEST: Final = 30 * 86400 * 10**9
"""Nanoseconds for which it is known whose a task is, at least and at most; in between, as long as the server says that
it keeps the task."""

Ended: TypeAlias = Callable[[str, str, str, str | None], None]
"""Told once per task, where its outcome is seen: the call, the task, `returned` or `failed`, and which of `failures`
said so, if one did."""


class Tasks:
    """The tasks of one server."""

    def __init__(self, server: str, store: TaskStore, clock: Clock, ended: Ended, failures: Failures) -> None:
        self._server = server
        self._store = store
        self._clock = clock
        self._ended = ended
        self._failures = failures

    def note(self, answer: bytes, seen: Peek, request: Request, principal: str, call: str) -> str | None:
        """The id of the task that this answer to a tool call creates, now the principal's; None where there is none, or
        where the server names a task that is another's. One that cannot be kept is nobody's."""
        id = tasks.created(answer, seen, request)
        if id is None:
            return None
        now = self._clock.now()
        until = now + _span(tasks.lifetime(answer))
        try:
            return id if self._store.keep(self._server, id, KeptTask(principal, call), now, until) else None
        except StoreError as error:
            say(f"{self._server}: whose task `{id}` is could not be kept, so nobody reaches it: {error}")
            return id

    def is_reached(self, request: Request, principal: str) -> bool:
        """Whether the request is about the principal's own task, or about none. Raises `StoreError`."""
        return request.method == "tasks/list" or self._is_of(principal, request.params.get("taskId"))

    def check_subscription(self, request: Request, principal: str) -> None:
        """Raises `WireError` -32602 where `subscriptions/listen` asks to hear of somebody else's task, and
        `StoreError`."""
        wanted = request.params.get("notifications")
        ids = wanted.get("taskIds") if isinstance(wanted, dict) else None
        if isinstance(ids, list) and not all(self._is_of(principal, id) for id in ids):
            raise WireError(codes.INVALID_PARAMS, "Task not found")

    def answered(self, answer: bytes, seen: Peek, request: Request, principal: str) -> bytes:
        """The answer to a `tasks/*` request as the principal gets it; an outcome in it is noted."""
        try:
            if request.method == "tasks/list":
                return self._own(answer, seen, principal)
            outcome = tasks.outcome(answer, seen, request)
            if outcome is not None:
                failure = self._failures.find(answer) if outcome == "returned" else None
                self._end(str(request.params.get("taskId")), "failed" if failure else outcome, failure)
        except StoreError as error:
            words = f"whose tasks these are cannot be said: {error}"
            return answers.error(seen.id, codes.INTERNAL_ERROR, words)
        return answer

    def _end(self, id: str, outcome: str, failure: str | None) -> None:
        task = self._store.find(self._server, id, self._clock.now())
        if task is not None and self._store.end(self._server, id):
            self._ended(task.call, id, outcome, failure)

    def _own(self, answer: bytes, seen: Peek, principal: str) -> bytes:
        try:
            return answer if seen.is_error else tasks.filter_tasks(answer, lambda task: self._is_of(principal, task))
        except WireError as error:
            return answers.error(seen.id, codes.UPSTREAM_FAILED, error.message)

    def _is_of(self, principal: str, id: object) -> bool:
        task = self._store.find(self._server, id, self._clock.now()) if isinstance(id, str) else None
        return task is not None and task.principal == principal


def _span(milliseconds: int | None) -> int:
    return LONGEST if milliseconds is None else max(SHORTEST, min(milliseconds * 1_000_000, LONGEST))
