"""What both kinds of upstream know of the protocol."""

from __future__ import annotations

from typing import Final

from ostiary.errors import UpstreamError, WireError
from ostiary.ports import Headers, Origin, Reply
from ostiary.wire import answers, codes
from ostiary.wire.era import Era, era_of, is_modern
from ostiary.wire.headers import SESSION, VERSION
from ostiary.wire.message import Id, Message, peek

HARMLESS: Final = frozenset({
    "initialize", "server/discover", "ping", "tools/list", "prompts/list", "resources/list", "resources/templates/list",
})  # fmt: skip
"""Methods that change nothing: sending one a second time, or not knowing whether it arrived, does no harm."""

JSON: Final[Headers] = ((b"content-type", b"application/json"),)
"""The head of an answer that is one JSON-RPC message."""


class SessionRefused(UpstreamError):
    """The server does not let itself be initialized."""


def session_id(origin: Origin) -> str | None:
    """The session that the message belongs to; None where it names none."""
    return next((value.decode("latin-1") for name, value in origin.headers if name == SESSION), None)


def unknown_session(origin: Origin, id: Id | None) -> Reply:
    """No session named: 400. One that is not there, or another's: 404, and the agent initializes anew."""
    if session_id(origin) is None:
        words = "no session: send `initialize` first, then its Mcp-Session-Id with every message"
        return Reply(400, JSON, answers.error(id, codes.INVALID_REQUEST, words))
    return Reply(404, JSON, answers.error(id, codes.SESSION_NOT_FOUND, "this session is not known here; initialize"))


def is_stateless(message: Message, origin: Origin) -> bool:
    """Whether the message was sent in the stateless era: it says so itself, or a header does."""
    return era_of(message) is Era.MODERN or names_stateless(origin)


def names_stateless(origin: Origin) -> bool:
    return any(name == VERSION and is_modern(value.decode("latin-1")) for name, value in origin.headers)


async def answer_to(reply: Reply, id: Id) -> bytes:
    """The response with this id, whether it came whole or among events; what else came is dropped. Raises
    `UpstreamError` where none came."""
    if isinstance(reply.body, bytes):
        if _is_response(reply.body, id):
            return reply.body
        raise UpstreamError(f"the server answered HTTP {reply.status} and nothing that can be understood")
    try:
        async for event in reply.body:
            if event.data and _is_response(event.data, id):
                return event.data
    finally:
        await reply.body.aclose()
    raise UpstreamError("the server ended the stream before its answer")


def _is_response(data: bytes, id: Id) -> bool:
    try:
        seen = peek(data)
    except WireError:
        return False
    return seen.kind == "response" and (seen.id == id or (seen.id is None and seen.is_error))
