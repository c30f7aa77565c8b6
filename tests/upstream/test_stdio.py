"""Answers find whoever asked, over one child, exclusive or shared."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from ostiary.errors import UpstreamError, UpstreamNotReached
from ostiary.model import JSONObject
from ostiary.ports import Origin, Reply
from ostiary.upstream.child_stderr import ChildStderr
from ostiary.upstream.line import Line
from ostiary.upstream.process import Command
from ostiary.upstream.stdio import StdioLimits, StdioUpstream
from ostiary.upstream.stream import EventStream
from ostiary.wire.message import Request
from tests.upstream.asking import MODERN, ORIGIN, ask, body, messages, next_message, respond, running, tell

LEGACY_TOKEN = {"_meta": {"progressToken": "t"}}


async def seen_by(upstream: StdioUpstream) -> list[str]:
    seen: list[str] = body(await upstream.send(ask("show", "shown"), ORIGIN))["result"]["seen"]
    return seen


async def test_bytes_go_through_as_they_are_but_on_one_line() -> None:
    raw = b'{"jsonrpc": "2.0",\r\n "id": "\xc3\xa9",\n "method": "echo", "params": {"big": 12345678901234567890123}}'
    async with running() as upstream:
        reply = await upstream.send(Request("é", "echo", {}, raw), ORIGIN)
        assert reply.status == 200
        assert reply.headers == ((b"content-type", b"application/json"),)
        assert body(reply)["id"] == "é"
        assert await seen_by(upstream) == [raw.replace(b"\r\n", b"  ").replace(b"\n", b" ").decode()]


async def test_answers_out_of_order_find_their_requests() -> None:
    async with running() as upstream:
        waiting = [asyncio.create_task(upstream.send(ask("hold", id), ORIGIN)) for id in (1, "1", 2, "x")]
        await asyncio.sleep(0)
        assert await upstream.send(tell("release"), ORIGIN) == Reply(202, (), b"")
        assert [body(await task)["result"]["held"] for task in waiting] == [1, "1", 2, "x"]


async def test_progress_makes_the_reply_a_stream_that_ends_with_the_answer() -> None:
    async with running() as upstream:
        reply = await upstream.send(ask("progress", 7, LEGACY_TOKEN), ORIGIN)
        assert (reply.status, reply.headers) == (200, ())
        got = await messages(reply)
        assert [message.get("params", {}).get("progress") for message in got] == [1, 2, None]
        assert got[-1]["id"] == 7


@pytest.mark.parametrize(
    ("code", "modern", "legacy"),
    [
        (-32601, 404, 200),
        (-32021, 400, 200),
        (-32022, 400, 200),
        (-32020, 400, 200),
        (-32602, 200, 200),
        (-1, 200, 200),
    ],
)
async def test_an_error_has_the_status_that_the_stateless_wire_gives_it(code: int, modern: int, legacy: int) -> None:
    meta: JSONObject = {**MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    async with running() as upstream:
        assert (await upstream.send(ask("refuse", 1, {"code": code, "_meta": meta}), ORIGIN)).status == modern
        assert (await upstream.send(ask("refuse", 2, {"code": code}), ORIGIN)).status == legacy


async def test_a_request_that_does_not_say_what_it_must_of_itself_is_a_bad_one() -> None:
    async with running() as upstream:
        assert (await upstream.send(ask("refuse", 1, {"code": -32602, "_meta": MODERN}), ORIGIN)).status == 400


async def test_an_id_still_in_use_is_refused() -> None:
    async with running() as upstream:
        first = asyncio.create_task(upstream.send(ask("hold", 1), ORIGIN))
        await asyncio.sleep(0)
        reply = await upstream.send(ask("echo", 1), ORIGIN)
        assert (reply.status, body(reply)["error"]["code"]) == (400, -32600)
        await upstream.send(tell("release"), ORIGIN)
        assert body(await first)["result"] == {"held": 1}


async def test_a_question_of_the_server_goes_to_the_newest_request_and_its_answer_back() -> None:
    async with running() as upstream:
        reply = await upstream.send(ask("ask", "q"), ORIGIN)
        question = await next_message(reply)
        assert question["method"] == "sampling/createMessage"
        assert (await upstream.send(respond(question["id"], {"text": "hi"}), ORIGIN)).status == 202
        assert [message["result"] for message in await messages(reply)] == [{"answered": {"text": "hi"}}]


async def test_what_belongs_to_no_request_goes_to_the_listener() -> None:
    async with running() as upstream:
        listening = await upstream.listen(ORIGIN)
        assert body(await upstream.send(ask("log"), ORIGIN))["id"] == 1
        assert (await next_message(listening))["method"] == "notifications/message"
        newer = await upstream.listen(ORIGIN)
        assert await messages(listening) == []
        await upstream.send(ask("log", 2), ORIGIN)
        assert (await next_message(newer))["params"]["data"] == "hello"


async def test_messages_wait_for_a_listener_but_not_without_bound(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(limits=StdioLimits(buffered=50_000)) as upstream:
        first = await upstream.listen(ORIGIN)
        await upstream.send(ask("flood", 1, {"count": 500, "size": 1000}), ORIGIN)
        assert isinstance(first.body, EventStream)
        assert 0 < len(first.body._events) < 50
        await upstream.close()
    assert "nobody reads its notifications" in capsys.readouterr().err


async def test_a_slow_reader_makes_its_own_child_wait() -> None:
    async with running(limits=StdioLimits(buffered=50_000)) as upstream:
        reply = await upstream.send(ask("flood", 1, {"count": 3000, "size": 1000}), ORIGIN)
        assert isinstance(reply.body, EventStream)
        for _ in range(500):
            await asyncio.sleep(0)
        assert len(reply.body._events) < 1000
        assert len(await messages(reply)) == 3001


async def test_nonsense_is_dropped_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    async with running() as upstream:
        for id in range(3):
            assert body(await upstream.send(ask("nonsense", id), ORIGIN))["id"] == id
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "Listening on port 3000" in line]
    assert len(said) == 2


async def test_a_batch_is_taken_apart() -> None:
    async with running() as upstream:
        reply = await upstream.send(ask("batch"), ORIGIN)
        assert [message.get("method", "answer") for message in await messages(reply)] == [
            "notifications/message",
            "answer",
        ]


async def test_a_large_answer_arrives_whole() -> None:
    async with running() as upstream:
        reply = await upstream.send(ask("large", 1, {"size": 10_000_000}), ORIGIN)
        assert len(body(reply)["result"]["data"]) == 10_000_000


async def test_leaving_a_stateless_request_cancels_it_and_a_legacy_one_does_not() -> None:
    async with running() as upstream:
        for id, params in ((1, {"_meta": MODERN}), (2, {})):
            task = asyncio.create_task(upstream.send(ask("hold", id, params), ORIGIN))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        seen = await seen_by(upstream)
        cancelled = [json.loads(line)["params"] for line in seen if "notifications/cancelled" in line]
        assert cancelled == [{"requestId": 1, "reason": "the agent no longer waits"}]
        await upstream.send(tell("release"), ORIGIN)
        assert body(await upstream.send(ask("echo", 1), ORIGIN))["id"] == 1


async def test_closing_a_stateless_stream_cancels_its_request() -> None:
    async with running() as upstream:
        task = asyncio.create_task(upstream.send(ask("subscriptions/listen", 5, {"_meta": MODERN}), ORIGIN))
        await asyncio.sleep(0)
        await upstream.send(ask("subscribed", 6), ORIGIN)
        reply = await task
        assert (await next_message(reply))["method"] == "notifications/tools/list_changed"
        assert isinstance(reply.body, EventStream)
        await reply.body.aclose()
        assert any("notifications/cancelled" in line and '"requestId":5' in line for line in await seen_by(upstream))


async def test_an_agents_own_cancellation_passes() -> None:
    async with running() as upstream:
        task = asyncio.create_task(upstream.send(ask("hold", 1), ORIGIN))
        await asyncio.sleep(0)
        notification = tell("notifications/cancelled", {"requestId": 1})
        assert (await upstream.send(notification, ORIGIN)).status == 202
        assert notification.raw.decode() in await seen_by(upstream)
        await upstream.send(tell("release"), ORIGIN)
        assert body(await task)["result"] == {"held": 1}


async def test_silence_ends_a_request_where_it_is_bounded() -> None:
    async with running(limits=StdioLimits(answer=0.5)) as upstream:
        with pytest.raises(UpstreamError, match=r"did not answer `hold` in 0\.5 s"):
            await upstream.send(ask("hold"), ORIGIN)
        assert any("notifications/cancelled" in line for line in await seen_by(upstream))


async def test_200_agents_with_the_same_id_get_their_own_answers_and_progress() -> None:
    async with running(is_shared=True) as upstream:

        async def agent(number: int) -> None:
            origin = Origin(f"grant:{number}")
            reply = await upstream.send(ask("tools/call", 1, {"name": f"n{number}"}), origin)
            assert body(reply)["id"] == 1
            assert body(reply)["result"]["params"] == {"name": f"n{number}"}
            token = f"token {number}"
            got = await messages(await upstream.send(ask("progress", 1, {"_meta": {"progressToken": token}}), origin))
            assert [message["params"]["progressToken"] for message in got[:-1]] == [token, token]
            assert got[-1]["id"] == 1

        await asyncio.gather(*(agent(number) for number in range(200)))


async def test_cancelling_in_a_shared_child_ends_only_ones_own() -> None:
    async with running(is_shared=True) as upstream:
        tasks = [asyncio.create_task(upstream.send(ask("hold", 1), Origin(f"grant:{n}"))) for n in range(3)]
        await asyncio.sleep(0)
        await upstream.send(tell("notifications/cancelled", {"requestId": 1}), Origin("grant:1"))
        await upstream.send(tell("notifications/cancelled", {"requestId": 1}), Origin("grant:9"))
        cancelled = [line for line in await seen_by(upstream) if "notifications/cancelled" in line]
        assert cancelled == ['{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}']
        await upstream.send(tell("release"), ORIGIN)
        assert [body(await task)["id"] for task in tasks] == [1, 1, 1]


async def test_subscriptions_in_a_shared_child_carry_their_agents_ids() -> None:
    async with running(is_shared=True) as upstream:
        task = asyncio.create_task(upstream.send(ask("subscriptions/listen", "mine", {"_meta": MODERN}), ORIGIN))
        await asyncio.sleep(0)
        await upstream.send(ask("subscribed", 6), Origin("grant:other"))
        reply = await task
        meta = (await next_message(reply))["params"]["_meta"]
        assert meta == {"io.modelcontextprotocol/subscriptionId": "mine"}
        await upstream.send(tell("release"), ORIGIN)
        assert [message["id"] for message in await messages(reply)] == ["mine"]


async def test_a_shared_child_can_ask_nobody() -> None:
    async with running(is_shared=True) as upstream:
        waiting = asyncio.create_task(upstream.send(ask("ask", 1), ORIGIN))
        await upstream.send(ask("echo", 2), ORIGIN)
        with pytest.raises(UpstreamNotReached, match="asks no agent anything"):
            await upstream.send(respond(1, {}), ORIGIN)
        assert (await upstream.listen(ORIGIN)).status == 405
        await upstream.send(tell("release"), ORIGIN)
        assert body(await waiting)["id"] == 1


async def test_a_log_message_in_a_shared_child_goes_only_to_who_asked_for_some() -> None:
    async with running(is_shared=True) as upstream:
        assert body(await upstream.send(ask("log", 1), ORIGIN))["id"] == 1
        levelled = {"_meta": {**MODERN, "io.modelcontextprotocol/logLevel": "info"}}
        got = await messages(await upstream.send(ask("log", 2, levelled), ORIGIN))
        assert [message.get("method") for message in got] == ["notifications/message", None]


async def test_a_slow_reader_of_a_shared_child_loses_its_stream_and_nobody_else() -> None:
    levelled: JSONObject = {
        "_meta": {**MODERN, "io.modelcontextprotocol/logLevel": "info"},
        "count": 2000,
        "size": 1000,
    }
    async with running(is_shared=True, limits=StdioLimits(buffered=10_000)) as upstream:
        reply = await upstream.send(ask("flood", 1, levelled), ORIGIN)
        assert body(await upstream.send(ask("echo", 1), Origin("grant:other")))["id"] == 1
        with pytest.raises(UpstreamError, match="too slowly"):
            await messages(reply)


async def test_end_ends_the_child() -> None:
    async with running() as upstream:
        assert (await upstream.end(ORIGIN)).status == 204
        assert upstream.is_over


async def test_nothing_is_sent_before_the_start() -> None:
    async with running() as upstream:
        with pytest.raises(UpstreamNotReached, match="not been started"):
            await StdioUpstream(upstream._command).send(ask("echo"), ORIGIN)


class OverAtOnce:
    """A command that is over before whoever starts it has it in hand."""

    label = "true"

    async def open(
        self, stderr: ChildStderr, received: Callable[[bytes], None], ended: Callable[[], None], largest: int
    ) -> Line:
        line = await Command(("true",), {}).open(stderr, received, lambda: None, largest)
        await line.wait()
        ended()
        return line


async def test_a_child_that_is_over_before_it_was_started_is_over() -> None:
    told: list[str] = []
    upstream = StdioUpstream(OverAtOnce(), ended=lambda: told.append("ended"))
    await upstream.start()
    assert told == ["ended"]
    with pytest.raises(UpstreamNotReached, match="exited with status 0; nothing was sent"):
        await upstream.send(ask("echo"), ORIGIN)
    await upstream.close()
