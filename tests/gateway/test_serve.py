"""`ostiary serve` as agents meet it: who is let in, what is heard, and how it ends."""

from __future__ import annotations

import json
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway.agent import (
    INITIALIZE,
    JSON,
    Answer,
    HttpAgent,
    Lines,
    call,
    describing,
    modern,
    notification,
    request,
    words,
)
from tests.gateway.place import ALLOW, Gateway, Place, are_gone, complaints, until

RULES = """
version: 1
hide: [secret_note]
tools:
  read_note: {}
  delete_note: {action: deny, reason: Notes are kept}
  wait: {}
  die: {}
resources:
  "file:///etc/*": {action: deny, reason: The system is none of its business}
  "file:///hidden": {action: hide}
  "file:///once": {rate_limit: 1/hour}
prompts:
  forbidden: {action: deny}
  hidden: {action: hide}
"""


class Open:
    """An open gateway on loopback that several tests talk to."""

    def __init__(self, place: Place, gateway: Gateway) -> None:
        self.place = place
        self.gateway = gateway
        self.agent = gateway.agent()


@pytest.fixture(scope="module")
def open_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    place = Place(tmp_path_factory.mktemp("open"))
    servers = {"desk": {"command": place.desk, "policy": str(place.policy(RULES))}}
    with place.serving(servers, limits={"body": 6_000_000}) as gateway:
        yield Open(place, gateway)
    assert complaints(place.said) == [], place.said


def test_it_says_where_to_connect_and_what_is_open(open_gateway: Open) -> None:
    port = open_gateway.gateway.port
    assert f"http://127.0.0.1:{port}/mcp/desk -> {open_gateway.place.path}/policy.yaml" in open_gateway.place.said
    assert "no grants: everybody on this machine may connect" in open_gateway.place.said
    assert open_gateway.agent.send("GET", path="/healthz").body == b"ok\n"


def test_a_conversation_without_sessions(open_gateway: Open) -> None:
    agent = open_gateway.agent
    allowed = agent.ask(call("read_note", {"id": 1}))
    assert (allowed.status, allowed.headers["content-type"]) == (200, "application/json")
    assert words(allowed.message) == 'read_note {"id": 1}'
    denied = agent.ask(call("delete_note"))
    assert (denied.status, denied.headers["content-type"]) == (200, "application/json")
    assert words(denied.message) == "Policy violation: Notes are kept. Do not retry."
    listed = agent.ask(request("tools/list")).message["result"]
    assert [tool["name"] for tool in listed["tools"]] == ["read_note", "delete_note"]
    assert listed["cacheScope"] == "private"


def test_a_conversation_in_a_session(open_gateway: Open) -> None:
    agent = open_gateway.agent
    session = agent.session()
    assert words(agent.post(call("read_note"), session).message) == "read_note {}"
    assert words(agent.post(call("delete_note"), session).message).startswith("Policy violation")
    with agent.opened("GET", lines=session) as stream:
        assert (stream.status, stream.getheader("Content-Type")) == (200, "text/event-stream")
    assert agent.send("DELETE", lines=session).status == 204
    ended = agent.post(call("read_note"), session)
    assert (ended.status, ended.message["id"]) == (404, 1)
    assert agent.send("GET", lines=session).status == 404
    assert agent.send("DELETE", lines=session).status == 404
    assert agent.post(call("read_note")).status == 400


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_hidden_is_answered_exactly_like_missing(place: Place, era: str) -> None:
    servers = {"desk": {"command": place.desk, "policy": str(place.policy(ALLOW + "hide: [secret_note]\n"))}}
    with place.serving(servers) as gateway:
        agent = gateway.agent()
        lines = agent.session() if era == "legacy" else ()
        send = agent.post if era == "legacy" else agent.ask
        hidden, missing = send(call("secret_note"), lines), send(call("absent_note"), lines)
    assert hidden.body == missing.body.replace(b"absent", b"secret")
    assert (hidden.status, hidden.lines) == (missing.status, missing.lines)
    assert not place.calls("secret_note")


