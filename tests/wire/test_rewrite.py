from __future__ import annotations

from collections.abc import Callable

import pytest

from ostiary.errors import WireError
from ostiary.wire import rewrite

CALL = (
    b'{"jsonrpc":"2.0","id":"agent-1" ,"method":"tools/call","params":{"name":"t","_meta":{"progressToken": 5,'
    b'"traceparent":"x"},"arguments":{"id":1.50,"progressToken":1e3}}}'
)
PROGRESS = b'{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":0.50}}'
CANCELLED = b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3,"reason":"3"}}'
UPDATED = (
    b'{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":'
    b'{"io.modelcontextprotocol/subscriptionId":1},"uri":"file:///1"}}'
)
CLOSED = b'{"jsonrpc":"2.0","id":1,"result":{"_meta":{"io.modelcontextprotocol/subscriptionId":1}}}'


@pytest.mark.parametrize(
    ("change", "message", "old", "new"),
    [
        (rewrite.with_id, CALL, b'"agent-1"', b"77"),
        (rewrite.with_progress_token, CALL, b" 5,", b" 77,"),
        (rewrite.with_reported_token, PROGRESS, b'"p"', b"77"),
        (rewrite.with_cancelled_id, CANCELLED, b":3,", b":77,"),
        (rewrite.with_subscription_id, UPDATED, b'Id":1', b'Id":77'),
        (rewrite.with_subscription_id, CLOSED, b'Id":1', b'Id":77'),
    ],
)
def test_one_value_changes(change: Callable[[bytes, str | int], bytes], message: bytes, old: bytes, new: bytes) -> None:
    assert message.count(old) == 1
    assert change(message, 77) == message.replace(old, new)


def test_where_there_is_nothing_nothing_changes() -> None:
    assert rewrite.with_id(PROGRESS, 1) is PROGRESS
    assert rewrite.with_progress_token(PROGRESS, 1) is PROGRESS
    assert rewrite.with_reported_token(CALL, 1) is CALL
    assert rewrite.with_subscription_id(CALL, 1) is CALL


def test_ids_are_read() -> None:
    assert rewrite.id_at(CALL, rewrite.ID) == "agent-1"
    assert rewrite.id_at(CALL, rewrite.PROGRESS_TOKEN) == 5
    assert rewrite.id_at(PROGRESS, rewrite.REPORTED_TOKEN) == "p"
    assert rewrite.id_at(CANCELLED, rewrite.CANCELLED_ID) == 3
    assert rewrite.id_at(CLOSED, rewrite.CLOSED_SUBSCRIPTION_ID) == 1
    assert rewrite.id_at(CALL, rewrite.CANCELLED_ID) is None
    with pytest.raises(WireError, match="no string or integer"):
        rewrite.id_at(b'{"id":{}}', rewrite.ID)


def test_ids_are_encoded() -> None:
    assert rewrite.with_id(b'{"id":1}', 'a"\n') == b'{"id":"a\\"\\n"}'


def test_one_line() -> None:
    assert rewrite.one_line(b'{\r\n "a":\n1}') == b'{   "a": 1}'
    assert rewrite.one_line(CALL) is CALL
