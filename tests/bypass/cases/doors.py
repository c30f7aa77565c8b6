"""13 to 16: who is spoken to, what is written about it, and what crosses over."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from tests.bypass.ground import HTTP, Ground, Skipped, case
from tests.bypass.message import ALLOWED, DENIED, Attempt, Lines, call, described, describing, new_mark, text
from tests.bypass.plain_http import render

_CANARY: Final = "canary-4242424242"
_FOREIGN: Final = (
    "evil.test", "null", "localhost.evil.test", "127.0.0.1.evil.test", "evil.test:{port}", "127.0.0.1@evil.test",
    "evil.test#127.0.0.1", "[::1].evil.test", "[::ffff:10.0.0.1]", "127.0.0.1,evil.test", "xn--lcalhost-tza.test",
    "0x7f.evil.test", "evil.test:80:{port}", "127.0.0.1:{port}:80", "localhost:port", "", " ", "evil.test\t", "[::1",
    "[]",
)  # fmt: skip
_PAGES: Final = (
    "http://evil.test", "https://evil.test:{port}", "null", "http://localhost.evil.test", "http://127.0.0.1.evil.test",
    "http://127.0.0.1@evil.test", "http://evil.test#127.0.0.1", "file://", "chrome-extension://abcdef",
    "http://[::1].evil", "http://evil.test\\@127.0.0.1", "https://127.0.0.1:{port}/path", "http://127.0.0.1:x", "",
    "http://127.0.0.1 http://evil.test",
)  # fmt: skip


@case("14", "a foreign Host or Origin is refused before anything is read or kept", transports=(HTTP,))
async def hosts(ground: Ground) -> None:
    agent, place = ground.http, ground.stand.recorder.place
    port = str(agent.address.port)
    own = agent.address.authority
    for foreign in _FOREIGN:
        await _refused(ground, (("Host", foreign.replace("{port}", port)),), f"Host {foreign!r}")
    for page in _PAGES:
        await _refused(ground, (("Host", own), ("Origin", page.replace("{port}", port))), f"Origin {page!r}")
    await _refused(ground, (("Host", own), ("Host", "evil.test")), "two Hosts")
    await _refused(ground, (("Host", "evil.test"), ("Host", own)), "two Hosts, reversed")
    await _refused(ground, (), "no Host")
    await _refused(ground, (("Host", own), ("Origin", f"http://{own}"), ("Origin", "http://evil.test")), "two Origins")
    for lines in ((("X-Forwarded-Host", own),), (("Forwarded", f"host={own}"),), (("X-Original-Host", own),)):
        await _refused(ground, (("Host", "evil.test"), *lines), f"Host evil.test with {lines[0][0]}")
    ground.look(place)
    ground.expect(not ground.stand.recorder.since(place), "something reached the upstream")


async def _refused(ground: Ground, lines: Lines, label: str) -> None:
    """The body is never sent: whoever waits for it has read too far."""
    agent = ground.http
    names = {name.lower() for name, _ in lines} | {"host"}
    rest = [line for line in agent.lines(describing(ground.era, "tools/call", ALLOWED)) if line[0].lower() not in names]
    head = render("POST", agent.address.path, (*lines, *rest, ("Content-Length", "1000")), b"")
    answer = await agent.connection.exchange(head, patience=20)
    agent.connection.close()
    ground.expect(answer.status in (400, 403, 404, 421), f"{label}: HTTP {answer.status or 'silence'}")
    allowing = answer.header("access-control-allow-origin")
    ground.expect(allowing != "*" and "evil" not in allowing, f"{label}: Access-Control-Allow-Origin: {allowing}")


@case(
    "14",
    "what a browser sends without asking is no message: other content types, methods, preflights",
    transports=(HTTP,),
)
async def browsers(ground: Ground) -> None:
    agent, place = ground.http, ground.stand.recorder.place
    body = text(call(ground.era, ALLOWED))
    lines = describing(ground.era, "tools/call", ALLOWED)
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/jsonx",
    ):
        answer = await agent.post(body, (*lines, ("Content-Type", kind)))
        ground.expect(400 <= answer.status < 500, f"content type {kind!r}: HTTP {answer.status}")
    for method in ("PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        own = agent.lines((*lines, ("Content-Length", str(len(body)))))
        answer = await agent.connection.exchange(render(method, agent.address.path, own, body), patience=20)
        agent.connection.close()
        ground.expect(answer.status not in (200, 202, 500), f"{method}: HTTP {answer.status}")
        ground.expect(answer.header("access-control-allow-origin") != "*", f"{method}: any page may call")
    reached = ground.look(place)
    ground.expect(not [one for one in reached if one.method == "POST"], "one of them reached the upstream")


@case("13", "no secret and no forged line in what the gateway writes")
async def logs(ground: Ground) -> None:
    secret = f"{_CANARY}-{new_mark()}"
    for name in ("x\r\nforged: x", "x\nforged", "\x1b[31mx", "x\u2028forged", "=cmd|' /C calc'!A0"):
        message = call(ground.era, DENIED, {"password": secret, "token": secret, name: secret})
        lines: Lines = (("Cookie", f"session={secret}"), ("X-Api-Key", secret))
        await ground.agent.put(Attempt("secrets", text(message), "", (*described(ground.era, message), *lines)))
        other = call(ground.era, f"{DENIED}\r\nforged {name}", {})
        await ground.agent.put(Attempt("forged line", text(other), "", describing(ground.era, "tools/call", "x")))
        await ground.agent.put(
            Attempt("broken", text(message)[:-9] + secret.encode(), "", described(ground.era, message))
        )
    if ground.is_http:
        for value in (f"Bearer {secret}", f"Basic {secret}", secret):
            answer = await ground.http.post(text(call(ground.era, ALLOWED)), (("Authorization", value),))
            ground.expect(secret.encode() not in answer.body, f"the answer to {value[:6]}… repeats it")
    ground.expect(await ground.agent.settle(), "the gateway answers no more")
    written = _written(ground)
    ground.expect(secret.encode() not in written, "a secret is in what the gateway wrote")
    forged = [line for line in written.split(b"\n") if line.startswith(b"forged")]
    ground.expect(not forged, f"a line of an agent's making: {forged[:1]!r}")
    ground.expect(b"\x1b[31m" not in written, "an agent's control characters are in it")
    ground.expect(b"Traceback" not in written, "a traceback is in it")


def _written(ground: Ground) -> bytes:
    """Logs, and whatever else lies in the gateway's own directory."""
    parts = [ground.stand.output.read_bytes()] if ground.stand.output.exists() else []
    for directory in ground.stand.kept:
        for file in sorted(directory.rglob("*")):
            with suppress(OSError):
                parts += [file.read_bytes()] if file.is_file() else []
    return b"\n".join(parts)


