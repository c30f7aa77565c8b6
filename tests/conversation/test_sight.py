"""What agents see of lists, and what they are told when that changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest

from ostiary.enforcement import Agent
from ostiary.policy import Policy, load
from ostiary.ports import Reply
from ostiary.wire.era import Era
from ostiary.wire.message import read
from ostiary.wire.sse import Event
from tests.conversation.fakes import Talk, result

POLICY = """default: allow
prompts: {"secret-*": {action: hide}}
resources: {"file:///secret/*": {action: hide}}
"""
LISTS: list[tuple[str, str, str, list[str]]] = [
    ("prompts/list", "prompts", "name", ["open", "secret-plan", "other"]),
    ("resources/list", "resources", "uri", ["file:///a", "file:///secret/b", "file:///c"]),
    ("resources/templates/list", "resourceTemplates", "uriTemplate", ["file:///{x}", "file:///secret/{x}", "x://{y}"]),
]


def parsed(text: str) -> Policy:
    return load(f"version: 1\n{text}", "policy.yaml")


@pytest.mark.parametrize(("method", "member", "key", "names"), LISTS)
async def test_what_policy_hides_is_in_no_list(method: str, member: str, key: str, names: list[str]) -> None:
    talk = Talk(POLICY)

    async def answer(sent: Any) -> Reply:
        items = [{key: name, "more": 1.50} for name in names]
        return result(sent, {member: items, "nextCursor": "c", "ttlMs": 10**9, "cacheScope": "public"})

    talk.upstream.answers[method] = answer
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {}}
    shown = (await talk.say(request, era=Era.MODERN))["result"]
    assert [item[key] for item in shown[member]] == [names[0], names[2]]
    assert (shown["nextCursor"], shown["cacheScope"], shown["ttlMs"]) == ("c", "private", 60_000)
    assert talk.ledger.last("list.filtered")["removed"] == [names[1]]
    talk.policy = parsed("default: allow\n")
    unfiltered = (await talk.say(request, era=Era.MODERN))["result"]
    assert len(unfiltered[member]) == 3
    assert unfiltered["cacheScope"] == "public"


class Standing:
    """A stream that says what it is told to, and stays open."""

    def __init__(self, talk: Talk, name: str) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

        async def stream() -> AsyncGenerator[Event, None]:
            while True:
                yield Event(await self.queue.get())

        async def answer(_: Any) -> Reply:
            return Reply(200, (), stream())

        talk.upstream.answers[name] = answer


def changing(talk: Talk, era: Era) -> Agent:
    return msgspec.structs.replace(talk.agent(era=era), renew=lambda: talk.policy)


async def heard(reply: Reply) -> Any:
    assert not isinstance(reply.body, bytes)
    async with asyncio.timeout(120):
        return json.loads((await anext(reply.body)).data)


async def test_a_listener_is_told_when_its_tools_look_different() -> None:
    talk = Talk("default: allow\n")
    Standing(talk, "GET")
    reply = await talk.gate.listen(changing(talk, Era.LEGACY))
    talk.policy = parsed('default: allow\nhide: ["x"]\n')
    talk.gate.look_again()
    assert await heard(reply) == {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}


async def test_nobody_is_told_of_a_change_that_shows_nothing() -> None:
    talk = Talk("default: allow\n")
    talk.upstream.tools({"name": "a"})
    await talk.say({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
    standing = Standing(talk, "GET")
    reply = await talk.gate.listen(changing(talk, Era.LEGACY))
    for text in ("default: allow\ntools: {a: {action: deny}}\n", 'default: allow\nhide: ["b"]\n'):
        talk.policy = parsed(text)
        talk.gate.look_again()
    standing.queue.put_nowait(b'{"jsonrpc":"2.0","method":"notifications/message"}')
    assert (await heard(reply))["method"] == "notifications/message"
    talk.policy = parsed('default: allow\nhide: ["a"]\n')
    talk.gate.look_again()
    assert (await heard(reply))["method"] == "notifications/tools/list_changed"


async def test_prompts_and_resources_are_told_of_too() -> None:
    talk = Talk("default: allow\n")
    Standing(talk, "GET")
    reply = await talk.gate.listen(changing(talk, Era.LEGACY))
    talk.policy = parsed(POLICY)
    talk.gate.look_again()
    assert {(await heard(reply))["method"].split("/")[1] for _ in range(3)} == {"tools", "prompts", "resources"}


async def test_a_subscription_is_told_what_it_asked_for_once_it_is_acknowledged() -> None:
    talk = Talk("default: allow\n")
    standing = Standing(talk, "subscriptions/listen")
    params = {"notifications": {"toolsListChanged": True}}
    message = {"jsonrpc": "2.0", "id": "ears", "method": "subscriptions/listen", "params": params}
    reply = await talk.gate.handle(read(json.dumps(message).encode()), changing(talk, Era.MODERN))
    talk.policy = parsed(POLICY)
    talk.gate.look_again()
    standing.queue.put_nowait(b'{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged"}')
    assert (await heard(reply))["method"] == "notifications/subscriptions/acknowledged"
    told = await heard(reply)
    assert told["method"] == "notifications/tools/list_changed"
    assert told["params"]["_meta"] == {"io.modelcontextprotocol/subscriptionId": "ears"}


async def test_a_stream_that_was_closed_is_forgotten() -> None:
    talk = Talk("default: allow\n")
    Standing(talk, "GET")
    reply = await talk.gate.listen(changing(talk, Era.LEGACY))
    assert not isinstance(reply.body, bytes)
    waiting = asyncio.ensure_future(anext(reply.body, None))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait((waiting,))
    await reply.body.aclose()
    assert not talk.gate._news._open
