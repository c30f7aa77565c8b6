"""What agents get to see of a server's tools, and what the gate itself asks about them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ostiary.errors import UpstreamError, UpstreamNotReached
from ostiary.ports import Reply
from ostiary.wire.era import Era
from tests.conversation.fakes import Talk, call, request, result

DROP = {"name": "drop", "annotations": {"destructiveHint": True}}
GET = {
    "name": "get",
    "annotations": {"readOnlyHint": True},
    "inputSchema": {"type": "object", "properties": {"id": {}}},
}
BY_HINT = 'tools: {"*": {action: allow}, "annotation:destructiveHint": {action: deny, reason: It destroys}}'


def names(answer: Any) -> list[str]:
    return [tool["name"] for tool in answer["result"]["tools"]]


@pytest.mark.parametrize("era", list(Era))
async def test_an_agent_that_never_lists_does_not_slip_past_a_hint(era: Era) -> None:
    talk = Talk(BY_HINT)
    talk.upstream.tools({"name": "a"}, {"name": "b"}, DROP, GET, page=2)
    assert await talk.call("drop", era=era) == "Policy violation: It destroys. Do not retry."
    assert talk.upstream.methods == ["tools/list", "tools/list"]
    assert await talk.call("get", era=era) == "get done"
    assert talk.upstream.calls == ["get"]


async def test_nor_one_that_calls_what_is_on_no_list() -> None:
    talk = Talk(BY_HINT)
    talk.upstream.tools(GET)
    assert "the server does not list this tool" in await talk.call("drop")
    assert not talk.upstream.calls


@pytest.mark.parametrize("body", [b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"later"}}', b"nonsense", b"{}"])
async def test_nor_while_the_server_does_not_say(body: bytes) -> None:
    talk = Talk(BY_HINT)

    async def answer(sent: Any) -> Reply:
        return Reply(200, (), body.replace(b'"id":1', b'"id":"%b"' % sent["id"].encode()))

    talk.upstream.answers["tools/list"] = answer
    assert (await talk.call("drop")).startswith("error -31002")
    talk.upstream.fails("tools/list", UpstreamError("gone"))
    assert (await talk.call("drop")).startswith("error -31002")
    assert not talk.upstream.calls


async def test_strict_arguments_are_asked_for_too() -> None:
    talk = Talk("tools: {get: {arguments: strict}}")
    talk.upstream.tools(GET)
    assert "Policy violation" in await talk.call("get", {"id": 1, "extra": 1})
    assert await talk.call("get", {"id": 1}) == "get done"


async def test_a_policy_of_names_asks_nothing() -> None:
    talk = Talk("tools: {get: {}}")
    await talk.call("get")
    assert talk.upstream.methods == ["tools/call"]


async def test_a_list_that_passes_is_remembered_and_a_newer_one_replaces_it() -> None:
    talk = Talk(BY_HINT)
    talk.upstream.tools({"name": "drop"})
    await talk.say(request("tools/list"))
    assert await talk.call("drop") == "drop done"
    talk.upstream.tools(DROP)
    await talk.say(request("tools/list"))
    assert "It destroys" in await talk.call("drop")
    assert talk.upstream.methods == ["tools/list", "tools/call", "tools/list"]


async def test_lists_are_filtered_page_by_page_and_otherwise_as_they_came() -> None:
    talk = Talk('default: allow\nhide: [secret, "drop*"]')
    talk.upstream.tools(GET, {"name": "secret"}, DROP, {"name": "put", "x": [1.50]}, page=2)
    first = await talk.say(request("tools/list"))
    second = await talk.say(request("tools/list", {"cursor": first["result"]["nextCursor"]}))
    assert (names(first), names(second)) == (["get"], ["put"])
    assert [body["removed"] for kind, body in talk.ledger.said if kind == "list.filtered"] == [["secret"], ["drop"]]


async def test_a_list_in_a_stream_is_filtered() -> None:
    talk = Talk("default: allow\nhide: [secret]")
    listing = {"jsonrpc": "2.0", "id": 1, "result": {"tools": [GET, {"name": "secret"}]}}
    talk.upstream.says("tools/list", json.dumps(listing).encode())
    assert names(await talk.say(request("tools/list"))) == ["get"]


@pytest.mark.parametrize(
    "listing",
    [
        b'{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"secret"}],"tools":[]}}',
        b'{"jsonrpc":"2.0","id":1,"result":{"tools":{"name":"secret"}}}',
        b'{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"get","n\\u0061me":"secret"}]}}',
    ],
)
@pytest.mark.parametrize("is_stream", [True, False])
async def test_a_list_that_can_be_read_in_two_ways_shows_nothing(listing: bytes, is_stream: bool) -> None:
    talk = Talk("default: allow\nhide: [secret]")
    if is_stream:
        talk.upstream.says("tools/list", listing)
    else:
        talk.upstream.whole("tools/list", listing)
    assert b"secret" not in json.dumps(await talk.say(request("tools/list"))).encode()


@pytest.mark.parametrize("era", list(Era))
@pytest.mark.parametrize("is_error", [True, False])
async def test_a_hidden_tool_has_the_servers_own_answer_for_a_missing_one(era: Era, is_error: bool) -> None:
    talk = Talk("default: allow\nhide: [secret]")

    async def unknown(sent: Any) -> Reply:
        words = f'There is no "{sent["params"]["name"]}" here'
        if is_error:
            error = {"jsonrpc": "2.0", "id": sent["id"], "error": {"code": -32602, "message": words}}
            return Reply(400, (), json.dumps(error, indent=2).encode())
        return result(sent, {"isError": True, "content": [{"type": "text", "text": words}]})

    talk.upstream.answers["tools/call"] = unknown
    hidden = [await talk.send(call("secret"), era=era) for _ in range(2)]
    missing = await talk.send(call("absent"), era=era)
    assert isinstance(missing.body, bytes)
    for reply in hidden:
        assert isinstance(reply.body, bytes)
        assert (reply.status, reply.headers) == (missing.status, missing.headers)
        assert reply.body == missing.body.replace(b"absent", b"secret")
    assert "secret" not in json.dumps(talk.upstream.saw)
    assert talk.ledger.kinds.count("call.refused") == 2


async def test_a_hidden_tool_of_a_server_that_is_gone_is_unknown_all_the_same() -> None:
    talk = Talk("default: allow\nhide: [secret]")
    talk.upstream.fails("tools/call", UpstreamError("gone"))
    assert await talk.call("secret") == "error -32602: Unknown tool: secret"


class TestResourcesAndPrompts:
    POLICY = """
