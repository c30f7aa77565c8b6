"""17: HTTP that two readers cut differently, and bodies that are not what they look like."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, Final

from tests.bypass.agents import HttpAgent
from tests.bypass.ground import HTTP, Ground, case
from tests.bypass.message import ALLOWED, DENIED, Era, call, described, text
from tests.bypass.plain_http import Connection, render

_TODAY: Final = 5.0


@case("17", "llhttp's requests that must fail do not reach the upstream", transports=(HTTP,), eras=(Era.LEGACY,))
async def llhttp(ground: Ground) -> None:
    cases: list[dict[str, Any]] = json.loads(ground.corpus("llhttp_requests.json").read_text())
    place = ground.stand.recorder.place
    for one in cases:
        if one["expect_error"] is None:
            continue
        status = await _once(ground.http, _raw(one["raw"], ground.http), patience=2)
        ground.expect(status == 0 or 400 <= status < 500, f"{one['case']}: HTTP {status}")
    ground.expect(not ground.stand.recorder.since(place), "one of them reached the upstream")
    ground.expect(await ground.agent.settle(), "the gateway answers no more")


@case(
    "17",
    "two lengths, two codings, folded lines, bare line feeds, odd chunks: one request, or none",
    transports=(HTTP,),
)
async def smuggling(ground: Ground) -> None:
    agent = ground.http
    hidden = _request(agent, call(ground.era, DENIED), ())
    for label, raw in _smuggled(agent, ground.era, hidden):
        place = ground.stand.recorder.place
        status = await _once(agent, raw, patience=_TODAY)
        reached = ground.look(place)
        ground.expect(len([one for one in reached if b'"tools/call"' in one.body]) <= 1, f"{label}: two requests")
        ground.expect(status != 500, f"{label}: HTTP 500")
    ground.expect(await ground.agent.settle(), "the gateway answers no more")


def _smuggled(agent: HttpAgent, era: Era, hidden: bytes) -> Iterator[tuple[str, bytes]]:
    message = call(era, ALLOWED)
    body = text(message)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    length, te = ("Content-Length", str(len(body))), ("Transfer-Encoding", "chunked")

    def made(lines: tuple[tuple[str, str], ...], data: bytes) -> bytes:
        return render("POST", agent.address.path, agent.lines((*described(era, message), *lines)), data)

    yield "CL.TE", made((("Content-Length", str(len(chunked) + len(hidden))), te), chunked + hidden)
    yield "TE.CL", made((te, ("Content-Length", "4")), chunked + hidden)
    yield "CL.CL", made((length, ("Content-Length", "0")), body + hidden)
    yield "CL list", made((("Content-Length", f"{len(body)}, 0"),), body + hidden)
    for value in (
        f"+{len(body)}",
        f"-{len(body)}",
        f"0x{len(body):x}",
        f"{len(body)} ",
        f" {len(body)}x",
        "1e2",
        f"0{len(body)}",
        "",
    ):
        yield f"Content-Length {value!r}", made((("Content-Length", value or "\t"),), body + hidden)
    for value in (
        "chunked, identity", "identity", "xchunked", "chunked\x0b", "Chunked", " chunked", "chunked;q=1",
        "gzip, chunked", "x", "chunked, chunked",
    ):  # fmt: skip
        yield f"Transfer-Encoding {value!r}", made((("Transfer-Encoding", value),), chunked + hidden)
    yield "TE.TE", made((te, ("Transfer-Encoding", "x")), chunked + hidden)
    plain = made((length,), body)
    yield "folded line", plain.replace(b"\r\nAccept", b"\r\n Transfer-Encoding: chunked\r\nAccept", 1)
    yield "space before colon", plain.replace(b"Content-Length:", b"Content-Length :") + hidden
    yield "bare line feeds", plain.replace(b"\r\n", b"\n") + hidden
    yield "bare carriage return", plain.replace(b"\r\nAccept", b"\rAccept", 1) + hidden
    yield "NUL in a value", plain.replace(b"application/json", b"application/json\0", 1)
    yield "line in a name", plain.replace(b"Accept:", b"Accept\nX:", 1)
    for size in (b"0x%x", b"+%x", b'%x;ext="\n', b" %x", b"%x ;a", b"%x\n", b"0%x"):
        odd = (size % len(body)) + b"\r\n" + body + b"\r\n0\r\n\r\n"
        yield f"chunk size {size!r}", made((te,), odd + hidden)
    yield "short chunk", made((te,), b"1\r\n" + body + b"\r\n0\r\n\r\n" + hidden)
    yield "trailer", made((te,), b"%x\r\n%b\r\n0\r\nAuthorization: x\r\n\r\n" % (len(body), body))
    yield "HTTP/1.0 with chunks", made((te,), chunked + hidden).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    yield "HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden
    yield "upgrade", made((length, ("Connection", "Upgrade"), ("Upgrade", "h2c")), body + hidden)
    yield "expect", made((length, ("Expect", "100-continue")), body)


@case("17", "a compressed body is refused, not unpacked", transports=(HTTP,))
async def codings(ground: Ground) -> None:
    agent, place = ground.http, ground.stand.recorder.place
    message = call(ground.era, ALLOWED)
    plain, lines = text(message), described(ground.era, message)
    bomb = gzip.compress(b"0" * 50_000_000)
    for coding, body in (
        ("gzip", gzip.compress(plain)), ("deflate", zlib.compress(plain)), ("br", plain), ("zstd", plain), ("x", plain),
        ("gzip", bomb), ("identity, gzip", gzip.compress(plain)), ("gzip, identity", gzip.compress(plain)),
        ("GZIP", bomb),
    ):  # fmt: skip
        answer = await agent.post(body, (*lines, ("Content-Encoding", coding)))
        ground.expect(400 <= answer.status < 500, f"{coding}: HTTP {answer.status}")
    ground.expect(not ground.stand.recorder.since(place), "one of them reached the upstream")


def _raw(case: str, agent: HttpAgent) -> bytes:
    """The bytes of a case as llhttp's own tests make them, sent to the gateway's own path and name."""
    plain = case.removesuffix("\n").replace("\\\n", "").replace("\n", "\r\n")
    for escaped, char in (("\\r", "\r"), ("\\n", "\n"), ("\\t", "\t"), ("\\f", "\f")):
        plain = plain.replace(escaped, char)
    first, found, rest = plain.partition("\r\n")
    words = first.split(" ")
    if len(words) == 3 and words[1].startswith("/"):
        first = f"{words[0]} {agent.address.path} {words[2]}"
    rest = re.sub(r"(?im)^host:[^\r\n]*\r\n", "", rest)
    return f"{first}{found}Host: {agent.address.authority}\r\n{rest}".encode()


def _request(agent: HttpAgent, message: dict[str, Any], lines: tuple[tuple[str, str], ...]) -> bytes:
    return render("POST", agent.address.path, agent.lines((*described(agent.era, message), *lines)), text(message))


async def _once(agent: HttpAgent, raw: bytes, patience: float) -> int:
    """The status of the first answer on a connection of its own; 0 for none."""
    connection = Connection(agent.address)
    answer = await connection.exchange(raw, patience)
    connection.close()
    return answer.status
