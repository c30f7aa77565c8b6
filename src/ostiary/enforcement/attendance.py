"""The sessions at a gate: the agent's, as Ostiary knows it, so that reconnecting resets nothing."""

from __future__ import annotations

from ostiary.model import Session


class Attendance:
    """One session per server and principal, for as long as the gateway runs."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._sessions: dict[str, Session] = {}

    def enter(self, principal: str, now: int) -> Session:
        """The session as it is before this call, which is counted in it."""
        known = self._sessions.get(principal)
        if known is None:
            session = Session(f"{self._server}/{principal}", now)
        else:
            session = Session(known.id, known.started, known.calls + 1)
        self._sessions[principal] = session
        return session
