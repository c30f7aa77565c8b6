"""What an agent does at a server: each script gives what the agent heard, as it must be with and without a gate."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from typing import Any

from tests.conformance.fixture.resources import WATCHED
from tests.differential.agents import Agent, HttpAgent, Message

REF = {"type": "ref/prompt", "name": "test_prompt_with_arguments"}


async def everything_listed(agent: Agent) -> Any:
    """400 kB of tools in one answer, and the other lists. Tools are private behind a gate, as policy may hide some."""
    [tools] = await agent.ask("tools/list")
    assert len(json.dumps(tools)) > 400_000
    tools["result"].pop("cacheScope", None)
    methods = ("prompts/list", "resources/list", "resources/templates/list")
    return tools, [await agent.ask(method) for method in methods]


async def reading(agent: Agent) -> Any:
    uris = ("test://static-text", "test://static-binary", "test://template/7/data", "test://nowhere")
    read = [await agent.ask("resources/read", {"uri": uri}) for uri in uris]
    prompt = {"name": "test_prompt_with_arguments", "arguments": {"arg1": "ä", "arg2": "\u2028"}}
    return [*read, await agent.ask("prompts/get", prompt)]


async def completion(agent: Agent) -> Any:
    return [
        await agent.ask("completion/complete", {"ref": REF, "argument": {"name": "arg1", "value": value}})
        for value in ("", "a", "zz")
    ]


async def refusals(agent: Agent) -> Any:
    """What the server itself refuses."""
    return [
        await agent.call("no_such_tool"),
        await agent.ask("no/such/method"),
        await agent.ask("tools/list", {"cursor": "never given out"}),
        await agent.ask("prompts/get", {"name": "no_such_prompt"}),
        await agent.call("test_error_handling"),
    ]


async def odd_arguments(agent: Agent) -> Any:
    texts = ("", "\u0000\u001f\x7f", "\U0001f600 \u2028\u2029", '\\"/', "e\u0301 \u00e9", "x" * 100_000)
    heard = [await agent.call("digest", {"text": text}) for text in texts]
    expected = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    assert [one[-1]["result"]["content"][0]["text"] for one in heard] == expected
    return heard


async def large_result(agent: Agent) -> Any:
    """10 MB come through whole."""
    [answer] = await agent.call("big", {"size": 10_000_000})
    text = answer["result"]["content"][0]["text"]
    return len(text), hashlib.sha256(text.encode()).hexdigest()


async def out_of_order(agent: Agent) -> Any:
    """100 calls at once, the last one answered first."""
    began = [
        await agent.begin("tools/call", {"name": "echo", "arguments": {"text": f"{turn}", "delay": (100 - turn) / 200}})
        for turn in range(100)
    ]
    heard = [(await exchange.all())[-1] for exchange in began]
    return [answer["result"]["content"][0]["text"] for answer in heard]


async def progress(agent: Agent) -> Any:
    return [await agent.call("count", {"steps": 3, "word": "mine"}, token=token) for token in ("t", 7)]


async def asked_in_return(agent: Agent) -> Any:
    """The server's own requests: sampling, elicitation, roots; and what it makes of the answers."""
    asked: list[Any] = []

    def answer(question: Message) -> Any:
        asked.append({key: value for key, value in question.items() if key != "id"})
        match question["method"]:
            case "sampling/createMessage":
                return {"role": "assistant", "content": {"type": "text", "text": "Päris"}, "model": "m"}
            case "elicitation/create":
                return {"action": "accept", "content": {"username": "ä", "email": "a@example.com"}}
            case _:
                return {"roots": [{"uri": "file:///tmp/ä"}]}

    agent.answer = answer
    heard = [
        await agent.call("test_sampling", {"prompt": "Where?"}),
        await agent.call("test_elicitation", {"message": "Who?"}),
        await agent.call("list_roots"),
    ]
    return heard, asked


