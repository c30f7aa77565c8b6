"""Agents of sessions at a server that knows none: the fixture without sessions, over stdio and HTTP, and fakes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from ostiary.errors import UpstreamError, WireError
from ostiary.model import JSONObject
from ostiary.ports import Headers, Origin, Reply, Upstream
from ostiary.upstream.eras.agent_session import MOST_PAGES
from ostiary.upstream.eras.ear import Ear
from ostiary.upstream.eras.interpreter import Interpreter
from ostiary.upstream.eras.session_agents import SessionAgents
from ostiary.upstream.http import HttpUpstream
from ostiary.upstream.process import Command
from ostiary.upstream.sessions import StdioSessions
from ostiary.upstream.stdio import StdioUpstream
from ostiary.upstream.stream import EventStream
from ostiary.wire import answers
from ostiary.wire.message import Message, Response
from ostiary.wire.sse import Event
from tests.processes import listening
from tests.real.places import ROOT
from tests.upstream.asking import ask, body, messages, next_message, respond, tell

SERVER = (sys.executable, "-m", "tests.differential.server", "--stateless")
ALL: JSONObject = {"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}}
NAMES: Headers = ((b"mcp-protocol-version", b"2025-11-25"),)

EVERY_KIND = pytest.mark.parametrize("kind", ["alone", "sessions", "shared", "http"])
BOTH = pytest.mark.parametrize("kind", ["sessions", "http"])


@asynccontextmanager
async def bridged(kind: str, port: int) -> AsyncIterator[Upstream]:
    command = Command(SERVER, cwd=ROOT)
    process = None
    match kind:
        case "alone":
            child = StdioUpstream(command)
            await child.start()
            upstream = Interpreter(child, is_alone=True)
        case "sessions":
            upstream = Interpreter(StdioSessions(command, name="new"))
        case "shared":
            upstream = Interpreter(StdioSessions(command, name="new", share=True))
        case _:
            process = subprocess.Popen([*SERVER, "--port", str(port)], cwd=ROOT)
            await listening(port)
            upstream = Interpreter(HttpUpstream(f"http://127.0.0.1:{port}/mcp"))
    try:
        yield upstream
    finally:
        await upstream.close()
        if process is not None:
            process.terminate()
            process.wait()


def hello(version: str = "2025-11-25", capabilities: JSONObject | None = None) -> JSONObject:
    client: JSONObject = {"name": "tests", "version": "1"}
    return {
        "protocolVersion": version,
        "capabilities": ALL if capabilities is None else capabilities,
        "clientInfo": client,
    }


async def begun(upstream: Upstream, principal: str = "grant:a", **more: Any) -> Origin:
    """A session, and what names it."""
    reply = await upstream.send(ask("initialize", 0, hello(**more)), Origin(principal))
    assert "result" in body(reply), body(reply)
    origin = Origin(principal, (*NAMES, (b"mcp-session-id", dict(reply.headers)[b"mcp-session-id"])))
    assert (await upstream.send(tell("notifications/initialized"), origin)).status == 202
    return origin


async def said(upstream: Upstream, origin: Origin, method: str, id: int | str = 1, **params: Any) -> Any:
    reply = await upstream.send(ask(method, id, params), origin)
    answer = body(reply) if isinstance(reply.body, bytes) else (await heard(reply))[-1]
    assert answer["id"] == id
    return answer.get("result", answer.get("error"))


async def called(upstream: Upstream, origin: Origin, tool: str, **arguments: Any) -> Any:
    return await said(upstream, origin, "tools/call", name=tool, arguments=arguments)


async def heard(reply: Reply) -> list[Any]:
    assert not isinstance(reply.body, bytes), reply
    return [msgspec.json.decode(event.data) async for event in reply.body if event.data]


def text(result: Any) -> str:
    words: str = result["content"][0]["text"]
    return words


@EVERY_KIND
async def test_initialize_is_answered_from_discover(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        for asked, agreed in (("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("1999-01-01", "2025-11-25")):
            reply = await upstream.send(ask("initialize", "i", hello(asked)), Origin("grant:a"))
            answer = body(reply)
            assert (reply.status, answer["id"], answer["result"]["protocolVersion"]) == (200, "i", agreed)
            assert answer["result"]["serverInfo"]["name"] == "conformance-fixture"
            assert answer["result"]["capabilities"]["tools"] == {"listChanged": True}
            assert "extensions" not in answer["result"]["capabilities"]
            assert answer["result"].keys() <= {"protocolVersion", "serverInfo", "capabilities", "instructions"}


@EVERY_KIND
async def test_results_have_nothing_of_the_stateless_wire(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        origin = await begun(upstream)
        assert (await said(upstream, origin, "tools/list")).keys() == {"tools"}
        assert (await said(upstream, origin, "resources/read", uri="test://static-text")).keys() == {"contents"}
        assert (await called(upstream, origin, "echo", text="x")).keys() == {"content"}
        assert await said(upstream, origin, "ping") == {}


@BOTH
async def test_what_the_server_asks_the_agent_is_asked_on_its_stream(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        origin = await begun(upstream)
        reply = await upstream.send(ask("tools/call", 7, {"name": "ask_around", "arguments": {}}), origin)
        assert not isinstance(reply.body, bytes)
        assert (await anext(reply.body)).data == b""  # the id alone with which it can be taken up
        asked = {one["method"]: one for one in [await next_message(reply) for _ in range(3)]}
        assert asked["elicitation/create"]["params"]["message"] == "Who?"
        sample: JSONObject = {"role": "assistant", "content": {"type": "text", "text": "here"}, "model": "m"}
        results: tuple[tuple[str, JSONObject], ...] = (
            ("roots/list", {"roots": [{"uri": "file:///r"}]}),
            ("elicitation/create", {"action": "accept", "content": {"name": "Ann"}}),
            ("sampling/createMessage", sample),
        )
        for method, result in results:
            assert (await upstream.send(respond(asked[method]["id"], result), origin)).status == 202
        assert text((await heard(reply))[-1]["result"]) == "here, Ann, ['file:///r'], True"


@BOTH
async def test_an_agent_that_cannot_say_is_told_so_and_one_that_leaves_cancels(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        origin = await begun(upstream)
        call: JSONObject = {"name": "test_input_required_result_elicitation", "arguments": {}}
        reply = await upstream.send(ask("tools/call", 7, call), origin)
        assert not isinstance(reply.body, bytes)
        await anext(reply.body)
        question = await next_message(reply)
        error = {"jsonrpc": "2.0", "id": question["id"], "error": {"code": -1, "message": "nobody here"}}
        await upstream.send(Response(question["id"], msgspec.json.encode(error)), origin)
        answer = (await heard(reply))[-1]["error"]
        assert (answer["code"], answer["message"]) == (
            -1,
            "the agent did not answer what the server asked: nobody here",
        )
        again = await upstream.send(ask("tools/call", 8, call), origin)
        assert not isinstance(again.body, bytes)
        await anext(again.body)
        await next_message(again)
        await upstream.send(tell("notifications/cancelled", {"requestId": 8}), origin)
        assert await heard(again) == []


@BOTH
async def test_an_agent_that_declares_nothing_is_asked_nothing(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        origin = await begun(upstream, capabilities={})
        assert (await called(upstream, origin, "test_missing_capability"))["code"] == -32021


@BOTH
async def test_log_messages_come_at_the_level_that_was_set(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        origin = await begun(upstream)
        call = ask("tools/call", 1, {"name": "test_logging_tool", "arguments": {}})
        assert isinstance((await upstream.send(call, origin)).body, bytes)
        assert (await said(upstream, origin, "logging/setLevel", level="loud"))["code"] == -32602
        assert await said(upstream, origin, "logging/setLevel", level="info") == {}
        told = await heard(await upstream.send(call, origin))
        assert [one.get("method") for one in told] == ["notifications/message"] * 3 + [None]


@pytest.mark.parametrize(
    "method", ["tasks/get", "tasks/list", "server/discover", "subscriptions/listen", "no/such/method"]
)
async def test_what_cannot_be_bridged_is_not_there(method: str, free_port: int) -> None:
    async with bridged("sessions", free_port) as upstream:
        origin = await begun(upstream)
        assert (await said(upstream, origin, method, taskId="t"))["code"] == -32601
        again = await upstream.send(ask("initialize", 1, hello()), origin)
        assert body(again)["error"]["code"] == -32600


@BOTH
async def test_a_session_is_its_principals_until_it_ends(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        origin = await begun(upstream)
        ping = ask("ping", 1)
        thief, gone = Origin("grant:b", origin.headers), Origin("grant:a", ((b"mcp-session-id", b"ostiary.gone"),))
        for stranger in (thief, gone):
            assert (await upstream.send(ping, stranger)).status == 404
            assert (await upstream.listen(stranger)).status == 404
            assert (await upstream.end(stranger)).status == 404
        assert (await upstream.end(origin)).status == 204
        assert (await upstream.send(ping, origin)).status == 404


@BOTH
async def test_changes_are_heard_and_subscriptions_end(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        origin = await begun(upstream)
        news = await upstream.listen(origin)
        watched = "test://watched-resource"
        assert await said(upstream, origin, "resources/subscribe", uri=watched) == {}
        await called(upstream, origin, "touch")
        await called(upstream, origin, "test_trigger_tool_change")
        assert await next_message(news) == {
            "jsonrpc": "2.0",
            "method": "notifications/resources/updated",
            "params": {"uri": watched},
        }
        assert (await next_message(news))["method"] == "notifications/tools/list_changed"
        assert await said(upstream, origin, "resources/unsubscribe", uri=watched) == {}
        await called(upstream, origin, "touch")
        await called(upstream, origin, "test_trigger_prompt_change")
        assert (await next_message(news))["method"] == "notifications/prompts/list_changed"


async def test_headers_of_arguments_are_there_without_the_list_having_been_asked_for(free_port: int) -> None:
    async with bridged("http", free_port) as upstream:
        origin = await begun(upstream)
        assert text(await called(upstream, origin, "test_x_mcp_header", region="eu")) == "region: eu"


@BOTH
async def test_an_answer_whose_connection_was_lost_is_taken_up(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        origin = await begun(upstream)
        params: JSONObject = {"name": "count", "arguments": {"steps": 3, "word": "w"}, "_meta": {"progressToken": "t"}}
        reply = await upstream.send(ask("tools/call", 5, params), origin)
        assert not isinstance(reply.body, bytes)
        first = await anext(reply.body)
        await reply.body.aclose()
        back = await upstream.listen(Origin("grant:a", (*origin.headers, (b"last-event-id", str(first.id).encode()))))
        told = await messages(back)
        assert [one.get("id") for one in told] == [None] * 3 + [5]
        assert {one["params"]["progressToken"] for one in told[:-1]} == {"t"}


class Server:
    """Says what it is told to, by method; keeps what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def send(self, message: Message, origin: Origin) -> Reply:  # noqa: ARG002
        sent = msgspec.json.decode(message.raw)
        self.asked.append(sent.get("method", ""))
        answer = self.answers.get(sent.get("method", "").replace("/", "_"))
        if answer is None:
            return Reply(202, (), b"")
        status, said = answer(sent) if callable(answer) else answer
        return Reply(status, (), msgspec.json.encode({"jsonrpc": "2.0", "id": sent["id"], **said}))

    async def listen(self, origin: Origin) -> Reply:  # noqa: ARG002
        return Reply(405, (), b"")

    async def end(self, origin: Origin) -> Reply:  # noqa: ARG002
        return Reply(204, (), b"")

    async def close(self) -> None:
        """Nothing is held."""


