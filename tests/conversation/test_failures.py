"""Errors that come back as success: on record as failures, and passed on as they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ostiary.wire.era import Era
from tests.conversation.fakes import Talk, answer, request

ERROR = r'^\s*\{\s*"status":\s*"error"'


def outcome(talk: Talk) -> Any:
    found = dict(talk.ledger.last("call.outcome"))
    return {key: found[key] for key in ("outcome", "failure") if key in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"status": "error", "reason": "no"}', {"outcome": "failed", "failure": ERROR}),
        ('{\n  "status": "error"\n}', {"outcome": "failed", "failure": ERROR}),
        ('{"status": "success", "result": "{\\"status\\": \\"error\\"}"}', {"outcome": "returned"}),
        ("done", {"outcome": "returned"}),
        ("", {"outcome": "returned"}),
    ],
)
async def test_what_a_result_says_decides_how_the_call_ended(text: str, expected: Any) -> None:
    talk = Talk("default: allow", failures=[ERROR])
    talk.upstream.whole("get", answer(text=text))
    assert await talk.call("get") == text
    assert outcome(talk) == expected


async def test_every_text_of_a_result_is_looked_at_and_in_a_stream_too() -> None:
    talk = Talk("default: allow", failures=["never", "^Error: "])
    content = [{"type": "image", "data": "", "mimeType": "image/png"}, {"type": "text", "text": "Error: no"}]
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"content": content}}).encode()
    talk.upstream.says("get", message)
    reply = await talk.send(request("tools/call", {"name": "get", "arguments": {}}))
    assert await talk.hear(reply) == [json.loads(message)]
    assert outcome(talk) == {"outcome": "failed", "failure": "^Error: "}


async def test_what_the_server_itself_calls_an_error_needs_no_pattern() -> None:
    talk = Talk("default: allow", failures=["no"])
    talk.upstream.whole(
        "get", b'{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[{"type":"text","text":"no"}]}}'
    )
    await talk.say(request("tools/call", {"name": "get", "arguments": {}}))
    assert outcome(talk) == {"outcome": "failed"}


@pytest.mark.parametrize("content", ["null", "{}", '"Error"', '[{"text": 1}]', "[1]"])
async def test_a_result_of_another_shape_passes(content: str) -> None:
    talk = Talk("default: allow", failures=["Error"])
    talk.upstream.whole("get", f'{{"jsonrpc":"2.0","id":1,"result":{{"content":{content}}}}}'.encode())
    await talk.say(request("tools/call", {"name": "get", "arguments": {}}))
    assert outcome(talk) == {"outcome": "returned"}


async def test_a_task_that_ends_in_an_error_text_has_failed() -> None:
    talk = Talk("default: allow", failures=["^Error"])
    talk.upstream.whole("get", b'{"jsonrpc":"2.0","id":1,"result":{"resultType":"task","taskId":"t1"}}')
    await talk.say(request("tools/call", {"name": "get", "arguments": {}}), era=Era.MODERN)
    done = {"content": [{"type": "text", "text": "Error: no"}]}
    ended = {"resultType": "complete", "taskId": "t1", "status": "completed", "result": done}
    talk.upstream.whole("tasks/get", json.dumps({"jsonrpc": "2.0", "id": 2, "result": ended}).encode())
    await talk.say(request("tasks/get", {"taskId": "t1"}, id=2), era=Era.MODERN)
    found = talk.ledger.last("task.outcome")
    assert (found["outcome"], found["failure"]) == ("failed", "^Error")