resources:
  "file:///etc/*": {action: deny, reason: Not yours}
  "file:///hidden": {action: hide}
  "file:///once": {rate_limit: 1/minute}
prompts:
  never: {action: deny}
"""

    async def test_allowed_and_recorded_unless_policy_says_else(self) -> None:
        talk = Talk(self.POLICY)
        talk.upstream.whole("resources/read", b'{"jsonrpc":"2.0","id":1,"result":{"contents":[]}}')
        assert "result" in await talk.say(request("resources/read", {"uri": "file:///notes"}))
        denied = await talk.say(request("resources/read", {"uri": "file:///etc/passwd"}))
        assert denied["error"]["message"] == "Policy violation: Not yours. Do not retry."
        hidden = await talk.say(request("resources/read", {"uri": "file:///hidden"}))
        assert hidden["error"] == {"code": -32002, "message": "Resource not found", "data": {"uri": "file:///hidden"}}
        assert (await talk.say(request("prompts/get", {"name": "never"})))["error"]["code"] == -31000
        assert "result" in await talk.say(request("prompts/get", {"name": "yes"}))
        kinds = ["access.allowed", "access.refused", "access.refused", "access.refused", "access.allowed"]
        assert talk.ledger.kinds == kinds

    async def test_a_limit_is_given_back_if_it_never_left(self) -> None:
        talk = Talk(self.POLICY)
        once = request("resources/read", {"uri": "file:///once"})
        talk.upstream.fails("resources/read", UpstreamNotReached("down"))
        assert (await talk.say(once))["error"]["message"] == "down"
        talk.upstream.whole("resources/read", b'{"jsonrpc":"2.0","id":1,"result":{"contents":[]}}')
        assert "result" in await talk.say(once)
        assert "Retry after" in (await talk.say(once))["error"]["message"]

    async def test_what_cannot_be_recorded_is_not_read(self) -> None:
        talk = Talk(self.POLICY)
        talk.ledger.trouble = "disk full"
        refused = await talk.say(request("resources/read", {"uri": "file:///notes"}))
        assert refused["error"]["message"] == "refused, as it cannot be recorded: disk full"
        assert not talk.upstream.saw