async def asked_for_everything(agent: Agent) -> Any:
    """The same, and only what is asked and answered: a server that knows no sessions asks everything at once."""
    asked: list[Any] = []

    def answer(question: Message) -> Any:
        params = question.get("params", {})
        match question["method"]:
            case "sampling/createMessage":
                asked.append(("sampling", params["messages"][0]["content"]["text"], params["maxTokens"]))
                return {"role": "assistant", "content": {"type": "text", "text": "Päris"}, "model": "m"}
            case "elicitation/create":
                asked.append(("elicitation", params["message"], params["requestedSchema"]))
                return {"action": "accept", "content": {"name": "\u2028ä"}}
            case method:
                asked.append((method,))
                return {"roots": [{"uri": "file:///tmp/x"}]}

    agent.answer = answer
    return await agent.call("ask_around"), asked


async def rounds(agent: Agent) -> Any:
    """A question instead of an answer, and the state of it taken back byte for byte. What the agent holds meanwhile is
    nobody's business but the gate's, which marks whose round it is."""
    [first] = await agent.call("keep_state")
    params = {
        "name": "keep_state",
        "arguments": {},
        "requestState": first["result"].pop("requestState"),
        "inputResponses": {"confirm": {"action": "accept", "content": {"ok": True}}},
    }
    [second] = await agent.ask("tools/call", params)
    assert second["result"]["content"][0]["text"] == "the very same"
    return first, second


async def changes_in_session(agent: Agent) -> Any:
    """list_changed and resource updates, unasked for, as sessions have them."""
    subscribed = await agent.ask("resources/subscribe", {"uri": WATCHED})
    called = [await agent.call(tool) for tool in ("test_trigger_tool_change", "test_trigger_prompt_change", "touch")]
    kinds = (
        "notifications/tools/list_changed",
        "notifications/prompts/list_changed",
        "notifications/resources/updated",
    )
    news = [await agent.heard_of(kind) for kind in kinds]
    return subscribed, called, news, await agent.ask("resources/unsubscribe", {"uri": WATCHED})


async def changes_listened_to(agent: Agent) -> Any:
    """The same on the stream of a `subscriptions/listen`, tagged with the id of that very request."""
    wanted = {"toolsListChanged": True, "resourceSubscriptions": [WATCHED]}
    listening = await agent.begin("subscriptions/listen", {"notifications": wanted}, id="my own id")
    heard = [await listening.next()]
    for tool in ("test_trigger_tool_change", "test_trigger_prompt_change", "touch"):
        await agent.call(tool)
    heard += [await listening.next(), await listening.next()]
    await agent.cancel(listening)
    return heard


async def cancelling(agent: Agent) -> Any:
    """A call that is cancelled is cancelled where it runs."""
    key = secrets.token_hex()
    waiting = await agent.begin("tools/call", {"name": "wait", "arguments": {"key": key, "seconds": 60}})
    before = await _fate(agent, key, "running")
    await agent.cancel(waiting)
    return before, await _fate(agent, key, "cancelled")


async def leaving(agent: Agent) -> Any:
    """In a session, a connection that breaks cancels nothing: the call goes on to its end."""
    assert isinstance(agent, HttpAgent)
    key = secrets.token_hex()
    waiting = await agent.begin("tools/call", {"name": "wait", "arguments": {"key": key, "seconds": 600}})
    before = await _fate(agent, key, "running")
    await agent.hang_up(waiting)
    await agent.call("fate", {"key": key, "end": True})
    return before, await _fate(agent, key, "over")


async def resuming(agent: Agent) -> Any:
    """A stream that the server closed goes on where the agent says."""
    assert isinstance(agent, HttpAgent)
    exchange = await agent.begin("tools/call", {"name": "test_reconnection", "arguments": {}})
    await agent.resume(exchange)
    return await exchange.all()


async def _fate(agent: Agent, key: str, expected: str) -> str:
    """What became of the call that waits, once it is what is expected, or after a while as it is."""
    fate = ""
    for _ in range(6000):
        [answer] = await agent.call("fate", {"key": key})
        fate = answer["result"]["content"][0]["text"]
        if fate == expected:
            break
        await asyncio.sleep(0.02)
    return fate
