from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.enforcement.masking import WITHHELD, Mask, Unmaskable
from ostiary.model import Redaction
from ostiary.policy.sensitive import MASK

KEY = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
BOTH = Mask(Redaction(("pii", "secrets")))


def masked(result: Any, *patterns: str) -> Any:
    mask = Mask(Redaction(patterns or ("pii", "secrets")))
    said = mask.message(json.dumps({"jsonrpc": "2.0", "id": 7, "result": result}).encode())
    assert mask.message(said) == said
    return json.loads(said)["result"]


def text(words: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": words}]}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nothing to see", "nothing to see"),
        (f"the key is {KEY}.", f"the key is {MASK}."),
        ("AKIAIOSFODNN7EXAMPLE", MASK),
        ("Authorization: Bearer abcdefghijklmnop", f"Authorization: Bearer {MASK}"),
        ("postgres://app:s3cret@db/x", f"postgres://app:{MASK}@db/x"),
        ("DB_PASSWORD=hunter2 and more", f"DB_PASSWORD={MASK} and more"),
        ('{"password": "hunter2", "n": 1}', f'{{"password":"{MASK}","n":1}}'),
        (r'{"mail": "ann\u0040example.com"}', f'{{"mail":"{MASK}"}}'),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nafter", f"{MASK}\nafter"),
        ("-----BEGIN PRIVATE KEY-----\nMII", MASK),
        ("write to ann@example.com, please", f"write to {MASK}, please"),
        ("card 4111 1111 1111 1111", f"card {MASK}"),
        ("order 4111 1111 1111 1112", "order 4111 1111 1111 1112"),
        ("DE89 3704 0044 0532 0130 00", MASK),
        ("DE00 3704 0044 0532 0130 00", "DE00 3704 0044 0532 0130 00"),
        ("SSN 078-05-1120", f"SSN {MASK}"),
        ("call +49 170 1234567", f"call {MASK}"),
    ],
)
def test_what_the_named_sets_find(words: str, expected: str) -> None:
    assert masked(text(words)) == text(expected)


def test_a_pattern_of_ones_own() -> None:
    assert masked(text("EMP-1234 and EMP-99"), r"EMP-[0-9]{4}") == text(f"{MASK} and EMP-99")
    assert masked(text("words"), r"\w+") == text(MASK)


def test_structured_content_is_masked_by_form_and_by_name() -> None:
    found = masked(
        {
            "content": [],
            "structuredContent": {
                "apiKey": "short",
                "next_page_token": "abc",
                "tokens_used": 5,
                "list": [{"password": {"old": "a"}}, KEY],
                "card": 4111111111111111,
                "price": 1.50,
                "ann@example.com": 1,
                "eve@example.com": 2,
            },
        }
    )["structuredContent"]
    assert found == {
        "apiKey": MASK,
        "next_page_token": "abc",
        "tokens_used": 5,
        "list": [{"password": MASK}, MASK],
        "card": MASK,
        "price": 1.5,
        MASK: 1,
        f"{MASK} 2": 2,
    }


def test_what_nobody_can_look_into_is_withheld() -> None:
    note = {"type": "text", "text": WITHHELD}
    items: list[Any] = [
        {"type": "image", "data": "AAAA", "mimeType": "image/png"},
        {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"},
        {"type": "hologram", "beams": "AAAA"},
        {"text": "no type"},
        {"type": "resource", "resource": {"uri": "x://a", "blob": "AAAA"}},
        {"type": "resource", "resource": {"uri": f"x://{KEY}", "text": KEY}},
        {"type": "resource_link", "uri": "x://a", "name": KEY},
    ]
    assert masked({"content": items})["content"] == [
        note,
        note,
        note,
        note,
        {"type": "resource", "resource": {"uri": "x://a", "text": WITHHELD}},
        {"type": "resource", "resource": {"uri": f"x://{MASK}", "text": MASK}},
        {"type": "resource_link", "uri": "x://a", "name": MASK},
    ]


def test_a_task_and_what_it_came_to() -> None:
    task = {"resultType": "complete", "status": "completed", "result": text(KEY) | {"resultType": "complete"}}
    assert masked(task) == {**task, "result": text(MASK) | {"resultType": "complete"}}
    assert masked({"resultType": "complete", "content": []}, "complete")["resultType"] == "complete"


def test_errors_and_notifications_tell_as_much() -> None:
    error = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": KEY, "data": {"token": "a"}}}
    assert json.loads(BOTH.message(json.dumps(error).encode()))["error"] == {
        "code": -32000,
        "message": MASK,
        "data": {"token": MASK},
    }
    note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": KEY}}
    assert json.loads(BOTH.message(json.dumps(note).encode()))["params"] == {"data": MASK}


def test_what_needs_no_mask_stays_byte_for_byte() -> None:
    data = b'{ "jsonrpc":"2.0", "id":1,\n "result":{"content":[],"n":1.500} }'
    assert BOTH.message(data) is data
    changed = BOTH.message(b'{"result":{"structuredContent":{"n":1.500,"big":123456789012345678901,"token":"x"}}}')
    assert b"1.500" in changed
    assert b"123456789012345678901" in changed


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"nonsense", b'{"result":{"a":1,"a":2}}', b'{"result":"\\ud800"}', b'{"result":1e999}', b"\xff"],
)
def test_what_cannot_be_read_in_exactly_one_way_is_unmaskable(data: bytes) -> None:
    with pytest.raises(Unmaskable):
        BOTH.message(data)


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=12),
    st.sampled_from([KEY, "ann@example.com", "a{b", "[]"]),
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["content", "type", "text", "password", "blob", "resource", "result", KEY]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(values)
def test_masking_is_idempotent_and_leaves_no_secret(value: Any) -> None:
    said = BOTH.message(json.dumps({"result": value}).encode())
    assert KEY.encode() not in said
    assert BOTH.message(said) == said


def test_the_state_of_a_question_goes_back_to_the_server_as_it_came() -> None:
    asked = {"resultType": "input_required", "requestState": KEY, "inputRequests": {"a": {"message": KEY}}}

    said = masked(asked)

    assert said["requestState"] == KEY
    assert said["inputRequests"]["a"]["message"] == MASK
    assert masked({"requestState": KEY})["requestState"] == MASK
