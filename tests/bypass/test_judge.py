"""The judge is what all of it rests on: it has to object to every trick, and to nothing honest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bypass.judge import fold, objection
from tests.bypass.message import META, Era, call, request, text


def of(name: str, arguments: Any = None, **more: Any) -> bytes:
    return text({**call(Era.MODERN, name, arguments), **more})


@pytest.mark.parametrize(
    "body",
    [
        of("allowed"),
        of("limited", {"amount": 500}),
        of("matched", {"value": "/srv/data/ok"}),
        of("unknown_1234"),
        of("allowed", {"The": 1, "the": 2}),
        text(request(Era.LEGACY, "tools/list")),
        b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
        b'{"jsonrpc":"2.0","id":1,"result":{}}',
        b" \t" + of("allowed") + b"\r\n",
    ],
)
def test_nothing_honest_is_objected_to(body: bytes) -> None:
    assert objection(body) is None


@pytest.mark.parametrize(
    "body",
    [
        of("denied"),
        of("hidden"),
        of("Denied"),
        of("dеnied"),
        of("denied\u200b"),
        of("upstream/denied"),
        of("limited", {"amount": 501}),
        of("limited", {"amount": "500"}),
        of("limited", {"amount": True}),
        of("limited", {}),
        of("limited", {"amount": 1, "Amount": 501}),
        of("matched", {"value": "/srv/data/ok\n"}),
        of("allowed", {"a": {"b\0": 1}}),
        of("allowed").replace(b'"name":"allowed"', b'"name":"denied","name":"allowed"'),
        of("allowed").replace(b'"name"', b'"\\u006eame":"denied","name"'),
        of("allowed", {"a": "HERE"}).replace(b'"HERE"', b"1e400"),
        of("allowed", {"a": "HERE"}).replace(b'"HERE"', b"NaN"),
        of("allowed", {"a": "HERE"}).replace(b'"HERE"', b'"\\ud800"'),
        of("allowed", Method="x"),
        of("allowed", method="tools/call "),
        of("allowed") + of("allowed"),
        b"[" + of("denied") + b"]",
        b"\xef\xbb\xbf" + of("allowed"),
        of("allowed").decode().encode("utf-16"),
        b"[" * 100_000,
        b"[]",
        b"1",
        text({key: value for key, value in call(Era.LEGACY, "allowed").items() if key != "id"}),
    ],
)
def test_every_trick_is(body: bytes) -> None:
    assert objection(body)


@pytest.mark.parametrize(
    "lines", [{"mcp-name": ["denied"]}, {"mcp-name": ["allowed", "denied"]}, {"mcp-method": ["ping"]}]
)
def test_headers_that_tell_another_story_are(lines: dict[str, list[str]]) -> None:
    assert objection(of("allowed"), lines)


@pytest.mark.parametrize("lines", [{}, {"mcp-name": ["allowed"]}, {"mcp-name": ["=?base64?YWxsb3dlZA==?="]}])
def test_true_headers_are_not(lines: dict[str, list[str]]) -> None:
    assert objection(of("allowed"), lines) is None


def test_names_are_folded_as_the_laxest_reader_would() -> None:
    assert {fold(name) for name in ("DENIED", "ｄenied", "dеnied", "de\u00adnied", " denied.", "denied\0")} == {
        "denied"
    }
    assert json.loads(text(META)) == dict(META)
