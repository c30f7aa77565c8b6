"""What the gate itself asks a server in an agent's session: its definitions, its answer for an unknown tool."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from ostiary.errors import UpstreamError
from ostiary.model import JSONObject, Tool
from ostiary.ports import Headers, Origin, Reply, Upstream
from ostiary.relay import answers as answers_to
from ostiary.wire import answers, headers, lists
from ostiary.wire.era import RESERVED_META, Era
from ostiary.wire.message import Id, Request, peek
from ostiary.wire.mirrors import Mirror, mirrors
from ostiary.wire.sse import Event

if TYPE_CHECKING:
    from ostiary.risk import Risk


class Heed(Protocol):
    """Is told of a page of tools, and of the request in whose session it was listed."""

    def __call__(
        self, page: lists.Definitions, request: Request, origin: Origin, *, is_first: bool, is_whole: bool
    ) -> None: ...


JSON: Final[Headers] = ((b"content-type", b"application/json"),)
MAX_PAGES: Final = 1000


class _Answer(msgspec.Struct, frozen=True):
    """The response to a question of our own, and how it came."""

    data: bytes
    status: int
    headers: Headers
    is_stream: bool = False

    def made_out(self, probe: str, name: str, id: Id) -> Reply:
        """The same for another tool's name and another request."""
        data = answers.mirror(self.data, probe, name, id)
        return Reply(self.status, self.headers, _stream(data) if self.is_stream else data)


