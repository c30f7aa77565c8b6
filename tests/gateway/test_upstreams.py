"""Servers that misbehave, over HTTP: the agent gets one clear answer, and the ledger knows what is known."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from tests.gateway.agent import (
    INITIALIZE,
    JSON,
    PATIENCE,
    HttpAgent,
    StdioAgent,
    call,
    describing,
    modern,
    notification,
    request,
    words,
)
from tests.gateway.faulty import Act, Exchange, Faulty, serving
from tests.gateway.place import Place, until

NOBODY_CAN_SAY = "Nobody can say whether the call took effect."


def reply(status: int, body: bytes, kind: str = "application/json", **lines: str) -> Act:
    return lambda exchange, _: exchange.reply(status, body, kind, **lines)


def half_an_answer(exchange: Exchange, _: Any) -> None:
    exchange.send_response(200)
    exchange.send_header("Content-Type", "application/json")
    exchange.send_header("Content-Length", "1000")
    exchange.end_headers()
    exchange.wfile.write(b'{"jsonrpc":"2.0"')
    exchange.close_connection = True


def reset(exchange: Exchange, _: Any) -> None:
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.close_connection = True


def half_a_stream(exchange: Exchange, _: Any) -> None:
    exchange.begin_stream()
    exchange.event(notification("notifications/message", {"level": "info", "data": "working"}))


def flood(exchange: Exchange, message: Any) -> None:
    exchange.begin_stream()
    for _ in range(200):
        exchange.event(notification("notifications/message", {"level": "info", "data": "x" * 20_000}))
    exchange.event({"jsonrpc": "2.0", "id": message["id"], "result": {"content": [{"type": "text", "text": "done"}]}})


def two_answers_in_one(exchange: Exchange, message: Any) -> None:
    exchange.begin_stream()
    exchange.event('{"jsonrpc":"2.0","id":1,"id":2,"result":{}}')
    exchange.event("not json")
    exchange.event({"jsonrpc": "2.0", "id": message["id"], "result": {"content": [{"type": "text", "text": "done"}]}})


LOST: dict[str, tuple[Act, str]] = {
    "nonsense": (reply(200, b"{nonsense"), "something that is no response to it"),
    "batch": (reply(200, b"[]"), "something that is no response to it"),
    "empty": (reply(200, b""), "something that is no response to it"),
    "wrong_id": (reply(200, b'{"jsonrpc":"2.0","id":99,"result":{}}'), "something that is no response to it"),
    "html": (reply(200, b"<html>", "text/html"), "with text/html, not with JSON or events"),
    "redirect": (reply(307, b"", Location="https://elsewhere.example/mcp"), "redirects are never followed"),
    "half": (half_an_answer, "the connection was lost before the whole answer came"),
    "reset": (reset, "the connection was lost before the whole answer came"),
    "half_a_stream": (half_a_stream, "the server ended the stream before its answer"),
    "broken": (reply(500, b"<html>", "text/html"), "with HTTP 500"),
    "overloaded": (reply(503, b"busy", "text/plain"), "with HTTP 503"),
    "silent": (lambda exchange, _: exchange.hang(), "no answer for 1 s"),
}
REFUSED: dict[str, tuple[Act, str]] = {
    "unauthorized": (reply(401, b"{}", WWW_Authenticate="Bearer"), "refused the gateway's own credential"),
    "forbidden": (reply(403, b""), "refused the gateway's own credential"),
}
FINE: dict[str, Act] = {"flood": flood, "two_answers_in_one": two_answers_in_one}
ACTS = {**{name: act for name, (act, _) in {**LOST, **REFUSED}.items()}, **FINE}


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    with serving(ACTS) as server:
        yield server


def of(server: Faulty, place: Place, policy: str = "version: 1\ndefault: allow\n", **more: Any) -> dict[str, Any]:
    return {"faulty": {"url": server.url, "policy": str(place.policy(policy)), "timeout": 1, **more}}


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_every_way_to_lose_an_answer_over_http(place: Place, faulty: Faulty, era: str) -> None:
    with place.serving(of(faulty, place)) as gateway:
        agent = gateway.agent("faulty")
        send = agent.ask if era == "modern" else agent.post
        for name, (_, why) in LOST.items():
            answer = send(call(name))
            assert answer.status == 200, name
            assert why in words(answer.message), name
            assert words(answer.message).endswith(NOBODY_CAN_SAY), name
        for name in FINE:
            assert words(send(call(name)).message) == "done"
    assert place.outcomes() == ["unknown"] * len(LOST) + ["returned"] * len(FINE)
    assert len(place.records("call.intent")) == len(faulty.calls)


def test_every_way_to_lose_an_answer_over_stdio(place: Place, faulty: Faulty) -> None:
    names = [name for name in LOST if name != "silent"]
    with place.running(None, "--upstream", faulty.url) as agent:
        for name in names:
            agent.say(call(name, id=name))
            answer = answer_to(agent, name)
            assert LOST[name][1] in words(answer), name
        for name in FINE:
            agent.say(call(name, id=name))
            assert words(answer_to(agent, name)) == "done"
    assert place.outcomes() == ["unknown"] * len(names) + ["returned"] * len(FINE)


def answer_to(agent: StdioAgent, id: str) -> Any:
    for _ in range(1000):
        message = agent.hear()
        if message.get("id") == id:
            return message
    raise AssertionError(f"{id} was never answered")


def test_the_upstreams_own_refusals_are_no_refusals_of_the_agent(place: Place, faulty: Faulty) -> None:
    with place.serving(of(faulty, place)) as gateway:
        for name, (_, why) in REFUSED.items():
            answer = gateway.agent("faulty").ask(call(name))
            assert answer.status == 502
            assert why in answer.message["error"]["message"]
            assert "www-authenticate" not in answer.headers


def test_what_an_agent_has_of_its_own_stays_and_what_the_gateway_has_goes(place: Place, faulty: Faulty) -> None:
    servers = of(faulty, place, headers={"Authorization": "Bearer upstreams"})
    with place.serving(servers) as gateway:
        token = place.token("faulty")
        private = (("Cookie", "a=b"), ("X-Forwarded-For", "10.0.0.1"), ("Proxy-Authorization", "Basic x"))
        answer = gateway.agent("faulty", token).ask(call("any"), private)
        assert words(answer.message) == "done"
    head = faulty.heads[-1]
    assert head["authorization"] == "Bearer upstreams"
    assert token not in json.dumps(faulty.heads)
    assert not {"cookie", "x-forwarded-for", "proxy-authorization"} & set(head)
    assert not {"set-cookie", "www-authenticate", "server"} & set(answer.headers)


def test_an_upstreams_session_id_is_sealed_for_its_principal(place: Place, faulty: Faulty) -> None:
    with place.serving(of(faulty, place)) as gateway:
        ann = gateway.agent("faulty", place.token("faulty", "ann"))
        bob = gateway.agent("faulty", place.token("faulty", "bob"))
        session = ann.session()
        assert "upstreams-own-session" not in dict(session)["Mcp-Session-Id"]
        assert words(ann.post(call("any"), session).message) == "done"
        assert faulty.heads[-1]["mcp-session-id"] == "upstreams-own-session"
        seen = len(faulty.heads)
        stolen = bob.post(call("any"), session)
        forged = ann.post(call("any"), (("Mcp-Session-Id", "upstreams-own-session"),))
        twice = ann.post(call("any"), (*session, session[0]))
        assert [answer.status for answer in (stolen, forged, twice)] == [404, 404, 404]
        assert stolen.message["id"] == 1
        assert len(faulty.heads) == seen
        assert ann.send("DELETE", lines=session).status == 204
        assert faulty.heads[-1]["mcp-session-id"] == "upstreams-own-session"


def test_a_notification_that_fails_upstream_is_said(place: Place, faulty: Faulty) -> None:
    note = notification("notifications/roots/list_changed", {"name": "broken"})
    with place.serving(of(faulty, place)) as gateway:
        agent = gateway.agent("faulty")
        assert agent.post(notification("notifications/initialized")).status == 202
        answer = agent.post(note)
        assert (answer.status, "id" in answer.message) == (502, False)
    with place.running(None, "--upstream", faulty.url) as agent_on_stdio:
        agent_on_stdio.say(note)
        assert words(agent_on_stdio.ask(call("any"))) == "done"
    assert "did not arrive: the server took the message with HTTP 500" in place.said


def test_a_server_that_is_not_there(place: Place, free_port: int) -> None:
    servers = {"gone": {"url": f"http://127.0.0.1:{free_port}/mcp", "policy": str(place.policy(LIMITED))}}
    with place.serving(servers) as gateway:
        for _ in range(3):
            answer = words(gateway.agent("gone").ask(call("any")).message)
            assert "cannot connect" in answer
            assert answer.endswith("The call was not sent.")
        assert gateway.agent("gone").post(notification("notifications/initialized")).status == 502
        listing = gateway.agent("gone").ask(request("tools/list"))
        assert listing.message["error"]["code"] == -31002
    assert place.outcomes() == ["not_sent"] * 3


LIMITED = "version: 1\ntools: {any: {rate_limit: 1/minute}}\n"


def test_an_agent_on_stdio_hears_what_belongs_to_no_request(place: Place) -> None:
    def listen(exchange: Exchange, _: Any) -> None:
        exchange.begin_stream()
        exchange.event(notification("notifications/tools/list_changed"))
        exchange.hang()

    with serving({"GET": listen}) as server, place.running(None, "--upstream", server.url) as agent:
        agent.greet()
        assert agent.hear()["method"] == "notifications/tools/list_changed"
    listening = next(
        head for head, message in zip(server.heads, server.messages, strict=True) if message["method"] == "GET"
    )
    assert listening["mcp-session-id"] == "upstreams-own-session"


@pytest.mark.parametrize("status", [200, 400])
def test_a_hidden_tool_is_answered_as_the_server_answers_a_missing_one(place: Place, status: int) -> None:
    def unknown(exchange: Exchange, message: Any) -> None:
        if message["params"]["name"] == "any":
            exchange.answer(message, {"content": []})
            return
        error = {"code": -32602, "message": f'no "{message["params"]["name"]}" here'}
        body = json.dumps({"id": message["id"], "error": error, "jsonrpc": "2.0"}, indent=1).encode()
        exchange.reply(status, body)

    class Whatever(dict[str, Act]):
        def get(self, name: str, usual: Any = None) -> Any:
            return usual if "/" in name else unknown

    with serving(Whatever()) as server, place.serving(of(server, place, HIDING)) as gateway:
        agent = gateway.agent("faulty")
        for send in (agent.ask, agent.post):
            hidden, missing = send(call("secret")), send(call("absent"))
            assert hidden.body == missing.body.replace(b"absent", b"secret")
            assert (hidden.status, hidden.lines) == (missing.status, missing.lines)
    assert "secret" not in json.dumps(server.messages)


HIDING = "version: 1\ndefault: allow\nhide: [secret]\n"


def test_a_disconnect_cancels_on_the_stateless_wire_only(place: Place) -> None:
    may_answer = Event()

    def late(exchange: Exchange, message: Any) -> None:
        may_answer.wait(PATIENCE)
        exchange.answer(message, {"content": []})

    with serving({"late": late}) as server, place.serving(of(server, place, timeout=60)) as gateway:
        agent = gateway.agent("faulty")
        modern_call, legacy_call = modern(call("late")), call("late")
        modern_wire = agent.begun("POST", json.dumps(modern_call).encode(), (JSON, *describing(modern_call)))
        legacy_wire = agent.begun("POST", json.dumps(legacy_call).encode(), (JSON,))
        until(lambda: len(server.calls) == 2)
        modern_wire.close()
        legacy_wire.close()
        until(lambda: place.outcomes() == ["unknown"])
        may_answer.set()
        until(lambda: place.outcomes() == ["unknown", "returned"])
    assert place.records("call.outcome")[0]["reason"] == "the agent went away before the answer"


def test_initialize_is_what_it_says(place: Place, faulty: Faulty) -> None:
    with place.serving(of(faulty, place)) as gateway:
        answer = HttpAgent(gateway.port, "faulty").post(request("initialize", INITIALIZE))
        assert answer.message["result"]["serverInfo"]["name"] == "faulty"