def refusing(code: int, **data: Any) -> tuple[int, Any]:
    return 400, {"error": {"code": code, "message": "no", **({"data": data} if data else {})}}


def discovered(*versions: str, **capabilities: Any) -> tuple[int, Any]:
    result = {"resultType": "complete", "supportedVersions": list(versions), "capabilities": capabilities}
    return 200, {"result": result}


NEW = "2026-07-28"


async def test_a_server_that_takes_sessions_is_asked_nothing_else() -> None:
    server = Server(initialize=(200, {"result": {"protocolVersion": "2025-11-25", "capabilities": {}}}))
    upstream = Interpreter(server)
    assert "result" in body(await upstream.send(ask("initialize", 1, hello()), Origin("a")))
    assert server.asked == ["initialize"]


@pytest.mark.parametrize(
    ("refusal", "discovery", "asked"),
    [
        (refusing(-32022, supported=["2031-01-01"]), discovered("2031-01-01"), 2),
        (refusing(-32602), discovered(NEW, "2025-11-25"), 2),
        (refusing(-32601), refusing(-32601), 2),
        (refusing(-32022), (200, {"result": {"supportedVersions": msgspec.Raw(b'["\xff"]')}}), 2),
        (refusing(-32000), discovered(NEW), 1),
        ((503, {"error": {"code": -32602, "message": "busy"}}), discovered(NEW), 1),
    ],
)
async def test_a_refusal_that_nothing_can_be_made_of_is_the_servers_own(
    refusal: Any, discovery: Any, asked: int
) -> None:
    server = Server(initialize=refusal, server_discover=discovery)
    reply = await Interpreter(server).send(ask("initialize", 1, hello()), Origin("a"))
    assert (reply.status, body(reply)["error"]) == (refusal[0], refusal[1]["error"])
    assert len(server.asked) == asked


