"""Stateless agents at a server that only knows sessions: SDK 1, over stdio and HTTP."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ostiary.errors import UpstreamError
from ostiary.model import JSONObject
from ostiary.ports import Origin, Reply, Upstream
from ostiary.upstream.eras.interpreter import Interpreter
from ostiary.upstream.http import HttpUpstream
from ostiary.upstream.process import Command
from ostiary.upstream.sessions import StdioSessions
from ostiary.upstream.stdio import StdioUpstream
from tests.processes import listening
from tests.real.places import installed
from tests.upstream.asking import ask, body, tell

SERVER = Path(__file__).with_name("sdk1_server.py")
ALL: JSONObject = {"elicitation": {}, "sampling": {}, "roots": {}}
ORIGIN = Origin("grant:a")

BOTH = pytest.mark.parametrize("kind", ["sessions", "http"])
EVERY_KIND = pytest.mark.parametrize("kind", ["stdio", "sessions", "shared", "http"])


@asynccontextmanager
async def bridged(kind: str, port: int) -> AsyncIterator[Upstream]:
    python = installed("sdk1", "python")
    command = Command((python, str(SERVER), "stdio"))
    match kind:
        case "stdio":
            inner: Upstream = StdioUpstream(command)
            assert isinstance(inner, StdioUpstream)
            await inner.start()
        case "sessions":
            inner = StdioSessions(command, name="old")
        case "shared":
            inner = StdioSessions(command, name="old", share=True)
        case _:
            inner = HttpUpstream(f"http://127.0.0.1:{port}/mcp")
    upstream = Interpreter(inner)
    with serving(python, port) if kind == "http" else nullcontext():
        if kind == "http":
            await listening(port)
        try:
            yield upstream
        finally:
            await upstream.close()


@contextmanager
def serving(python: str, port: int) -> Iterator[None]:
    with subprocess.Popen([python, str(SERVER), "http", str(port)]) as process:
        try:
            yield
        finally:
            process.terminate()


def described(capabilities: JSONObject, **meta: Any) -> JSONObject:
    return {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": capabilities,
        **meta,
    }


async def said(upstream: Upstream, method: str, capabilities: JSONObject | None = None, **params: Any) -> list[Any]:
    """Everything that is said for one request, the answer last."""
    meta = described(capabilities or {}, **params.pop("meta", {}))
    reply = await upstream.send(ask(method, params.pop("id", 1), {**params, "_meta": meta}), ORIGIN)
    return await all_of(reply)


async def all_of(reply: Reply) -> list[Any]:
    if isinstance(reply.body, bytes):
        return [msgspec.json.decode(reply.body)]
    return [msgspec.json.decode(event.data) async for event in reply.body]


async def called(upstream: Upstream, tool: str, capabilities: JSONObject | None = None, **params: Any) -> Any:
    arguments = params.pop("arguments", {})
    answer = (await said(upstream, "tools/call", capabilities, name=tool, arguments=arguments, **params))[-1]
    return answer.get("result", answer.get("error"))


def text(result: Any) -> str:
    words: str = result["content"][0]["text"]
    return words


@BOTH
async def test_discover_is_answered_from_initialize(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        (answer,) = await said(upstream, "server/discover", id="d")
        result = answer["result"]
        assert answer["id"] == "d"
        assert result["supportedVersions"] == ["2026-07-28", "2025-11-25"]
        assert (result["resultType"], result["cacheScope"], result["ttlMs"]) == ("complete", "private", 0)
        assert result["capabilities"]["tools"] == {"listChanged": True}
        assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "of-sessions"


@EVERY_KIND
async def test_lists_and_calls_have_what_stateless_results_need(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        listed = (await said(upstream, "tools/list"))[-1]["result"]
        assert listed["tools"][0]["name"] == "add"
        assert (listed["resultType"], listed["cacheScope"], listed["ttlMs"]) == ("complete", "private", 0)
        results = await asyncio.gather(
            *(called(upstream, "add", id="same", arguments={"a": n, "b": 1}) for n in range(30))
        )
        assert [text(result) for result in results] == [str(n + 1) for n in range(30)]
        assert "ttlMs" not in results[0]
        read = (await said(upstream, "resources/read", uri="note://one"))[-1]["result"]
        assert (read["contents"][0]["text"], read["ttlMs"]) == ("the note", 0)


@EVERY_KIND
async def test_progress_reaches_the_agents_own_token_and_logs_those_who_want_them(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        meta = {"progressToken": "mine", "io.modelcontextprotocol/logLevel": "info"}
        told = await said(upstream, "tools/call", name="count", arguments={"to": 3}, meta=meta)
        reports = [one["params"] for one in told if one.get("method") == "notifications/progress"]
        assert [(one["progressToken"], one["progress"]) for one in reports] == [("mine", 0), ("mine", 1), ("mine", 2)]
        logs = [one for one in told if one.get("method") == "notifications/message"]
        assert len(logs) == (0 if kind == "shared" else 1)
        quiet = await said(upstream, "tools/call", name="count", arguments={"to": 3})
        assert [one.get("method") for one in quiet] == [None]


@BOTH
async def test_questions_of_the_server_are_put_to_the_agent_one_after_the_other(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        asked = await called(upstream, "greet", ALL)
        assert asked["resultType"] == "input_required"
        (question,) = asked["inputRequests"].values()
        assert (question["method"], question["params"]["message"]) == ("elicitation/create", "first name?")
        answer: dict[str, Any] = {}
        state = asked["requestState"]
        for number, name in enumerate(("Ann", "Lee"), 2):
            answer = {"input": {"action": "accept", "content": {"name": name}}}
            state = asked["requestState"]
            asked = await called(upstream, "greet", ALL, id=number, inputResponses=answer, requestState=state)
        assert text(asked) == "Ann Lee"
        again = await called(upstream, "greet", ALL, id=9, inputResponses=answer, requestState=state)
        assert again["code"] == -32602


@BOTH
async def test_samples_and_roots_are_asked_for_too(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        sample = {"role": "assistant", "content": {"type": "text", "text": "thought"}, "model": "m"}
        for tool, answer, words in (
            ("think", sample, "thought"),
            ("look", {"roots": [{"uri": "file:///here"}]}, "['file:///here']"),
        ):
            state = (await called(upstream, tool, ALL))["requestState"]
            result = await called(upstream, tool, ALL, inputResponses={"input": answer}, requestState=state)
            assert text(result) == words


@BOTH
async def test_a_state_is_of_one_call_and_one_principal(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        state = (await called(upstream, "greet", ALL))["requestState"]
        assert (await called(upstream, "think", ALL, requestState=state))["code"] == -32602
        params: JSONObject = {
            "name": "greet",
            "arguments": {},
            "requestState": state,
            "_meta": described(ALL),
        }
        thief = await upstream.send(ask("tools/call", 1, params), Origin("grant:b"))
        assert body(thief)["error"]["code"] == -32602
        answer = {"input": {"action": "decline"}}
        assert "inputRequests" in await called(upstream, "greet", ALL, inputResponses=answer, requestState=state)


@BOTH
async def test_an_agent_that_declares_nothing_is_asked_nothing(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        assert (await called(upstream, "greet"))["isError"] is True


@BOTH
async def test_leaving_cancels_at_the_server(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        task = asyncio.create_task(called(upstream, "wait"))
        await called(upstream, "add", arguments={"a": 1, "b": 1})
        task.cancel()
        for _ in range(2400):
            if text(await called(upstream, "cancellations")) == "1":
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the server was never told")


@BOTH
async def test_a_subscription_hears_what_it_asked_for(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        wanted: JSONObject = {"toolsListChanged": True, "resourceSubscriptions": ["note://one"]}
        params: JSONObject = {"notifications": wanted, "_meta": described({})}
        reply = await upstream.send(ask("subscriptions/listen", "ears", params), ORIGIN)
        assert not isinstance(reply.body, bytes)
        first = msgspec.json.decode((await anext(reply.body)).data)
        assert first["method"] == "notifications/subscriptions/acknowledged"
        assert first["params"]["notifications"] == wanted
        assert text(await called(upstream, "change")) == "1"
        heard = [msgspec.json.decode((await anext(reply.body)).data) for _ in range(2)]
        assert {one["method"] for one in heard} == {
            "notifications/tools/list_changed",
            "notifications/resources/updated",
        }
        assert all(one["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == "ears" for one in heard)
        await reply.body.aclose()
        for _ in range(2400):
            if text(await called(upstream, "change")) == "0":
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the subscription outlived its reader")


@pytest.mark.parametrize("method", ["initialize", "ping", "logging/setLevel", "resources/subscribe", "tasks/get"])
@BOTH
async def test_what_the_stateless_wire_does_without_is_not_there(kind: str, free_port: int, method: str) -> None:
    async with bridged(kind, free_port) as upstream:
        if method == "initialize":
            await said(upstream, "tools/list")
        reply = await upstream.send(ask(method, 5, {"_meta": described({})}), ORIGIN)
        assert (reply.status, body(reply)["error"]["code"]) == (404, -32601)


@BOTH
async def test_versions_that_nobody_speaks_are_refused(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        await said(upstream, "tools/list")
        meta = {**described({}), "io.modelcontextprotocol/protocolVersion": "2031-01-01"}
        reply = await upstream.send(ask("tools/list", 5, {"_meta": meta}), ORIGIN)
        error = body(reply)["error"]
        assert (reply.status, error["code"], error["data"]["supported"]) == (400, -32022, ["2026-07-28"])


@BOTH
async def test_a_missing_resource_has_the_code_of_the_stateless_wire(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        answer = (await said(upstream, "resources/read", uri="note://none"))[-1]
        assert answer["error"]["code"] != -32002


@BOTH
async def test_notifications_are_taken_and_stop_there(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        await said(upstream, "tools/list")
        assert (await upstream.send(tell("notifications/x", {"_meta": described({})}), ORIGIN)).status == 202


@BOTH
async def test_what_is_under_way_fails_when_the_gateway_closes(kind: str, free_port: int) -> None:
    async with bridged(kind, free_port) as upstream:
        task = asyncio.create_task(called(upstream, "wait"))
        await called(upstream, "add", arguments={"a": 1, "b": 1})
        await upstream.close()
        with pytest.raises(UpstreamError):
            await task
