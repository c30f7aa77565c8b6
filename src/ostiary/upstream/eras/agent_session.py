"""One session of an agent, kept on behalf of a server that knows none."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any, Final

import msgspec

from ostiary.errors import UpstreamError, WireError
from ostiary.ports import Origin, Reply
from ostiary.upstream.common import JSON, answer_to
from ostiary.upstream.eras.ear import Ear
from ostiary.upstream.eras.mission import Mission, request_of
from ostiary.upstream.eras.server import StatelessServer
from ostiary.upstream.exchange import Exchange
from ostiary.upstream.streams import Streams, is_primed
from ostiary.wire import answers, codes, sessionless
from ostiary.wire.era import META_CAPABILITIES
from ostiary.wire.headers import prefers_events
from ostiary.wire.members import members
from ostiary.wire.message import Id, Message, Notification, Request, Response
from ostiary.wire.translate import LEVELS, META_LOG_LEVEL, QUESTIONS, Raw

PRIMED_AFTER: Final = 2.0
"""Seconds without an answer after which it becomes a stream, which the agent can take up if it loses its connection."""
MOST_PAGES: Final = 1000
"""Pages of a list that are asked for."""
_NOT_HERE: Final = frozenset({"server/discover", "subscriptions/listen"})
"""Methods that sessions do without."""


class AgentSession:
    """`hello` is the agent's `initialize`. `open` it before anything else.

    What a session keeps is here: who the agent is, at which level it wants to be logged to, what it has subscribed to,
    what it was asked and has not answered yet, and its streams.
    """

    def __init__(
        self,
        server: StatelessServer,
        hello: Request,
        principal: str,
        complain: Callable[[str], None],
        poll_after: float | None = None,
    ) -> None:
        self.principal = principal
        self._server = server
        self._complain = complain
        self._described = sessionless.description(hello)
        self._capabilities: Raw = {}
        self._numbers = itertools.count(1)
        self._missions: dict[Id, Mission] = {}
        self._questions: dict[Id, asyncio.Future[Response]] = {}
        self._streams = Streams(poll_after)
        self._ear = Ear(self._listen, (), complain)

    @property
    def is_busy(self) -> bool:
        return bool(self._missions) or self._ear.inbox.is_read

    async def open(self) -> bytes:
        """What the server says of itself, in answer to `server/discover`. Raises `UpstreamError` where it does not."""
        request = self._question("server/discover", {})
        raw = await answer_to(await self.forward(request), request.id)
        message = members(raw)
        if "result" in message:
            self._capabilities = members(members(message["result"]).get("capabilities", b"{}"))
            announced = [name for name, offer in self._capabilities.items() if sessionless.announces_changes(offer)]
            self._ear = Ear(self._listen, announced, self._complain)
        return raw

    def close(self) -> None:
        """What is under way fails."""
        self._ear.close()
        for mission in list(self._missions.values()):
            mission.fail(UpstreamError("the session has ended"))

    async def send(self, message: Message, origin: Origin) -> Reply:
        match message:
            case Response():
                return self._answered(message)
            case Notification(method="notifications/cancelled"):
                self._cancel(message.params.get("requestId"))
                return Reply(202, (), b"")
            case Notification():
                return Reply(202, (), b"")
            case Request():
                return await self._serve(message, origin)

    async def listen(self, origin: Origin) -> Reply:
        """What belongs to no request, or a stream taken up again."""
        return await self._streams.listen(self._ear, origin)

    # for its missions

    def translated(self, request: Request, round: dict[str, Any]) -> Request:
        return sessionless.stateless_request(request, self._number(), self._described, round)

    async def forward(self, request: Request) -> Reply:
        return await self._server.send(request, self.principal)

    async def learns_of(self, request: Request) -> bool:
        """Whether the server's lists say more of the tool that is called than was known before."""
        name = request.params.get("name")
        if request.method != "tools/call" or not isinstance(name, str) or self._server.knows(name):
            return False
        cursor: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            question = self._question("tools/list", cursor)
            following = self._server.learn(await answer_to(await self.forward(question), question.id))
            if following is None or self._server.knows(name):
                break
            cursor = {"cursor": following}
        return self._server.knows(name)

    def put(self, asked: Raw, exchange: Exchange) -> asyncio.Future[Response]:
        """Ask the agent on the stream of a request. Raises `WireError` for what it did not declare."""
        method = sessionless.method_of(asked)
        able = self._described[META_CAPABILITIES]
        if not isinstance(able, dict) or QUESTIONS.get(method) not in able:
            raise WireError(codes.UPSTREAM_FAILED, f"the server asks the agent for {method!a:.40}, which it cannot do")
        id = self._number()
        waiting: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._questions[id] = waiting
        waiting.add_done_callback(lambda _: self._questions.pop(id, None))
        exchange.relate(sessionless.question(asked, id, id))
        return waiting

    def leave(self, id: Id, mission: Mission) -> None:
        if self._missions.get(id) is mission:
            del self._missions[id]

    # what the agent says

    async def _serve(self, request: Request, origin: Origin) -> Reply:
        try:
            match request.method:
                case "initialize":
                    raise WireError(codes.INVALID_REQUEST, "this session is initialized already")
                case "ping":
                    return _done(request)
                case "logging/setLevel" if "logging" in self._capabilities:
                    return self._set_level(request)
                case "resources/subscribe" | "resources/unsubscribe" if "resources" in self._capabilities:
                    return await self._subscribe(request)
                case "logging/setLevel" | "resources/subscribe" | "resources/unsubscribe":
                    raise WireError(codes.METHOD_NOT_FOUND, "Method not found")
                case method if method in _NOT_HERE or method.startswith("tasks/"):
                    raise WireError(codes.METHOD_NOT_FOUND, "Method not found")
                case _:
                    return await self._carry_out(request, origin)
        except WireError as error:
            return Reply(200, JSON, answers.error(request.id, error.code, error.message))

    async def _carry_out(self, request: Request, origin: Origin) -> Reply:
        if request.id in self._missions:
            words = "a request with this id is still waiting for its answer"
            return Reply(400, JSON, answers.error(request.id, codes.INVALID_REQUEST, words))
        mission = self._missions[request.id] = Mission(request, self.principal, self)
        begins = None
        if prefers_events(origin.headers):
            mission.begin()
        elif is_primed(origin):
            begins = asyncio.get_running_loop().call_later(PRIMED_AFTER, mission.begin)
        try:
            return self._streams.record(await mission.reply(), origin)
        finally:
            if begins is not None:
                begins.cancel()

    def _set_level(self, request: Request) -> Reply:
        level = request.params.get("level")
        if level not in LEVELS:
            raise WireError(codes.INVALID_PARAMS, f"`level` is one of {', '.join(LEVELS)}")
        self._described = {**self._described, META_LOG_LEVEL: level}
        return _done(request)

    async def _subscribe(self, request: Request) -> Reply:
        uri = request.params.get("uri")
        if not isinstance(uri, str):
            raise WireError(codes.INVALID_PARAMS, "`uri` must be a string")
        await (self._ear.subscribe if request.method == "resources/subscribe" else self._ear.unsubscribe)(uri)
        return _done(request)

    def _cancel(self, id: object) -> None:
        mission = self._missions.pop(id, None) if isinstance(id, str | int) else None
        if mission is not None:
            mission.cancel()

    def _answered(self, response: Response) -> Reply:
        waiting = None if response.id is None else self._questions.get(response.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(response)
        return Reply(202, (), b"")

    # what is said of its own

    def _question(self, method: str, params: dict[str, Any]) -> Request:
        return request_of(self._number(), method, {**params, "_meta": self._described})

    def _number(self) -> str:
        """An id that nothing else of this session has, whoever asks."""
        return f"ostiary-{next(self._numbers)}"

    async def _listen(self, wanted: dict[str, Any]) -> Reply:
        return await self.forward(self._question("subscriptions/listen", {"notifications": wanted}))


def _done(request: Request) -> Reply:
    return Reply(200, JSON, msgspec.json.encode({"jsonrpc": "2.0", "id": request.id, "result": {}}))
