"""Between the eras: what an agent says reaches the server in the era that the server knows."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import Final

import msgspec

from ostiary.errors import UpstreamError, WireError
from ostiary.model import JSONObject
from ostiary.ports import Origin, Reply, Upstream
from ostiary.upstream.common import SessionRefused, answer_to, is_stateless, session_id
from ostiary.upstream.eras.session_agents import SessionAgents, is_refusal
from ostiary.upstream.eras.stateless_agents import StatelessAgents
from ostiary.wire import codes, headers
from ostiary.wire.era import META_CAPABILITIES, META_VERSION, MODERN_VERSION, RESERVED_META, is_modern, meta_of
from ostiary.wire.members import strings_at
from ostiary.wire.message import Message, Request, peek

_PATIENCE: Final = 20.0
"""Seconds that a server may take to say which versions it speaks, its start included."""


class Interpreter:
    """The port `Upstream` before another one. Where both speak the same era nothing is touched.

    Whether the server is stateless is asked once, with `server/discover`, when the first stateless message comes or
    when the server refuses an `initialize`; no other request is ever sent to find out. `is_alone` says that there is
    one agent only, which names no session; `poll_after` is how many seconds the connection of an answer lasts.
    """

    def __init__(self, upstream: Upstream, *, is_alone: bool = False, poll_after: float | None = None) -> None:
        self._upstream = upstream
        self._stateless_agents = StatelessAgents(upstream)
        self._session_agents = SessionAgents(upstream, is_alone=is_alone, poll_after=poll_after)
        self._is_stateless: bool | None = None
        self._refuses_sessions = False
        self._learning = asyncio.Lock()

    @property
    def kept_sessions(self) -> int:
        """How many sessions are kept here because the server knows none."""
        return len(self._session_agents)

    async def send(self, message: Message, origin: Origin) -> Reply:
        if not is_stateless(message, origin):
            return await self._send_in_session(message, origin)
        if self._is_stateless is None and isinstance(message, Request):
            async with self._learning:
                if self._is_stateless is None:
                    self._is_stateless = await self._discover(message, origin)
        if self._is_stateless is False:
            try:
                return await self._stateless_agents.send(message, origin)
            except SessionRefused:
                self._is_stateless = None
                raise
        return await self._upstream.send(message, origin)

    async def listen(self, origin: Origin) -> Reply:
        return await self._of_sessions(origin).listen(origin)

    async def end(self, origin: Origin) -> Reply:
        return await self._of_sessions(origin).end(origin)

    async def close(self) -> None:
        self._session_agents.close()
        await self._stateless_agents.close()
        await self._upstream.close()

    def _of_sessions(self, origin: Origin) -> Upstream | SessionAgents:
        """Who has the session that the message belongs to."""
        return self._session_agents if self._session_agents.has(origin) else self._upstream

    async def _send_in_session(self, message: Message, origin: Origin) -> Reply:
        is_first = isinstance(message, Request) and message.method == "initialize" and session_id(origin) is None
        if not (is_first and isinstance(message, Request)):
            return await self._of_sessions(origin).send(message, origin)
        if self._refuses_sessions:
            reply = await self._session_agents.open(message, origin)
            if reply is not None:
                return reply
            self._refuses_sessions = False
        return await self._initialize(message, origin)

    async def _initialize(self, hello: Request, origin: Origin) -> Reply:
        """What the server says to it; where it only speaks the stateless version, the session is kept here."""
        refusal: Reply | SessionRefused
        try:
            refusal = await self._upstream.send(hello, origin)
            if not is_refusal(refusal):
                return refusal
        except SessionRefused as error:
            refusal = error
        reply = None
        with suppress(UpstreamError):
            reply = await self._session_agents.open(hello, origin)
        if reply is None:
            if isinstance(refusal, SessionRefused):
                raise refusal
            return refusal
        self._refuses_sessions = True
        return reply

    async def _discover(self, message: Request, origin: Origin) -> bool:
        """Whether the server knows the stateless wire. Raises `UpstreamError` where it cannot be asked."""
        question = _question(message)
        try:
            async with asyncio.timeout(_PATIENCE):
                reply = await self._upstream.send(question, Origin(origin.principal, headers.describe(question, None)))
                is_refusal = isinstance(reply.body, bytes) and 400 <= reply.status < 500
                answer = reply.body if is_refusal else await answer_to(reply, question.id)
        except TimeoutError:  # some old servers answer nothing that they do not know
            return False
        return isinstance(answer, bytes) and any(map(is_modern, _versions(answer)))


def _question(message: Request) -> Request:
    """In the agent's name, as far as it has given one: the answer may depend on it."""
    id, method = f"ostiary-{secrets.token_hex(8)}", "server/discover"
    described = {key: value for key, value in meta_of(message).items() if key in RESERVED_META}
    params: JSONObject = {"_meta": {META_CAPABILITIES: {}, **described, META_VERSION: MODERN_VERSION}}
    raw = msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
    return Request(id, method, params, raw)


def _versions(answer: bytes) -> list[str]:
    """The versions that a server names in its answer to `server/discover`, or while it refuses the one it was asked
    in; none in any other."""
    try:
        is_refusal = peek(answer).error_code == codes.UNSUPPORTED_PROTOCOL_VERSION
        return strings_at(answer, ("error", "data", "supported") if is_refusal else ("result", "supportedVersions"))
    except WireError:
        return []
