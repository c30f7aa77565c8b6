"""Batches (2025-03-26): each member as strict as a message of its own, all or none."""

from __future__ import annotations

import pytest

from ostiary.errors import WireError
from ostiary.wire.json import Bounds
from ostiary.wire.message import MOST_MEMBERS, Notification, Request, is_batch, read_batch

ONE = b'{"jsonrpc":"2.0","id":1,"method":"a"}'
TOLD = b'{"jsonrpc": "2.0", "method": "b", "params": {"x": 1.50}}'


def test_members_keep_their_bytes_and_their_order() -> None:
    first, second = read_batch(b" [ " + ONE + b" ,\n" + TOLD + b"] ")
    assert isinstance(first, Request)
    assert isinstance(second, Notification)
    assert (first.raw, second.raw) == (ONE, TOLD)


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"[1]",
        b"[" + ONE + b",1]",
        b"[[" + ONE + b"]]",
        b"[" + ONE + b"," + ONE + b"]",
        b"[" + ONE,
        b"[" + ONE + b"]x",
        b"[" + ONE + b",]",
        b"\xef\xbb\xbf[" + ONE + b"]",
        b'[{"jsonrpc":"2.0","id":1,"method":"initialize"}]',
        b'[{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}]',
        b'[{"jsonrpc":"2.0","id":1,"method":"a\xff"}]',
        b'[{"jsonrpc":"2.0","id":1,"Method":"a"}]',
        b"[" * 100_000,
        b"[" + b",".join(b'{"jsonrpc":"2.0","id":%d,"method":"a"}' % n for n in range(MOST_MEMBERS + 1)) + b"]",
    ],
)
def test_one_bad_member_refuses_all(data: bytes) -> None:
    with pytest.raises(WireError) as refused:
        read_batch(data)
    assert refused.value.code in (-32600, -32700)


def test_a_batch_has_the_size_of_a_message_at_most() -> None:
    with pytest.raises(WireError) as refused:
        read_batch(b"[" + ONE + b"]", Bounds(size=10))
    assert refused.value.status == 413


@pytest.mark.parametrize(("data", "is_one"), [(b" \n[", True), (b"{", False), (b"", False), (b"\xef\xbb\xbf[", False)])
def test_a_batch_is_told_by_its_first_byte(data: bytes, is_one: bool) -> None:
    assert is_batch(data) is is_one
