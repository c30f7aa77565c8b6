"""The HTTP upstream against servers that behave, and servers that do not."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path

import msgspec
import pytest

from ostiary.errors import ConfigurationError, UpstreamError, UpstreamNotReached
from ostiary.ports import Headers, Origin, Reply
from ostiary.upstream.http import HttpUpstream
from ostiary.upstream.response import Limits
from ostiary.upstream.stream import EventStream
from tests.upstream.misbehaving import (
    ORIGIN,
    Exchange,
    call,
    chunk,
    json_answer,
    listing,
    notification,
    serving,
    stream_head,
)

QUICK = Limits(connect=0.3, answer=0.2, keep_alive=2.0)


async def events(reply: Reply) -> list[bytes]:
    assert isinstance(reply.body, EventStream)
    return [event.data async for event in reply.body]


async def answer_json(exchange: Exchange) -> None:
    await exchange.send(json_answer())


async def test_sends_the_original_bytes_and_returns_the_whole_answer() -> None:
    async with serving(answer_json) as server:
        upstream = HttpUpstream(server.url)
        reply = await upstream.send(call(), ORIGIN)
        assert reply == Reply(200, ((b"content-type", b"application/json"),), b'{"jsonrpc":"2.0","id":1,"result":{}}')
        assert server.requests[0].body == call().raw
        assert server.requests[0].head.startswith(b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n" % server.port)
        assert b"accept: application/json, text/event-stream\r\n" in server.requests[0].head
        await upstream.close()
        await upstream.close()


async def test_reuses_one_connection_for_calls_in_turn() -> None:
    async with serving(answer_json) as server:
        upstream = HttpUpstream(server.url)
        for number in range(20):
            await upstream.send(call(number), ORIGIN)
        assert server.connections == 1
        await upstream.close()


async def test_calls_at_once_get_their_own_answers() -> None:
    async def echo(exchange: Exchange) -> None:
        await asyncio.sleep(0)
        await exchange.send(json_answer(exchange.body))

    async with serving(echo) as server:
        upstream = HttpUpstream(server.url, limits=Limits(connections=8))
        replies = await asyncio.gather(*(upstream.send(call(number), ORIGIN) for number in range(200)))
        assert [reply.body for reply in replies] == [call(number).raw for number in range(200)]
        assert server.connections <= 8
        await upstream.close()


async def test_forwards_mcp_headers_and_nothing_else_of_the_agents() -> None:
    headers: Headers = (
        (b"mcp-session-id", b"abc"),
        (b"accept", b"application/json"),
        (b"last-event-id", b"7"),
        (b"authorization", b"Bearer agent"),
        (b"cookie", b"a=b"),
        (b"mcp-name", b"from the agent"),
    )
    async with serving(answer_json) as server:
        upstream = HttpUpstream(server.url, {"Authorization": "Bearer ours", "Mcp-Name": "fixed"})
        await upstream.send(call(), Origin("p", headers))
        lines = server.requests[0].head.split(b"\r\n")
        assert b"mcp-session-id: abc" in lines
        assert b"accept: application/json" in lines
        assert b"last-event-id: 7" in lines
        assert [line for line in lines if line.startswith((b"authorization", b"cookie"))] == [
            b"authorization: Bearer ours"
        ]
        assert [line for line in lines if line.startswith(b"mcp-name")] == [b"mcp-name: fixed"]
        await upstream.close()


@pytest.mark.parametrize("value", [b"a\r\nx: y", b"a\nb", b"a\0b", b"a\rb"])
async def test_a_header_that_would_begin_a_line_of_its_own_sends_nothing(value: bytes) -> None:
    async with serving(answer_json) as server:
        upstream = HttpUpstream(server.url)
        with pytest.raises(UpstreamNotReached, match="control character"):
            await upstream.send(call(), Origin("p", ((b"authorization", b"x"), (b"mcp-name", value))))
        assert server.requests == []
        await upstream.close()


async def test_shows_the_agent_only_headers_that_concern_it() -> None:
    extra = b"Mcp-Session-Id: s1\r\nSet-Cookie: a=b\r\nWWW-Authenticate: Basic\r\nServer: x\r\nRetry-After: 3\r\n"

    async def script(exchange: Exchange) -> None:
        await exchange.send(json_answer(extra=extra))

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        reply = await upstream.send(call(), ORIGIN)
        assert reply.headers == (
            (b"content-type", b"application/json"),
            (b"mcp-session-id", b"s1"),
            (b"retry-after", b"3"),
        )
        await upstream.close()


async def test_a_notification_gets_an_empty_202() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        assert await upstream.send(notification(), ORIGIN) == Reply(202, (), b"")
        await upstream.close()


async def test_events_come_as_they_are_sent_however_they_are_split() -> None:
    whole = b": hello\n\nid: 1\ndata: {}\n\nevent: message\r\ndata: \xc3\xa9\r\n\r\ndata: 3\n\n"

    async def script(exchange: Exchange) -> None:
        await exchange.send(stream_head())
        for index in range(len(whole)):
            await exchange.send(chunk(whole[index : index + 1]))
        await exchange.send(chunk(b""))

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        reply = await upstream.send(call(), ORIGIN)
        assert (reply.status, reply.headers) == (200, ())
        assert (await events(reply))[-3:] == [b"{}", "é".encode(), b"3"]
        await upstream.send(listing(), ORIGIN)
        assert server.connections == 1
        await upstream.close()


async def test_a_stream_that_breaks_off_gives_what_came_and_then_an_error() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(stream_head() + chunk(b"data: 1\n\n"))
        exchange.writer.close()

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        reply = await upstream.send(call(), ORIGIN)
        assert isinstance(reply.body, EventStream)
        assert (await anext(reply.body)).data == b"1"
        with pytest.raises(UpstreamError, match="lost before the whole answer"):
            await anext(reply.body)
        await upstream.close()


async def test_closing_a_stream_closes_its_connection_even_if_it_was_never_read() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(stream_head() + chunk(b"data: 1\n\n"))

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        reply = await upstream.send(call(), ORIGIN)
        assert isinstance(reply.body, EventStream)
        await reply.body.aclose()
        await asyncio.wait_for(server.closed.wait(), 120)
        await upstream.close()


async def test_cancelling_a_call_closes_its_connection() -> None:
    arrived = asyncio.Event()

    async def script(exchange: Exchange) -> None:  # noqa: ARG001
        arrived.set()

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        task = asyncio.create_task(upstream.send(call(), ORIGIN))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.closed.wait(), 120)
        await upstream.close()


async def test_a_call_cancelled_as_its_answer_comes_harms_no_later_one() -> None:
    """The connection is back in the pool, and taken again, before the cancelled task gets to run."""

    async def script(exchange: Exchange) -> None:
        await exchange.send(json_answer(exchange.body))

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        await upstream.send(call(1), ORIGIN)
        first = upstream._pool.take()
        assert first is not None
        exchange = first.exchange(upstream._heads.post((), call(2).raw), 1.0)
        await exchange
        later = asyncio.create_task(upstream.send(call(3), ORIGIN))
        await asyncio.sleep(0)
        assert upstream._pool._idle == []
        first.cancel(exchange)
        assert (await later).body == call(3).raw
        assert server.connections == 1
        await upstream.close()


async def test_a_202_that_says_nothing_of_its_body_has_none() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 202 Accepted\r\n\r\n")

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        assert await upstream.send(notification(), ORIGIN) == Reply(202, (), b"")
        assert await upstream.send(notification(), ORIGIN) == Reply(202, (), b"")
        assert server.connections == 2
        await upstream.close()


async def test_an_unread_stream_holds_the_server_back() -> None:
    sent = 0

    async def flood(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.send(stream_head())
        while sent < 2000:
            sent += 1
            await exchange.send(chunk(b"data: " + b"x" * 65536 + b"\n\n"))
        await exchange.send(chunk(b""))

    async with serving(flood) as server:
        upstream = HttpUpstream(server.url)
        reply = await upstream.send(call(), ORIGIN)
        before = -1
        while before < sent:
            before = sent
            for _ in range(200):
                await asyncio.sleep(0)
        assert sent < 1000
        assert len(await events(reply)) == 2000
        await upstream.close()


async def test_a_call_lost_after_it_was_written_is_never_sent_again() -> None:
    async def script(exchange: Exchange) -> None:
        if exchange.number == 1:
            await exchange.send(json_answer())
        else:
            exchange.writer.close()

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        await upstream.send(call(1), ORIGIN)
        with pytest.raises(UpstreamError, match="lost before the whole answer") as caught:
            await upstream.send(call(2), ORIGIN)
        assert not isinstance(caught.value, UpstreamNotReached)
        assert [exchange.body for exchange in server.requests] == [call(1).raw, call(2).raw]
        await upstream.close()


async def test_a_harmless_request_lost_on_a_reused_connection_is_sent_again() -> None:
    async def script(exchange: Exchange) -> None:
        if exchange.number == 2:
            exchange.writer.close()
        else:
            await exchange.send(json_answer())

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        await upstream.send(call(), ORIGIN)
        assert (await upstream.send(listing(), ORIGIN)).status == 200
        assert server.connections == 2
        await upstream.close()


async def test_a_connection_that_the_server_closed_while_idle_is_not_used() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(json_answer())
        exchange.writer.close()

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        await upstream.send(call(1), ORIGIN)
        await asyncio.wait_for(server.closed.wait(), 120)
        for _ in range(50):
            await asyncio.sleep(0)
        await upstream.send(call(2), ORIGIN)
        assert server.connections == 2
        await upstream.close()


async def test_a_connection_offered_for_a_second_is_not_used_again() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(json_answer(extra=b"Keep-Alive: timeout=1, max=100\r\n"))

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        await upstream.send(call(1), ORIGIN)
        await upstream.send(call(2), ORIGIN)
        assert server.connections == 2
        await upstream.close()


@pytest.mark.parametrize(
    "tail", [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", b"garbage"], ids=["a second answer", "garbage"]
)
async def test_bytes_nobody_asked_for_close_the_connection(tail: bytes) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(json_answer() + tail)

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        first = await upstream.send(call(1), ORIGIN)
        second = await upstream.send(call(2), ORIGIN)
        assert first == second
        assert server.connections == 2
        await upstream.close()


BAD_ANSWERS = {
    "nothing": (b"", "lost before the whole answer"),
    "not HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
    "only a head": (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n", "lost before"),
    "half a body": (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{}", "lost before"),
    "huge head": (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n", "headers are larger than 65536 bytes"),
    "endless head": (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000, "headers are larger"),
    "endless interim": (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5_000, "headers are larger"),
    "huge body": (b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", "larger than 67108864 bytes"),
    "two lengths": (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}", "not HTTP"),
    "length and chunks": (
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "not HTTP",
    ),
    "gzip": (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}", "compressed"),
    "gzip, chunked": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "transfer encoding"),
    "upgrade": (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "switched protocols"),
    "a web page": (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi",
        "answered `tools/call` with text/html",
    ),
    "redirect": (
        b"HTTP/1.1 307 X\r\nlocation: http://evil.example/?token=1\r\ncontent-length: 0\r\n\r\n",
        "redirects .HTTP 307. to `http://evil.example/`, and redirects are never followed",
    ),
    "endless trailers": (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + b"x: y\r\n" * 100_000,
        "headers are larger",
    ),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
async def test_a_bad_answer_is_one_clear_error(case: str) -> None:
    answer, message = BAD_ANSWERS[case]

    async def script(exchange: Exchange) -> None:
        await exchange.send(answer)
        exchange.writer.close()

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        with pytest.raises(UpstreamError, match=message) as caught:
            await upstream.send(call(), ORIGIN)
        assert not isinstance(caught.value, UpstreamNotReached)
        assert str(caught.value).startswith(f"{server.url}: ")
        assert "\n" not in str(caught.value)
        await upstream.close()


async def test_an_endless_event_is_cut_off() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(stream_head() + chunk(b"data: "))
        while True:
            await exchange.send(chunk(b"x" * 1000))

    async with serving(script) as server:
        upstream = HttpUpstream(server.url, limits=Limits(body=100_000))
        with pytest.raises(UpstreamError, match="larger than"):
            await events(await upstream.send(call(), ORIGIN))
        await upstream.close()


@pytest.mark.parametrize("status", [401, 403, 407])
async def test_a_refused_credential_is_the_gateways_own_affair(status: int) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(
            b"HTTP/1.1 %d No\r\nwww-authenticate: Bearer resource_metadata=x\r\ncontent-length: 2\r\n\r\nno" % status
        )

    async with serving(script) as server:
        upstream = HttpUpstream(server.url, {"Authorization": "Bearer canary-secret"})
        reply = await upstream.send(call(7), ORIGIN)
        assert reply.status == 502
        assert reply.headers == ((b"content-type", b"application/json"),)
        assert isinstance(reply.body, bytes)
        answer = msgspec.json.decode(reply.body)
        assert answer["id"] == 7
        assert f"refused the gateway's own credential for it (HTTP {status})" in answer["error"]["message"]
        assert b"canary" not in reply.body
        await upstream.close()


async def test_a_refusal_of_the_server_passes_as_it_is() -> None:
    body = b'{"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"x"}}'

    async def script(exchange: Exchange) -> None:
        await exchange.send(json_answer(body).replace(b"200 OK", b"400 Bad Request"))

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        assert await upstream.send(call(), ORIGIN) == Reply(400, ((b"content-type", b"application/json"),), body)
        await upstream.close()


async def test_an_interim_answer_is_passed_over() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 103 Early Hints\r\nmcp-session-id: no\r\n\r\n" + json_answer())

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        assert (await upstream.send(call(), ORIGIN)).headers == ((b"content-type", b"application/json"),)
        await upstream.close()


async def test_an_answer_that_ends_with_its_connection_is_whole() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.0 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n\r\n{}")
        exchange.writer.close()

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        assert (await upstream.send(call(), ORIGIN)).body == b"{}"
        await upstream.close()


async def test_a_chunked_answer_is_put_together() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        await exchange.send(chunk(b'{"a":'))
        await exchange.send(chunk(b"1}") + chunk(b""))

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        assert (await upstream.send(call(), ORIGIN)).body == b'{"a":1}'
        await upstream.close()


async def test_silence_ends_a_call_but_not_a_listener() -> None:
    async def script(exchange: Exchange) -> None:
        if exchange.head.startswith(b"GET"):
            await exchange.send(stream_head())

    async with serving(script) as server:
        upstream = HttpUpstream(server.url, limits=QUICK)
        listening = await upstream.listen(ORIGIN)
        with pytest.raises(UpstreamError, match=r"no answer for 0\.2 s"):
            await upstream.send(call(), ORIGIN)
        assert isinstance(listening.body, EventStream)
        assert not listening.body.is_finished
        await listening.body.aclose()
        await upstream.close()


async def test_listen_and_end_use_get_and_delete() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 405 No\r\nallow: POST\r\ncontent-length: 0\r\n\r\n")

    async with serving(script) as server:
        upstream = HttpUpstream(server.url)
        origin = Origin("p", ((b"mcp-session-id", b"s1"),))
        assert await upstream.listen(origin) == Reply(405, ((b"allow", b"POST"),), b"")
        assert (await upstream.end(origin)).status == 405
        assert [exchange.head.split(b" ")[0] for exchange in server.requests] == [b"GET", b"DELETE"]
        assert all(b"mcp-session-id: s1" in exchange.head for exchange in server.requests)
        assert b"accept: text/event-stream" in server.requests[0].head
        await upstream.close()


async def test_a_server_that_is_not_there_was_certainly_not_reached(free_port: int) -> None:
    upstream = HttpUpstream(f"http://127.0.0.1:{free_port}/mcp")
    with pytest.raises(UpstreamNotReached, match="cannot connect: Connection refused"):
        await upstream.send(call(), ORIGIN)
    await upstream.close()


async def test_waiting_for_a_free_connection_ends_without_sending() -> None:
    async def script(exchange: Exchange) -> None:
        """Never answers."""

    async with serving(script) as server:
        upstream = HttpUpstream(server.url, limits=Limits(connections=1, connect=0.1))
        busy = asyncio.create_task(upstream.send(call(1), ORIGIN))
        await asyncio.sleep(0)
        with pytest.raises(UpstreamNotReached, match=r"no connection within 0\.1 s"):
            await upstream.send(call(2), ORIGIN)
        assert len(server.requests) == 1
        await upstream.close()
        with pytest.raises(UpstreamError):
            await busy
        with pytest.raises(UpstreamNotReached, match="closing"):
            await upstream.send(call(3), ORIGIN)


async def test_a_server_whose_certificate_is_unknown_gets_nothing(certificate: tuple[Path, Path]) -> None:
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(*certificate)
    async with serving(answer_json, server_side) as server:
        upstream = HttpUpstream(server.url, {"Authorization": "Bearer secret"})
        with pytest.raises(UpstreamNotReached, match="certificate is not trusted"):
            await upstream.send(call(), ORIGIN)
        await upstream.close()
        upstream = HttpUpstream(server.url, tls=ssl.create_default_context(cafile=certificate[0]))
        assert (await upstream.send(call(), ORIGIN)).status == 200
        await upstream.close()
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://host/", "write http"),
        ("http:///mcp", "write http"),
        ("https://user:pw@host/mcp", "no user or password"),
        ("http://host/mcp#x", "fragment"),
        ("http://host/a b", "printable ASCII"),
        ("http://host/\r\nx", "printable ASCII"),
        ("http://host:99999/", "upstream URL"),
    ],
)
def test_a_url_that_cannot_be_used_exactly_is_refused(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        HttpUpstream(url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("header", ["Host", "content-length", "Transfer-Encoding", "Connection", "bad name", ""])
def test_a_configured_header_of_the_connection_is_refused(header: str) -> None:
    with pytest.raises(ConfigurationError, match="header `"):
        HttpUpstream("http://host/", {header: "x"})


def test_a_configured_value_of_two_lines_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpUpstream("http://host/", {"X-Key": "secret\r\nHost: evil"})
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, so there is no certificate to test with")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([openssl, *command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key
