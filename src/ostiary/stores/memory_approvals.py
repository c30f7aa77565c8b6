"""Approvals in memory, for what lives as long as one process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ostiary.approvals import Approval, Case, Happened, State, advance
from ostiary.model import Reservation


class MemoryApprovals:
    """An `ApprovalStore`."""

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}
        self._changed: dict[str, int] = {}
        self._count = 0

    async def ask(self, case: Case) -> Case:
        """See `ports.ApprovalStore`."""
        newest = await self.newest(case.approval.bound.key)
        if newest is not None and newest.approval.state.is_open:
            return newest
        self._keep(case)
        return case

    async def get(self, id: str) -> Case | None:
        """See `ports.ApprovalStore`."""
        return self._cases.get(id)

    async def newest(self, key: str) -> Case | None:
        """See `ports.ApprovalStore`."""
        found = [case for case in self._cases.values() if case.approval.bound.key == key]
        return found[-1] if found else None

    async def granted(self, family: str) -> Sequence[Case]:
        """See `ports.ApprovalStore`."""
        return [
            case
            for case in self._cases.values()
            if case.approval.state is State.GRANTED and case.approval.bound.family == family
        ]

    async def change(
        self, id: str, conduct: Callable[[Approval], Sequence[Happened]]
    ) -> tuple[Case, Sequence[Happened]]:
        """See `ports.ApprovalStore`."""
        case = self._cases[id]
        approval = case.approval
        events = conduct(approval)
        for event in events:
            approval = advance(approval, event)
        changed = msgspec.structs.replace(case, approval=approval)
        if events:
            self._keep(changed)
        return changed, events

    async def take_reservation(self, id: str) -> Reservation | None:
        """See `ports.ApprovalStore`."""
        case = self._cases[id]
        self._cases[id] = msgspec.structs.replace(case, reservation=None)
        return case.reservation

    async def due(self, now: int) -> Sequence[str]:
        """See `ports.ApprovalStore`."""
        lives = (case.approval for case in self._cases.values())
        return [one.id for one in lives if not one.state.is_final and one.until <= now]

    async def cases(self, *, since: int = 0, only_open: bool = False) -> Sequence[Case]:
        """See `ports.ApprovalStore`."""
        found = [case for case in self._cases.values() if case.approval.asked >= since]
        return [case for case in found if case.approval.state.is_open or not only_open]

    async def count(self, principal: str, since: int) -> int:
        """See `ports.ApprovalStore`."""
        lives = (case.approval for case in self._cases.values())
        return sum(one.bound.principal == principal and one.asked >= since for one in lives)

    async def changes(self, after: int) -> tuple[int, Sequence[str]]:
        """See `ports.ApprovalStore`."""
        if after < 0:
            return self._count, ()
        return self._count, [id for id, count in self._changed.items() if count > after]

    async def forget(self, before: int) -> None:
        """See `ports.ApprovalStore`."""
        for id, case in list(self._cases.items()):
            if case.approval.state.is_final and case.approval.asked < before:
                del self._cases[id], self._changed[id]

    def _keep(self, case: Case) -> None:
        self._count += 1
        self._cases[case.id] = case
        self._changed[case.id] = self._count
