"""Whose task is whose, in memory: for our own tests."""

from __future__ import annotations

from ostiary.ports import KeptTask
from ostiary.stores.tasks import MOST


class MemoryTasks:
    """A `TaskStore`."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._tasks: dict[tuple[str, str], tuple[KeptTask, int]] = {}
        self._ended: set[tuple[str, str]] = set()

    def keep(self, server: str, id: str, task: KeptTask, now: int, until: int) -> bool:
        """See `ports.TaskStore`."""
        known = self.find(server, id, now)
        if known is not None and known.principal != task.principal:
            return False
        self._tasks = {key: kept for key, kept in self._tasks.items() if kept[1] > now and key != (server, id)}
        self._ended.discard((server, id))
        self._tasks[server, id] = task, until
        own = [key for key, (kept, _) in self._tasks.items() if kept.principal == task.principal]
        for key in own[: -self._most]:
            del self._tasks[key]
        return True

    def find(self, server: str, id: str, now: int) -> KeptTask | None:
        """See `ports.TaskStore`."""
        task, until = self._tasks.get((server, id), (None, 0))
        return task if until > now else None

    def end(self, server: str, id: str) -> bool:
        """See `ports.TaskStore`."""
        is_first = (server, id) in self._tasks and (server, id) not in self._ended
        self._ended.add((server, id))
        return is_first
