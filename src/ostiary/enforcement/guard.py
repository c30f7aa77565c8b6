"""The boundary: whatever goes wrong while a request is answered becomes an answer that says so, and is recorded."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from ostiary.enforcement.accounts import Accounts
from ostiary.enforcement.agent import Agent
from ostiary.enforcement.replies import JSON_BODY, failed, whole
from ostiary.errors import LedgerError, UpstreamError, WireError
from ostiary.model import Decision, Effect
from ostiary.ports import Reply
from ostiary.wire import answers, codes
from ostiary.wire.era import Era
from ostiary.wire.message import Request

T = TypeVar("T")


class Guard:
    """The guard of one server's gate."""

    def __init__(self, server: str, accounts: Accounts) -> None:
        self._server = server
        self._accounts = accounts

    async def answer(self, request: Request, agent: Agent, work: Awaitable[T]) -> T | Reply:
        """What `work` gives; where it fails, an answer that says so."""
        try:
            return await work
        except WireError as error:
            status = codes.status(error.code) if agent.era is Era.MODERN else 200
            return Reply(status, JSON_BODY, answers.error(request.id, error.code, error.message))
        except UpstreamError as error:
            return whole(failed(request, str(error)))
        except LedgerError as error:
            unrecorded = f"refused, as it cannot be recorded: {error}"
            return whole(answers.error(request.id, codes.INTERNAL_ERROR, unrecorded))
        except Exception as error:
            return self._broken(request, agent, error)

    def _broken(self, request: Request, agent: Agent, error: Exception) -> Reply:
        """Whatever nobody expected: no, and on record."""
        self._accounts.broken(self._server, agent.principal, request.method, error)
        if request.method != "tools/call":
            return whole(answers.error(request.id, codes.INTERNAL_ERROR, "the gate failed; nothing was permitted"))
        decision = Decision(Effect.DENY, "/", "the gate failed, and what it cannot judge it does not permit")
        return whole(answers.denial(request.id, decision, agent.era))