@pytest.mark.parametrize("code", [-32022, -32601, -32602, -32020])
async def test_once_known_a_server_without_sessions_is_not_asked_for_one_again(code: int) -> None:
    server = Server(initialize=refusing(code), server_discover=discovered(NEW))
    upstream = Interpreter(server)
    for _ in range(2):
        await begun(upstream)
    assert server.asked == ["initialize", "server/discover", "server/discover"]


async def test_a_server_that_asks_what_it_may_not_or_never_ends_is_stopped() -> None:
    asks = {"resultType": "input_required", "inputRequests": {"q": {"method": "sampling/createMessage"}}}
    server = Server(
        initialize=refusing(-32022),
        server_discover=discovered(NEW),
        tools_call=(200, {"result": asks}),
        prompts_get=(200, {"result": {"resultType": "input_required", "requestState": "s"}}),
        resources_read=(200, {"result": {"resultType": "input_required", "inputRequests": {"q": 1}}}),
    )
    upstream = Interpreter(server)
    origin = await begun(upstream, capabilities={})
    assert "which it cannot do" in (await called(upstream, origin, "x"))["message"]
    assert "and never answered" in (await said(upstream, origin, "prompts/get", name="p"))["message"]
    assert server.asked.count("prompts/get") == 64
    assert (await said(upstream, origin, "resources/read", uri="a:b"))["code"] == -32600


