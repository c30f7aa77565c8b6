"""What an approval is bound to: all of a tool's definition, whatever member it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ostiary.approvals import definition_digest
from ostiary.enforcement.inquiry import Inquiry
from ostiary.model import Tool
from ostiary.ports import Origin
from ostiary.wire.message import Request
from tests.conversation.fakes import Upstream

NOTE: dict[str, Any] = {"name": "note", "description": "Adds a note.", "inputSchema": {"type": "object"}}


def listed(definition: dict[str, Any]) -> Inquiry:
    inquiry = Inquiry("desk", Upstream(), lambda *_given, **_named: None)
    request = Request(1, "tools/list", {}, b"")
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"tools": [definition]}}
    inquiry.learn(json.dumps(answer).encode(), request, Origin("ann"), is_first=True)
    return inquiry


def bound(definition: dict[str, Any]) -> str:
    inquiry = listed(definition)
    return definition_digest(inquiry.exact(inquiry.known("note")))


@pytest.mark.parametrize("member", ["title", "outputSchema", "_meta", "execution", "icons", "x-vendor"])
def test_any_member_of_the_definition_counts(member: str) -> None:
    assert bound({**NOTE, member: {"a": 1}}) != bound(NOTE)


def test_the_order_of_members_does_not() -> None:
    assert bound(dict(reversed(NOTE.items()))) == bound(NOTE)


def test_a_tool_that_nobody_listed_is_bound_by_what_is_known_of_it() -> None:
    inquiry = listed(NOTE)
    assert inquiry.exact(Tool("other", "desk")).digest == ""
    assert definition_digest(Tool("other", "desk")) != definition_digest(Tool("another", "desk"))
