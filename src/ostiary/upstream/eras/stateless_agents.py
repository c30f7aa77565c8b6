"""Stateless agents (2026-07-28) at a server that only knows sessions (2025-11-25 and before)."""

from __future__ import annotations

from typing import Final

from ostiary.ports import Origin, Reply, Upstream
from ostiary.upstream.common import JSON
from ostiary.upstream.eras.errand import Errand, SessionLost
from ostiary.upstream.eras.held import Held
from ostiary.upstream.eras.session import Session
from ostiary.upstream.eras.sessions import Sessions
from ostiary.upstream.eras.subscription import Subscription
from ostiary.wire import answers, codes, translate
from ostiary.wire.era import META_CAPABILITIES, MODERN_VERSION, meta_of, version_in
from ostiary.wire.message import Message, Request

_GONE: Final = frozenset(
    {
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "tasks/get",
        "tasks/list",
        "tasks/result",
        "tasks/update",
        "tasks/cancel",
    }
)
"""Methods that the stateless wire does without, and tasks, which either era has its own of."""


class StatelessAgents:
    """Their requests run in sessions that are theirs alone; what the server asks meanwhile, they are asked."""

    def __init__(self, upstream: Upstream, *, held: Held | None = None, sessions: Sessions | None = None) -> None:
        self._sessions = sessions or Sessions(upstream)
        self._held = held or Held()

    async def send(self, message: Message, origin: Origin) -> Reply:
        """Answer one message. Raises `UpstreamError`."""
        if not isinstance(message, Request):
            return Reply(202, (), b"")
        if (refusal := _refusal(message)) is not None:
            return refusal
        if "requestState" in message.params:
            return await self._resume(message, origin)
        session = await self._sessions.find(message, origin.principal)
        try:
            return await self._serve(message, origin, session)
        except SessionLost:
            self._sessions.forget(session)
        return await self._serve(message, origin, await self._sessions.find(message, origin.principal))

    async def close(self) -> None:
        await self._sessions.close()

    async def _serve(self, request: Request, origin: Origin, session: Session) -> Reply:
        match request.method:
            case "server/discover":
                return Reply(200, JSON, translate.discovery(request, session.greeting))
            case "subscriptions/listen":
                return await Subscription(request, origin.principal, session).reply()
            case _:
                return await Errand(request, origin.principal, session, self._held).reply()

    async def _resume(self, request: Request, origin: Origin) -> Reply:
        errand = self._held.take(request.params["requestState"], request, origin.principal)
        if errand is None:
            words = "this `requestState` is not known here, was used before, has expired, or is another call's"
            return Reply(200, JSON, answers.error(request.id, codes.INVALID_PARAMS, words))
        errand.resume(request)
        return await errand.reply()


def _refusal(request: Request) -> Reply | None:
    version = version_in(request)
    if version != MODERN_VERSION:
        data = {"supported": [MODERN_VERSION], "requested": version}
        return _refused(request, codes.UNSUPPORTED_PROTOCOL_VERSION, "Unsupported protocol version", data)
    if not isinstance(meta_of(request).get(META_CAPABILITIES), dict):
        return _refused(request, codes.INVALID_PARAMS, f"`params._meta` lacks {META_CAPABILITIES!r}", status=400)
    if request.method in _GONE:
        return _refused(request, codes.METHOD_NOT_FOUND, f"there is no `{request.method}` in {MODERN_VERSION}")
    return None


def _refused(request: Request, code: int, words: str, data: object = None, status: int | None = None) -> Reply:
    return Reply(status or codes.status(code), JSON, answers.error(request.id, code, words, data))
