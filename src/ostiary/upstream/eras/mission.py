"""One request of a session, carried out on the stateless wire: in as many rounds as the server has questions."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ostiary.errors import UpstreamError, WireError
from ostiary.ports import Reply
from ostiary.upstream.exchange import Exchange, Ids
from ostiary.wire import answers, codes, sessionless
from ostiary.wire.message import Id, Peek, Request, peek

if TYPE_CHECKING:
    from ostiary.upstream.eras.agent_session import AgentSession

MOST_ROUNDS: Final = 64
PATIENCE: Final = 600.0
"""Seconds that an agent may take for its answers; a person may have to be found first."""
_CAPACITY: Final = 1024 * 1024


class Mission:
    """What the server asks meanwhile goes out on the stream on which the answer will come. That its agent no longer
    reads there cancels nothing: in a session only a notification does."""

    def __init__(self, request: Request, principal: str, session: AgentSession) -> None:
        self._request = request
        self._session = session
        self._room = asyncio.Event()
        self._room.set()
        ids = Ids(request.id, request.id)
        self._exchange = Exchange(request, ids, principal, _CAPACITY, lambda _: self._room.set(), self._hold)
        self._running = asyncio.create_task(self._run())
        self._running.add_done_callback(self._ended)

    async def reply(self) -> Reply:
        return await asyncio.shield(self._exchange.reply)

    def begin(self) -> None:
        """Let the reply be a stream, though nothing has come yet."""
        self._exchange.begin_unanswered()

    def cancel(self) -> None:
        """Its agent does not want it any longer, and is owed no answer."""
        self._running.cancel()
        self._exchange.give_up()

    def fail(self, error: UpstreamError) -> None:
        self._running.cancel()
        self._exchange.fail(error)

    async def _run(self) -> None:
        try:
            raw, seen = await self._carry_out()
            self._exchange.answer(sessionless.session_answer(raw, self._request), seen.error_code)
        except WireError as error:
            self._exchange.answer(answers.error(self._request.id, error.code, error.message), error.code)
        except UpstreamError as error:
            self._exchange.fail(error)

    def _ended(self, running: asyncio.Task[None]) -> None:
        self._session.leave(self._request.id, self)
        if not running.cancelled() and (error := running.exception()) is not None:
            words = f"the server's answer to `{self._request.method}` cannot be translated: {error!r}"
            self._exchange.fail(UpstreamError(words))

    async def _carry_out(self) -> tuple[bytes, Peek]:
        """The server's last word. Raises `WireError` where it cannot be had, and `UpstreamError`."""
        round: dict[str, Any] = {}
        for _ in range(MOST_ROUNDS):
            raw, seen = await self._ask(round)
            if seen.result_type != "input_required":
                return raw, seen
            round = await self._put(raw)
        raise WireError(codes.UPSTREAM_FAILED, f"the server asked {MOST_ROUNDS} times and never answered")

    async def _ask(self, round: dict[str, Any]) -> tuple[bytes, Peek]:
        request = self._session.translated(self._request, round)
        raw, seen = await self._answer_to(request.id, await self._session.forward(request))
        if seen.error_code != codes.HEADER_MISMATCH or not await self._session.learns_of(request):
            return raw, seen
        again = self._session.translated(self._request, round)
        return await self._answer_to(again.id, await self._session.forward(again))

    async def _answer_to(self, id: Id, reply: Reply) -> tuple[bytes, Peek]:
        """The response with this id; what comes before it goes on to the agent."""
        if isinstance(reply.body, bytes):
            if (seen := _response(reply.body, id)) is not None:
                return reply.body, seen
            raise UpstreamError(f"the server answered `{self._request.method}` with HTTP {reply.status} and no message")
        async with aclosing(reply.body) as events:
            async for event in events:
                if not event.data:
                    continue
                if (seen := _response(event.data, id)) is not None:
                    return event.data, seen
                if peek(event.data).kind == "notification":
                    self._exchange.relate(event.data)
                await self._room.wait()
        raise UpstreamError(f"the server ended its answer to `{self._request.method}` before it was whole")

    async def _put(self, raw: bytes) -> dict[str, Any]:
        """Ask the agent what the server asks; gives what the next round brings. Raises `WireError` where it cannot be
        asked, or does not say."""
        asked, round = sessionless.questions(raw)
        if not asked:
            return round
        put = {key: self._session.put(one, self._exchange) for key, one in asked.items()}
        try:
            async with asyncio.timeout(PATIENCE):
                said = await asyncio.gather(*put.values())
        except TimeoutError:
            raise WireError(codes.UPSTREAM_FAILED, f"no answer to what the server asked in {PATIENCE:g} s") from None
        finally:
            for waiting in put.values():
                waiting.cancel()
        responses = {key: sessionless.response(one) for key, one in zip(put, said, strict=True)}
        return {**round, "inputResponses": responses}

    def _hold(self, exchange: Exchange, *, is_full: bool) -> None:  # noqa: ARG002
        if is_full:
            self._room.clear()
        else:
            self._room.set()


def _response(raw: bytes, id: Id) -> Peek | None:
    """What is seen of the response with this id, or of an error that answers nobody in particular."""
    seen = peek(raw)
    is_it = seen.kind == "response" and (seen.id == id or (seen.id is None and seen.is_error))
    return seen if is_it else None


def request_of(id: Id, method: str, params: dict[str, Any]) -> Request:
    """A question of our own."""
    raw = msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
    return Request(id, method, params, raw)