@case("15", "an agent's credentials never reach the upstream, the upstream's never an agent", transports=(HTTP,))
async def credentials(ground: Ground) -> None:
    agent, place = ground.http, ground.stand.recorder.place
    message = call(ground.era, ALLOWED)
    lines: Lines = (
        ("Cookie", f"session={_CANARY}"), ("X-Api-Key", _CANARY), ("Proxy-Authorization", f"Basic {_CANARY}"),
        ("X-Forwarded-For", "8.8.8.8"), ("X-Forwarded-Host", "evil.test"), ("Forwarded", "for=evil.test"),
        ("X-Upstream-Url", "http://evil.test"), ("X-Real-Ip", "8.8.8.8"), ("Connection", "close, X-Hop"),
        ("X-Hop", _CANARY),
    )  # fmt: skip
    answer = await agent.post(text(message), (*described(ground.era, message), *lines))
    ground.expect(answer.status == 200, f"HTTP {answer.status}")
    told = " ".join(f"{name}: {value}" for name, values in answer.lines.items() for value in values)
    ground.expect(
        "upstream-canary" not in told + answer.body.decode(errors="replace"), "the upstream's secret came back"
    )
    ground.expect("session-of-the-upstream" not in told, "the upstream's own session id came back")
    for one in ground.look(place):
        came = " ".join(f"{name}: {value}" for name, values in one.lines.items() for value in values)
        ground.expect(_CANARY not in came, f"the agent's headers went up: {came}")
        ground.expect(agent.token is None or agent.token not in came, "the agent's token went up")
        ground.expect("evil.test" not in came and "8.8.8.8" not in came, f"forged origins went up: {came}")
    for value in ("", "Bearer", "Bearer x", "Bearer  ", "Basic eDp5", "bearer null", "Bearer undefined"):
        await _unwelcome(ground, value)


async def _unwelcome(ground: Ground, value: str) -> None:
    """Anything wrong with a token is no token at all, never somebody else's."""
    agent, place = ground.http, ground.stand.recorder.place
    if agent.token is None:
        return
    message = call(ground.era, ALLOWED)
    answer = await agent.post(text(message), (*described(ground.era, message), ("Authorization", value)))
    ground.expect(answer.status in (401, 403), f"Authorization {value!r}: HTTP {answer.status}")
    ground.expect(not ground.stand.recorder.since(place), f"Authorization {value!r} reached the upstream")


@case("16", "a redirect of the upstream takes no credential anywhere", transports=(HTTP,))
async def redirects(ground: Ground) -> None:
    visits: list[bytes] = []

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(await reader.read(4096))
        writer.close()

    elsewhere = await asyncio.start_server(visited, "127.0.0.1", 0)
    port = elsewhere.sockets[0].getsockname()[1]
    if ground.stand.upstream is None:
        raise Skipped("only with an HTTP upstream")
    for status in (301, 302, 303, 307, 308):
        for to in (
            f"http://127.0.0.1:{port}/mcp",
            f"http://localhost:{port}/",
            f"//127.0.0.1:{port}/",
            "file:///etc/passwd",
        ):
            arguments = {"act": "redirect", "status": status, "to": to}
            answer = await ground.http.ask(call(ground.era, ALLOWED, arguments))
            result = answer.get("result", {}) if isinstance(answer, dict) else {}
            ground.expect(not result or bool(result.get("isError")), f"{status} to {to} was answered with a result")
    elsewhere.close()
    await elsewhere.wait_closed()
    ground.expect(not visits, f"the other place was visited: {visits[:1]!r}")