async def test_a_list_that_never_ends_is_given_up() -> None:
    server = Server(
        initialize=refusing(-32022),
        server_discover=discovered(NEW),
        tools_call=refusing(-32020),
        tools_list=(200, {"result": {"tools": [], "nextCursor": "on"}}),
    )
    upstream = Interpreter(server)
    assert (await called(upstream, await begun(upstream), "x"))["code"] == -32020
    assert server.asked.count("tools/list") == MOST_PAGES


async def test_a_url_to_visit_has_the_id_that_sessions_want() -> None:
    asked: Any = {
        "method": "elicitation/create",
        "params": {"mode": "url", "url": "https://x.example", "message": "go"},
    }

    def answer(sent: Any) -> tuple[int, Any]:
        if "inputResponses" in sent["params"]:
            return 200, {"result": {"resultType": "complete", "content": [{"type": "text", "text": "been"}]}}
        return 200, {"result": {"resultType": "input_required", "inputRequests": {"q": asked}}}

    server = Server(initialize=refusing(-32022), server_discover=discovered(NEW), tools_call=answer)
    upstream = Interpreter(server)
    origin = await begun(upstream)
    reply = await upstream.send(ask("tools/call", 1, {"name": "x"}), origin)
    assert not isinstance(reply.body, bytes)
    await anext(reply.body)
    question = await next_message(reply)
    assert question["params"] == {**asked["params"], "elicitationId": question["id"]}
    await upstream.send(respond(question["id"], {"action": "accept"}), origin)
    assert text((await heard(reply))[-1]["result"]) == "been"


