from __future__ import annotations

import pytest

from ostiary.errors import WireError
from ostiary.wire.message import Peek, peek

SEEN = [
    (b'{"jsonrpc":"2.0","id":1,"result":{}}', Peek("response", 1, b"1", result_type="complete")),
    (b'{"jsonrpc": "2.0", "id": "a", "result": {}}\n', Peek("response", "a", b'"a"', result_type="complete")),
    (
        b'{"result":{"isError":true,"content":[]},"id":1,"jsonrpc":"2.0"}',
        Peek("response", 1, b"1", is_error=True, result_type="complete"),
    ),
    (
        b'{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required"}}',
        Peek("response", 1, b"1", result_type="input_required"),
    ),
    (
        b'{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"x"}}',
        Peek("response", 1, b"1", is_error=True, error_code=-32602),
    ),
    (b'{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}', Peek("response", is_error=True, error_code=1)),
    (b'{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}', Peek("response", is_error=True, error_code=1)),
    (b'{"jsonrpc":"2.0","id":"\\u0061","method":"ping"}', Peek("request", "a", b'"\\u0061"', "ping")),
    (b'{"jsonrpc":"2.0","method":"n","params":{}}', Peek("notification", method="n")),
    (b'{"jsonrpc":"2.0","id":1,"result":{},"x":[{"id":2}]}', Peek("response", 1, b"1", result_type="complete")),
]

REFUSED = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"Server started on port 3000",
    b'{"jsonrpc":"2.0","id":1}',
    b'{"id":1,"result":{}}',
    b'{"jsonrpc":"1.0","id":1,"result":{}}',
    b'{"jsonrpc":"2.0","result":{}}',
    b'{"jsonrpc":"2.0","id":null,"result":{}}',
    b'{"jsonrpc":"2.0","id":1.5,"result":{}}',
    b'{"jsonrpc":"2.0","id":true,"result":{}}',
    b'{"jsonrpc":"2.0","id":1,"result":[]}',
    b'{"jsonrpc":"2.0","id":1,"result":null}',
    b'{"jsonrpc":"2.0","id":1,"error":{"message":"no code"}}',
    b'{"jsonrpc":"2.0","id":1,"error":"x"}',
    b'{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
    b'{"jsonrpc":"2.0","id":1,"method":"x","result":{}}',
    b'{"jsonrpc":"2.0","id":1,"method":5}',
    b'{"jsonrpc":"2.0","id":1,"result":{}}{"jsonrpc":"2.0","id":2,"result":{}}',
    b'{"jsonrpc":"2.0","id":1,"id":2,"result":{}}',
    b'{"jsonrpc":"2.0","id":1,"id":1,"result":{}}',
    b'{"jsonrpc":"2.0", "id":1, "result":{}, "result":{"a":1}}',
    b'{"jsonrpc":"2.0","id":1,"result":{},"\\u0072esult":{}}',
    b'{"jsonrpc":"2.0","id":1,"result":{},"Result":{}}',
    b'{"jsonrpc":"2.0","ID":1,"result":{}}',
    b'{"jsonrpc":"2.0","id":1,"result":{"a":"\n"}}',
    b'{"jsonrpc":"2.0","id":1,"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"result":{}}',
    b'{"jsonrpc":"2.0","id":"\xff","result":{}}',
    b'{"\xff":1,"jsonrpc":"2.0","id":1,"result":{}}',
]


@pytest.mark.parametrize(("data", "expected"), SEEN)
def test_what_is_seen(data: bytes, expected: Peek) -> None:
    assert peek(data) == expected


@pytest.mark.parametrize("data", REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_passed_on(data: bytes) -> None:
    with pytest.raises(WireError):
        peek(data)
