"""A Streamable HTTP server as an upstream: the hot path of every call that goes out over HTTP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

from ostiary.errors import UpstreamError
from ostiary.ports import Origin, Reply
from ostiary.upstream.common import HARMLESS, JSON
from ostiary.upstream.connection import Answer, Connection
from ostiary.upstream.endpoint import RequestHeads, parse_endpoint
from ostiary.upstream.pool import Pool
from ostiary.upstream.response import NEVER, Limits
from ostiary.upstream.stream import EventStream
from ostiary.wire import answers
from ostiary.wire.codes import UPSTREAM_FAILED
from ostiary.wire.message import Message, Request


class HttpUpstream:
    """The port `Upstream` over pooled HTTP/1.1 connections to exactly the configured URL.

    `headers` are added to every request, credentials among them; nothing else of the agent's goes along than
    `RequestHeads` lets through. Redirects are not followed, proxies from the environment not used. `tls` defaults to
    the system's trusted authorities, loaded once. Raises `ConfigurationError` for an unusable URL or header.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        endpoint = parse_endpoint(url)
        self._limits = limits or Limits()
        self._heads = RequestHeads(endpoint, headers or {})
        self._pool = Pool(endpoint, self._limits, tls)
        self.label = endpoint.label

    async def send(self, message: Message, origin: Origin) -> Reply:
        request = self._heads.post(origin.headers, message.raw)
        if not isinstance(message, Request):
            return self._reply(await self._exchange(request, self._limits.answer), None)
        silence = NEVER if message.method == "subscriptions/listen" else self._limits.answer
        answer = await self._exchange(request, silence, is_harmless=message.method in HARMLESS)
        return self._reply(answer, message)

    async def listen(self, origin: Origin) -> Reply:
        return self._reply(await self._exchange(self._heads.get(origin.headers), NEVER), None)

    async def end(self, origin: Origin) -> Reply:
        return self._reply(await self._exchange(self._heads.delete(origin.headers), self._limits.answer), None)

    async def close(self) -> None:
        await self._pool.close()

    async def _exchange(self, request: bytes, silence: float, *, is_harmless: bool = False) -> Answer:
        connection = self._pool.take() or await self._pool.connect()
        try:
            return await self._ask(connection, request, silence)
        except UpstreamError:
            if not (is_harmless and connection.is_stale_loss):
                raise
        return await self._ask(await self._pool.connect(), request, silence)

    async def _ask(self, connection: Connection, request: bytes, silence: float) -> Answer:
        exchange = connection.exchange(request, silence)
        try:
            return await exchange
        except asyncio.CancelledError:
            connection.cancel(exchange)
            raise

    def _reply(self, answer: Answer, request: Request | None) -> Reply:
        status, body = answer.status, answer.body
        if isinstance(body, EventStream):
            return Reply(status, tuple(line for line in answer.headers if line[0] != b"content-type"), body)
        if status in (401, 403, 407):
            text = f"{self.label} refused the gateway's own credential for it (HTTP {status}); see `headers` there"
            return Reply(502, JSON, answers.error(None if request is None else request.id, UPSTREAM_FAILED, text))
        if 300 <= status < 400:
            where = answer.location.decode("latin-1").partition("?")[0]
            raise UpstreamError(
                f"{self.label}: redirects (HTTP {status}) to `{where}`, and redirects are never followed; "
                "configure the final URL"
            )
        if status == 200 and request is not None and answer.content_type != b"application/json":
            kind = answer.content_type.decode("latin-1") or "nothing that says what it is"
            raise UpstreamError(f"{self.label}: answered `{request.method}` with {kind}, not with JSON or events")
        return Reply(status, answer.headers, body)
