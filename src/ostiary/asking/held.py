"""The answer to a held call while a person decides: a stream that says it is still there, and ends with the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, TypeAlias

import msgspec

from ostiary.asking.waiting import Bell, WaitingRoom
from ostiary.events import Events
from ostiary.ports import Reply
from ostiary.wire.message import Id
from ostiary.wire.sse import Event

PROGRESS_EVERY: Final = 10.0
"""Seconds between two reports of progress, where the agent asked for them."""
_STEP: Final = 1e-6
"""Progress must grow, and the server's own may start at 0: ours hardly moves."""

Settle: TypeAlias = Callable[[], Awaitable[Reply | None]]
"""What the call is answered with once it is decided; None while it is not."""
GiveUp: TypeAlias = Callable[[], Awaitable[Reply]]
"""What it is answered with when nobody has decided for too long."""


class Held(Events):
    """The stream of one held call, for at most `seconds`; `first` are messages that go out before the wait.

    `leave` ends it without an answer, as long as nothing was decided: nobody is there to hear it, and the leave that a
    person may give meanwhile is for whoever asks again.
    """

    def __init__(
        self,
        id: str,
        room: WaitingRoom,
        seconds: float,
        token: Id | None,
        settle: Settle,
        give_up: GiveUp,
        first: tuple[bytes, ...] = (),
    ) -> None:
        self._id = id
        self._room = room
        self._seconds = seconds
        self._token = token
        self._settle = settle
        self._give_up = give_up
        self._first = first
        self._bell: Bell | None = None
        self._events = self._run()
        self.is_waiting = True
        self._is_gone = False
        self._on_end: Callable[[], None] = lambda: None

    def on_end(self, callback: Callable[[], None]) -> None:
        """Have `callback` told once the wait is over, however it ended."""
        self._on_end = callback

    def leave(self) -> None:
        """The agent does not wait any longer."""
        self._is_gone = True
        if self._bell is not None:
            self._bell.ring()

    async def asend(self, value: None) -> Event:  # noqa: ARG002 - nothing can be sent
        return await anext(self._events)

    async def aclose(self) -> None:
        self._end()
        await self._events.aclose()

    def _end(self) -> None:
        self.is_waiting = False
        self._on_end()

    async def _run(self) -> AsyncGenerator[Event, None]:
        for data in self._first:
            yield Event(data)
        clock = asyncio.get_running_loop().time
        end, reports = clock() + self._seconds, 0
        reply: Reply | None = None
        with self._room.bell(self._id) as bell:
            self._bell = bell
            while not self._is_gone:
                reply = await self._settle()
                if reply is None and clock() >= end:
                    reply = await self._give_up()
                if reply is not None:
                    break
                if self._token is not None:
                    reports += 1
                    yield Event(_progress(self._token, reports * _STEP, self._id))
                await bell.wait(min(PROGRESS_EVERY, max(0.0, end - clock())))
        self._end()
        if reply is None:
            return
        if isinstance(reply.body, bytes):
            yield Event(reply.body)
            return
        try:
            async for event in reply.body:
                yield event
        finally:
            await reply.body.aclose()


def _progress(token: Id, progress: float, id: str) -> bytes:
    return msgspec.json.encode(
        {
            "jsonrpc": "2.0",
            "method": "notifications/progress",
            "params": {"progressToken": token, "progress": progress, "message": f"Waiting for approval {id}"},
        }
    )
