"""What a gateway takes on at most, as agents meet it: sizes, times, numbers; and what `/metrics` tells of all that."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from tests.gateway.agent import INITIALIZE, JSON, PATIENCE, call, describing, modern, notification, request, words
from tests.gateway.place import Gateway, Place, until

SMALL: dict[str, int] = {
    "headers": 20,
    "head": 2000,
    "head_timeout": 1,
    "body_timeout": 1,
    "keep_alive": 1,
    "connections": 6,
    "requests_per_principal": 2,
    "streams_per_session": 1,
    "depth": 10,
}


@contextmanager
def small(place: Place, **more: int) -> Iterator[Gateway]:
    with place.serving(limits={**SMALL, "connections": 50, "requests_per_principal": 50, **more}) as gateway:
        yield gateway


@contextmanager
def raw(gateway: Gateway, data: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE) as connection:
        connection.sendall(data)
        yield connection


def told(connection: socket.socket) -> bytes:
    """Everything up to the end of the connection."""
    parts: list[bytes] = []
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def head(*lines: str) -> bytes:
    whole = ("POST /mcp/desk HTTP/1.1", "Host: localhost", "Content-Type: application/json", *lines)
    return "\r\n".join((*whole, "", "")).encode()


def measured(gateway: Gateway) -> dict[str, float]:
    text = gateway.agent().send("GET", path="/metrics").body.decode()
    return {name: float(value) for name, value in re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)}


class TestTimes:
    @pytest.mark.parametrize(
        "data", [b"P", b"\r\n", head()[:-4], head("Content-Length: 5"), head("Content-Length: 5") + b"{"]
    )
    def test_a_request_that_stops_on_its_way_is_ended(self, place: Place, data: bytes) -> None:
        with small(place) as gateway, raw(gateway, data) as connection:
            assert told(connection).startswith(b"HTTP/1.1 408 ")
            assert measured(gateway)['ostiary_refusals_total{reason="slow"}'] == 1

    def test_a_connection_that_says_nothing_is_ended(self, place: Place) -> None:
        with small(place) as gateway, raw(gateway) as connection:
            assert told(connection) == b""

    def test_one_that_says_nothing_more_is_too(self, place: Place) -> None:
        with small(place) as gateway, raw(gateway, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
            assert told(connection).endswith(b"ok\n")

    def test_an_answer_under_way_is_nobodys_slowness(self, place: Place) -> None:
        body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait"}}'
        with small(place) as gateway:
            lines = gateway.agent().session()
            said = [f"{name}: {value}" for name, value in lines]
            with raw(gateway, head(*said, f"Content-Length: {len(body)}") + body + b"\r\nP") as connection:
                connection.settimeout(2.5)
                with pytest.raises(TimeoutError):
                    assert b"HTTP/1.1 4" not in told(connection)


class TestSizes:
    @pytest.mark.parametrize(
        "data",
        [
            head(*(f"X-{index}: x" for index in range(30))),
            head(f"X: {'x' * 3000}"),
            head("X: " + "x" * 3000)[:-4],
            b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    def test_a_head_that_is_too_large_is_refused(self, place: Place, data: bytes) -> None:
        with small(place) as gateway, raw(gateway, data) as connection:
            assert told(connection).startswith(b"HTTP/1.1 431 ")
            assert measured(gateway)['ostiary_refusals_total{reason="head"}'] == 1

    def test_a_body_in_many_pieces_is_no_head(self, place: Place) -> None:
        body = json.dumps(modern(call("read_note", {"a": "x" * 300_000}))).encode()
        lines = [f"{name}: {value}" for name, value in describing(call("read_note"))]
        with small(place) as gateway, raw(gateway, head(*lines, f"Content-Length: {len(body)}")) as connection:
            for start in range(0, len(body), 50_000):
                connection.sendall(body[start : start + 50_000])
            assert connection.recv(12) == b"HTTP/1.1 200"

    def test_many_small_requests_in_one_piece_are_not(self, place: Place) -> None:
        one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with small(place) as gateway, raw(gateway, one * 200) as connection:
            assert told(connection).count(b"HTTP/1.1 200 ") == 200

    def test_a_message_that_is_too_deep_is_refused(self, place: Place) -> None:
        deep: list[Any] = []
        for _ in range(20):
            deep = [deep]
        with small(place) as gateway:
            answer = gateway.agent().ask(call("read_note", {"a": deep}))
            assert (answer.status, answer.message["error"]["code"]) == (400, -32600)


class TestNumbers:
    def test_connections(self, place: Place) -> None:
        with small(place, connections=3, head_timeout=60) as gateway:
            held = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(3)]
            with raw(gateway) as connection:
                assert told(connection).startswith(b"HTTP/1.1 503 ")
            held.pop().close()
            until(lambda: gateway.agent().send("GET", path="/healthz").status == 200)
            for one in held:
                one.close()

    def test_requests_of_one_principal(self, place: Place) -> None:
        with small(place, requests_per_principal=2) as gateway:
            agent = gateway.agent()
            message = call("wait")
            waiting = [agent.begun("POST", *_sent(message)) for _ in range(2)]
            until(lambda: len(place.calls("wait")) == 2)
            answer = agent.ask(call("read_note"))
            assert (answer.status, answer.headers["retry-after"]) == (429, "1")
            assert measured(gateway)['ostiary_refusals_total{reason="crowd"}'] == 1
            waiting.pop().close()
            until(lambda: agent.ask(call("read_note")).status == 200)
            waiting.pop().close()

    def test_streams_of_one_session(self, place: Place) -> None:
        with small(place) as gateway:
            agent = gateway.agent()
            lines, others = agent.session(), agent.session()
            with agent.opened("GET", lines=lines) as stream:
                assert stream.status == 200
                assert agent.send("GET", lines=lines).status == 429
                seen = measured(gateway)
                assert (seen["ostiary_streams"], seen["ostiary_requests"]) == (1, 1)
                with agent.opened("GET", lines=others) as another:
                    assert another.status == 200

    @pytest.mark.parametrize("limit", ["sessions", "sessions_per_principal"])
    def test_sessions_of_a_command(self, place: Place, limit: str) -> None:
        with small(place, **{limit: 1}) as gateway:
            agent = gateway.agent()
            lines = agent.session()
            refused = agent.post(request("initialize", INITIALIZE))
            assert (refused.status, refused.headers["retry-after"]) == (503, "60")
            assert measured(gateway)['ostiary_refusals_total{reason="sessions"}'] == 1
            assert agent.send("DELETE", lines=lines).status == 204
            agent.session()


class TestMetrics:
    def test_what_happened_is_counted(self, place: Place) -> None:
        policy = place.policy("version: 1\nhide: [secret_note]\ntools: {read_note: {}, delete_note: {action: deny}}\n")
        with place.serving({"desk": {"command": place.desk, "policy": str(policy)}}) as gateway:
            agent = gateway.agent()
            for tool in ("read_note", "read_note", "delete_note", "secret_note"):
                agent.ask(call(tool))
            agent.send("POST", b"{", (JSON,))
            agent.send("POST", b"{}", (("Host", "evil.example"), JSON))
            agent.post(modern(call("read_note")), describing(call("delete_note")))
            agent.post(notification("notifications/x"), (("Mcp-Session-Id", "x"),))
            seen = measured(gateway)
        decided = [
            seen[f'ostiary_decisions_total{{server="desk",effect="{one}"}}'] for one in ("allow", "deny", "hide")
        ]
        assert decided == [2, 1, 1]
        reasons = ("message", "host", "header", "session")
        refused = [seen[f'ostiary_refusals_total{{reason="{why}"}}'] for why in reasons]
        assert refused == [1, 1, 1, 1]
        assert seen['ostiary_outcomes_total{outcome="returned"}'] == 2
        assert seen["ostiary_call_seconds_count"] == seen['ostiary_call_seconds_bucket{le="+Inf"}'] == 2
        assert seen['ostiary_sessions{server="desk"}'] == seen['ostiary_children{server="desk"}'] == 1
        assert seen["ostiary_connections"] == 1
        assert seen["ostiary_ledger_failures_total"] == 0

    def test_they_are_for_this_machine_unless_somebody_says_else(self, place: Place) -> None:
        with place.serving(metrics=False) as gateway:
            assert gateway.agent().send("GET", path="/metrics").status == 404
        with place.serving() as gateway:
            assert gateway.agent().send("GET", lines=(("Host", "evil.example"),), path="/metrics").status == 403
            assert words(gateway.agent().ask(call("read_note")).message).startswith("read_note")
            assert gateway.agent().ask(request("tools/list")).status == 200


def _sent(message: dict[str, Any]) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    return json.dumps(modern(message)).encode(), (JSON, *describing(message))