async def test_an_id_in_flight_cannot_be_used_twice(free_port: int) -> None:
    async with bridged("alone", free_port) as upstream:
        origin = await begun(upstream)
        params: JSONObject = {"name": "wait", "arguments": {"key": "k"}}
        waiting = asyncio.create_task(upstream.send(ask("tools/call", 3, params), origin))
        await called(upstream, origin, "echo", text="x")
        assert (await upstream.send(ask("tools/call", 3, params), origin)).status == 400
        await upstream.send(tell("notifications/cancelled", {"requestId": 3}), origin)
        assert (await waiting).status == 202


async def test_there_are_not_more_sessions_than_there_may_be_and_unused_ones_give_way() -> None:
    now = 0.0
    server = Server(server_discover=discovered(NEW))
    agents = SessionAgents(server, most=3, most_per_principal=2, idle=100, monotonic=lambda: now)

    async def opened(principal: str) -> Reply:
        reply = await agents.open(ask("initialize", 1, hello()), Origin(principal))
        assert reply is not None
        return reply

    first = await opened("a")
    origin = Origin("a", ((b"mcp-session-id", dict(first.headers)[b"mcp-session-id"]),))
    assert [(await opened("a")).status for _ in range(2)] == [200, 503]
    now = 61.0
    assert (await opened("a")).status == 200
    assert (await agents.send(ask("ping", 1), origin)).status == 404
    assert [(await opened(who)).status for who in ("b", "c")] == [200, 503]
    now = 140.0
    agents.expire()
    assert len(agents) == 2
    now = 161.0
    agents.expire()
    assert len(agents) == 0
    agents.close()


class Ringing:
    """Takes subscriptions, and says on each stream what it is told to; `end` ends the newest."""

    def __init__(self) -> None:
        self.wanted: list[Any] = []
        self.streams: list[EventStream] = []
        self.opened = asyncio.Event()

    async def ask(self, wanted: dict[str, Any]) -> Reply:
        self.wanted.append(wanted)
        stream = EventStream(self, 10_000)
        self.streams.append(stream)
        said = {"jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged"}
        stream.push(Event(msgspec.json.encode({**said, "params": {"notifications": wanted}})))
        self.opened.set()
        return Reply(200, (), stream)

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def abandon(self) -> None: ...


async def test_a_subscription_that_breaks_off_is_taken_again_and_the_agent_looks_at_everything() -> None:
    server, complaints = Ringing(), list[str]()
    ear = Ear(server.ask, ["tools", "prompts"], complaints.append, first_wait=0.0)
    await ear.subscribe("note://one")
    news = await ear.listen(Origin("a"))
    server.opened.clear()
    server.streams[-1].finish(UpstreamError("the server went away"))
    await server.opened.wait()
    heard = [await next_message(news) for _ in range(3)]
    assert [one["method"] for one in heard] == [
        "notifications/tools/list_changed",
        "notifications/prompts/list_changed",
        "notifications/resources/updated",
    ]
    wanted = {"toolsListChanged": True, "promptsListChanged": True, "resourceSubscriptions": ["note://one"]}
    assert server.wanted == [wanted, wanted]
    assert complaints == []
    ear.close()


async def test_what_the_server_does_not_tell_of_cannot_be_subscribed_to() -> None:
    async def ask_in_vain(_: dict[str, Any]) -> Reply:
        return Reply(200, (), answers.error("x", -32601, "no such method"))

    ear = Ear(ask_in_vain, ["tools"], lambda _: None)
    with pytest.raises(WireError) as caught:
        await ear.subscribe("note://one")
    assert caught.value.code == -32601
    assert not isinstance((await ear.listen(Origin("a"))).body, bytes)
    ear.close()