def test_resources_and_prompts(open_gateway: Open) -> None:
    ask = open_gateway.agent.ask
    assert ask(read("file:///notes")).message["result"]["contents"][0]["text"] == "the text"
    refused = ask(read("file:///etc/passwd")).message["error"]
    assert refused["code"] == -31000
    assert refused["message"] == "Policy violation: The system is none of its business. Do not retry."
    assert refused["data"]["dev.ostiary/decision"]["rule"] == "/resources/file:~1~1~1etc~1*"
    assert ask(read("file:///hidden")).message["error"] == {
        "code": -32602,
        "message": "Resource not found",
        "data": {"uri": "file:///hidden"},
    }
    assert "result" in ask(read("file:///once")).message
    assert "Retry after" in ask(read("file:///once")).message["error"]["message"]
    assert ask(request("prompts/get", {"name": "forbidden"})).message["error"]["code"] == -31000
    assert ask(request("prompts/get", {"name": "hidden"})).message["error"]["message"] == "Unknown prompt: hidden"
    assert "result" in ask(request("prompts/get", {"name": "usual"})).message
    seen = [
        message["params"].get("uri") for message in open_gateway.place.reached if message["method"] == "resources/read"
    ]
    assert seen == ["file:///notes", "file:///once"]


def read(uri: str) -> dict[str, Any]:
    return request("resources/read", {"uri": uri})