class Inquiry:
    """Questions to one upstream. Answers are kept: definitions until a newer list passes, the unknown-tool answer
    per era. `heed` is told of every page that passes, whoever asked for it."""

    def __init__(self, server: str, upstream: Upstream, heed: Heed) -> None:
        self._server = server
        self._upstream = upstream
        self._heed = heed
        self._tools: dict[str, Tool] = {}
        self._definitions: dict[str, JSONObject] = {}
        self._mirrored: dict[str, tuple[Mirror, ...]] = {}
        self._unknown: dict[Era, tuple[str, _Answer]] = {}
        self._classified: dict[str, tuple[Tool, Tool]] = {}

    def known(self, name: str) -> Tool:
        """The tool as last listed; a bare one of that name where no list has passed yet."""
        return self._tools.get(name) or Tool(name, self._server)

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The tools as last listed, by name."""
        return self._tools

    def is_known(self, name: str) -> bool:
        """Whether a list that passed has the tool."""
        return name in self._tools

    def mirrored(self, name: str) -> tuple[Mirror, ...]:
        """The arguments that the tool's definition wants repeated in headers, as far as it is known."""
        return self._mirrored.get(name, ())

    def learn(
        self, response: bytes, request: Request, origin: Origin, *, is_first: bool, is_whole: bool = False
    ) -> None:
        """Remember the definitions in a `tools/list` response; its first page starts anew. `is_whole` with the last
        page, where all were asked for. Raises `WireError` for a page that can be read in two ways."""
        self._classified.clear()
        if is_first:
            self._tools.clear()
            self._definitions.clear()
            self._mirrored.clear()
        page = lists.raw_tools(response)
        for _, definition in page:
            tool = tool_from(definition, self._server)
            self._tools[tool.name] = tool
            self._definitions[tool.name] = definition
            self._mirrored[tool.name] = mirrors(tool.input_schema) if tool.input_schema else ()
        self._heed(page, request, origin, is_first=is_first, is_whole=is_whole)

    def exact(self, tool: Tool) -> Tool:
        """The tool with the digest of its whole definition, where the last list has it."""
        if tool.digest or self._tools.get(tool.name) != tool:
            return tool
        from ostiary.risk import digest

        return msgspec.structs.replace(tool, digest=digest(self._definitions[tool.name]))

    def classified(self, tool: Tool) -> Tool:
        """The tool with the class and severity that its definition speaks for, beside the others of the last list. Of a
        tool that no list has nothing is known; one that was approved has its class."""
        if tool.risk_class is not None or tool.name not in self._tools:
            return tool
        if not self._classified:
            from ostiary.risk import classify_all

            listed = tuple(self._tools.values())
            self._classified = {
                one.name: (one, _with(one, risk)) for one, risk in zip(listed, classify_all(listed), strict=True)
            }
        kept, known = self._classified[tool.name]
        bare = msgspec.structs.replace(tool, digest="") if tool.digest else tool
        return known if kept == bare else tool

    async def define(self, name: str, request: Request, origin: Origin, era: Era, *, anew: bool = False) -> Tool:
        """`known`, after asking the server for its list if need be, or `anew` in any case. Raises `UpstreamError` where
        it does not say."""
        if anew or name not in self._tools:
            cursor: JSONObject = {}
            for _ in range(MAX_PAGES):
                page = (await self._ask("tools/list", cursor, request, origin, era)).data
                if peek(page).is_error:
                    raise UpstreamError("the server does not tell what its tools are, and this policy judges by that")
                following = lists.next_cursor(page)
                self.learn(page, request, origin, is_first=not cursor, is_whole=following is None)
                if following is None:
                    break
                cursor = {"cursor": following}
        return self.known(name)

    async def unknown_tool(self, name: str, request: Request, origin: Origin, era: Era) -> Reply:
        """The upstream's own answer to a call of a tool that it does not have, made out to `name` and `request`.

        The server is asked once per era, with a name that nobody has; where it does not answer, the specification's
        own error stands in.
        """
        if era not in self._unknown:
            probe = f"unknown_{secrets.token_hex(8)}"
            try:
                answer = await self._ask("tools/call", {"name": probe, "arguments": {}}, request, origin, era)
            except UpstreamError:
                return Reply(200, JSON, answers.unknown_tool(request.id, name))
            if answer.status != 200 and era is Era.LEGACY:  # about the agent's session: the next one may have another
                return answer.made_out(probe, name, request.id)
            self._unknown[era] = probe, answer
        probe, answer = self._unknown[era]
        return answer.made_out(probe, name, request.id)

    async def unknown_task(self, request: Request, origin: Origin, era: Era) -> Reply:
        """The upstream's own answer to what is asked of a task that it does not have, made out to the task that
        `request` names. Raises `UpstreamError` where it does not answer."""
        probe = f"unknown-{secrets.token_hex(16)}"
        params = {key: value for key, value in request.params.items() if key != "_meta"} | {"taskId": probe}
        answer = await self._ask(request.method, params, request, origin, era)
        return answer.made_out(probe, str(request.params.get("taskId")), request.id)

    async def _ask(self, method: str, params: JSONObject, request: Request, origin: Origin, era: Era) -> _Answer:
        question = _question(method, params, request)
        own = tuple(line for line in origin.headers if line[0] not in headers.DESCRIBING)
        if era is Era.MODERN:
            own += headers.describe(question, None)
        reply = await self._upstream.send(question, Origin(origin.principal, own))
        if isinstance(reply.body, bytes):
            if answers_to(reply.body, question):
                return _Answer(reply.body, reply.status, reply.headers)
        else:
            try:
                async for event in reply.body:
                    if answers_to(event.data, question):
                        return _Answer(event.data, reply.status, reply.headers, is_stream=True)
            finally:
                await reply.body.aclose()
        raise UpstreamError(f"the server did not answer `{method}`")


def tool_from(definition: JSONObject, server: str) -> Tool:
    """A tool as a server's list defines it; members of a wrong type count as absent."""
    schema, annotations = definition.get("inputSchema"), definition.get("annotations")
    description = definition.get("description")
    return Tool(
        name=str(definition.get("name", "")),
        server=server,
        description=description if isinstance(description, str) else "",
        input_schema=schema if isinstance(schema, dict) else None,
        annotations=annotations if isinstance(annotations, dict) else {},
    )


async def _stream(data: bytes) -> AsyncGenerator[Event, None]:
    yield Event(data)


def _with(tool: Tool, risk: Risk) -> Tool:
    return msgspec.structs.replace(tool, risk_class=risk.risk_class.value, severity=risk.severity.value)


def _question(method: str, params: JSONObject, request: Request) -> Request:
    id = f"ostiary-{secrets.token_hex(8)}"
    meta = request.params.get("_meta")
    if isinstance(meta, dict):
        reserved = {key: value for key, value in meta.items() if key in RESERVED_META}
        params = {**params, "_meta": reserved} if reserved else params
    raw = msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
    return Request(id, method, params, raw)