BODY = json.dumps(modern(call("read_note"))).encode()
ABOUT = describing(modern(call("read_note")))
REFUSED: dict[str, tuple[int, bytes, Lines]] = {
    "no JSON": (400, b"{", (JSON, *ABOUT)),
    "batch": (400, b"[" + BODY + b"]", (JSON, *ABOUT)),
    "two documents": (400, BODY + BODY, (JSON, *ABOUT)),
    "byte order mark": (400, b"\xef\xbb\xbf" + BODY, (JSON, *ABOUT)),
    "UTF-16": (400, BODY.decode().encode("utf-16"), (JSON, *ABOUT)),
    "no content type": (415, BODY, ABOUT),
    "another content type": (415, BODY, (("Content-Type", "text/plain"), *ABOUT)),
    "two content types": (415, BODY, (JSON, ("Content-Type", "text/plain"), *ABOUT)),
    "compressed": (415, BODY, (JSON, ("Content-Encoding", "gzip"), *ABOUT)),
    "another name": (400, BODY, (JSON, *ABOUT[:2], ("Mcp-Name", "other_note"))),
    "another method": (400, BODY, (JSON, ABOUT[0], ("Mcp-Method", "ping"), ABOUT[2])),
    "no name": (400, BODY, (JSON, *ABOUT[:2])),
    "two names": (400, BODY, (JSON, *ABOUT, ABOUT[2])),
    "no version": (400, BODY, (JSON, *ABOUT[1:])),
    "an unknown version": (400, BODY, (JSON, ("MCP-Protocol-Version", "yesterday"), *ABOUT[1:])),
    "a response": (400, b'{"jsonrpc":"2.0","id":1,"result":{}}', (JSON, ABOUT[0])),
    "a call without an id": (
        400,
        json.dumps({key: value for key, value in modern(call("read_note")).items() if key != "id"}).encode(),
        (JSON, *ABOUT),
    ),
    "foreign host": (403, BODY, (JSON, ("Host", "evil.example"), *ABOUT)),
    "two hosts": (403, BODY, (JSON, ("Host", "localhost"), ("Host", "localhost"), *ABOUT)),
    "foreign origin": (403, BODY, (JSON, ("Origin", "https://evil.example"), *ABOUT)),
    "no origin": (403, BODY, (JSON, ("Origin", "null"), *ABOUT)),
    "too large": (413, b'"' + b"x" * 6_000_000 + b'"', (JSON, *ABOUT)),
    "too large, it says": (413, b"{}", (JSON, ("Content-Length", "6000001"), *ABOUT)),
    "two lengths": (400, BODY, (JSON, ("Content-Length", str(len(BODY))), ("Content-Length", "3"), *ABOUT)),
    "a length and chunks": (400, BODY, (JSON, ("Content-Length", "3"), ("Transfer-Encoding", "chunked"), *ABOUT)),
    "a header of two lines": (400, BODY, (JSON, ("X-Folded", "a\r\n b"), *ABOUT)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_before_it_reaches_anybody(open_gateway: Open, name: str) -> None:
    status, body, lines = REFUSED[name]
    before = len(open_gateway.place.calls())
    answer = open_gateway.agent.send("POST", body, lines)
    assert answer.status == status, answer
    assert len(open_gateway.place.calls()) == before


def test_a_large_message_is_taken_up_to_the_limit_that_was_set(open_gateway: Open) -> None:
    answer = open_gateway.agent.ask(call("read_note", {"text": "x" * 5_500_000}))
    assert len(words(answer.message)) > 5_500_000


def test_chunks_count_too(open_gateway: Open) -> None:
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (7_000_000, b" " * 7_000_000)
    answer = open_gateway.agent.send("POST", body, (JSON, ("Transfer-Encoding", "chunked"), *ABOUT))
    assert answer.status == 413


def test_every_other_path_and_method(open_gateway: Open) -> None:
    agent = open_gateway.agent

    def refused(answer: Answer, status: int) -> None:
        assert answer.status == status
        assert "error" in answer.message

    refused(agent.send("POST", BODY, (JSON, *ABOUT), path="/mcp/nobody"), 404)
    refused(agent.send("POST", BODY, (JSON, *ABOUT), path="/mcp/desk/../desk"), 404)
    refused(agent.send("GET", path="/"), 404)
    refused(agent.send("GET", path="/mcp/"), 404)
    for method in ("PUT", "PATCH", "OPTIONS"):
        answer = agent.send(method, BODY, (JSON,))
        refused(answer, 405)
        assert answer.headers["allow"] == "POST, GET, DELETE"
        assert "access-control-allow-origin" not in answer.headers


def test_two_hundred_agents_with_one_id_get_their_own_answers(open_gateway: Open) -> None:
    agent, count = open_gateway.agent, 200
    waiting = []
    for number in range(count):
        message = modern(call("read_note", {"number": number}))
        waiting.append(agent.begun("POST", json.dumps(message).encode(), (JSON, *describing(message))))
    for number, connection in enumerate(waiting):
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert answer["id"] == 1
        assert words(answer) == f'read_note {{"number": {number}}}'


def test_a_child_that_dies_is_started_again_and_its_call_answered(place: Place) -> None:
    with place.serving() as gateway:
        agent = gateway.agent()
        assert "exited with status 7 before it answered" in words(agent.ask(call("die")).message)
        assert words(agent.ask(call("read_note")).message) == "read_note {}"
        session = agent.session()
        assert "exited with status 7" in words(agent.post(call("die"), session).message)
        until(lambda: agent.post(call("read_note"), session).status == 404)
    assert "[desk] the desk has fallen over" in place.said
    assert place.outcomes()[:3] == ["unknown", "returned", "unknown"]


def test_a_command_that_never_answers(place: Place) -> None:
    servers = {"desk": {"command": place.desk, "policy": str(place.policy(ALLOW)), "timeout": 1}}
    with place.serving(servers) as gateway:
        agent = gateway.agent()
        session = agent.session()
        for answer in (agent.ask(call("wait")), agent.post(call("wait"), session)):
            said = words(answer.message)
            assert "did not answer `tools/call` in 1 s. Nobody can say whether the call took effect." in said
        assert words(agent.post(call("read_note"), session).message) == "read_note {}"
    assert place.outcomes() == ["unknown", "unknown", "returned"]
    assert len([message for message in place.reached if message["method"] == "notifications/cancelled"]) == 2


def test_a_command_that_writes_nonsense(place: Place) -> None:
    script = (
        "import sys\n"
        "for line in sys.stdin:\n"
        "    print('Listening on port 3000', '', '{', '[1,2]', '{\"jsonrpc\":\"2.0\",\"id\":\"other\",\"result\":{}}',"
        ' \'{"jsonrpc":"2.0","id":1,"id":2,"result":{}}\', sep=\'\\n\', flush=True)\n'
    )
    command = [sys.executable, "-S", "-E", "-c", script]
    servers = {"desk": {"command": command, "policy": str(place.policy(ALLOW)), "timeout": 1}}
    with place.serving(servers) as gateway:
        answer = gateway.agent().post(request("initialize", INITIALIZE))
        assert "did not answer `initialize` in 1 s" in answer.message["error"]["message"]
    assert "wrote a line that is no JSON-RPC message; dropped: b'Listening on port 3000'" in place.said


def test_commands_that_cannot_be_started(place: Place) -> None:
    policy = str(place.policy(ALLOW))
    servers = {
        "absent": {"command": ["no-such-program-anywhere"], "policy": policy},
        "useless": {"command": [str(place.policy("", "not-executable"))], "policy": policy},
        "nowhere": {"command": place.desk, "cwd": "/no/such/directory", "policy": policy},
        "dying": {"command": ["/bin/sh", "-c", "echo cannot go on >&2; exit 4"], "policy": policy},
    }
    with place.serving(servers) as gateway:
        said = {name: words(gateway.agent(name).ask(call("any")).message) for name in servers}
    assert "command `no-such-program-anywhere` not found on PATH" in said["absent"]
    assert "cannot be started: Permission denied" in said["useless"]
    assert "no such directory" in said["nowhere"]
    assert "`sh` exited with status 4" in said["dying"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_amid_a_call_leaves_nobody_behind(place: Place, number: signal.Signals) -> None:
    with place.serving() as gateway:
        agent = gateway.agent()
        pids = agent.ask(request("pids", {"offspring": number == signal.SIGKILL})).message["result"]["pids"]
        message = modern(call("wait"))
        waiting = agent.begun("POST", json.dumps(message).encode(), (JSON, *describing(message)))
        until(lambda: place.calls("wait"))
        status = gateway.stop(number)
        if number == signal.SIGTERM:
            answer = json.loads(waiting.getresponse().read())
            assert words(answer).endswith("Nobody can say whether the call took effect.")
        waiting.close()
    assert status == (0 if number == signal.SIGTERM else -9)
    until(lambda: are_gone(pids))
    assert place.outcomes() == (["unknown"] if number == signal.SIGTERM else [])
    assert len(place.records("gateway.stopped")) == (number == signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_every_polite_signal_ends_it_in_order(place: Place, number: signal.Signals) -> None:
    with place.serving() as gateway:
        pids = gateway.agent().ask(request("pids")).message["result"]["pids"]
        assert gateway.stop(number) == 0
    assert are_gone(pids)
    assert place.records("gateway.stopped")


def test_two_gateways_on_one_port(place: Place, open_gateway: Open) -> None:
    port = open_gateway.gateway.port
    file = place.configure({"desk": {"command": place.desk}}, listen=f"127.0.0.1:{port}")
    code, _, said = place.told("serve", "-c", str(file))
    assert (code, said) == (
        2,
        f"{file}: cannot listen on 127.0.0.1:{port}: Address already in use; choose another with `listen`\n",
    )


def test_two_gateways_on_one_state_directory_share_limits(place: Place) -> None:
    policy = place.policy("version: 1\ntools: {read_note: {rate_limit: 3/hour}}\n")
    servers = {"desk": {"command": place.desk, "policy": str(policy)}}
    with place.serving(servers) as one, place.serving(servers) as two:
        said = [words(gateway.agent().ask(call("read_note")).message) for gateway in (one, two, one, two, one)]
    assert [text == "read_note {}" for text in said] == [True, True, True, False, False]


def test_not_http_at_all(open_gateway: Open) -> None:
    for data in (b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"POST /mcp/desk HTTP/1.1\nHost: localhost\n\n"):
        with socket.create_connection(("127.0.0.1", open_gateway.gateway.port), timeout=120) as raw:
            raw.sendall(data)
            assert raw.recv(64).startswith(b"HTTP/1.1 400")


def test_an_upgrade_is_not_taken_up(open_gateway: Open) -> None:
    lines = (("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"))
    answer = HttpAgent(open_gateway.gateway.port).send("GET", lines=(*lines, ("Sec-WebSocket-Key", "eA==")))
    assert answer.status in (400, 404, 405)


def test_notifications_have_no_answer(open_gateway: Open) -> None:
    answer = open_gateway.agent.post(modern(notification("notifications/x")), (("MCP-Protocol-Version", "2026-07-28"),))
    assert (answer.status, answer.body) == (202, b"")
