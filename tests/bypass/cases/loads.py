"""19: floods, crawls and mountains. Nothing grows, nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

from tests.bypass.agents import HttpAgent, StdioAgent, is_crash
from tests.bypass.ground import HTTP, SOME_FILES, Ground, case, messages
from tests.bypass.message import ALLOWED, DENIED, Attempt, Era, call, described, describing, new_mark, text
from tests.bypass.plain_http import Connection, render

MIB: Final = 2**20
_BAD: Final = {False: 2_000, True: 100_000}
_FLOOD: Final = {False: 48 * MIB, True: 1024 * MIB}
_UNREAD: Final = 512 * MIB
"""Bytes of an answer that nobody reads: far more than the buffers of all sockets on the way."""
_ROOM: Final = 24 * MIB
"""Bytes by which a gateway may grow while it is abused: buffers and caches that have a size."""
_CROWD: Final = {False: 40, True: 200}
_PATIENCE: Final = {False: 60.0, True: 90.0}


@messages("19", "mountains: 100,000 levels, a million keys, long names, long numbers, long strings, $ref loops")
def mountains(era: Era) -> Iterator[Attempt]:
    for label, value in (
        ("100,000 lists", "[" * 100_000 + "]" * 100_000),
        ("100,000 open lists", "[" * 100_000),
        ("100,000 objects", '{"a":' * 100_000 + "1" + "}" * 100_000),
        ("a million keys", "{" + ",".join(f'"{index:x}":0' for index in range(1_000_000)) + "}"),
        ("the same key 100,000 times", "{" + ",".join(['"a":0'] * 100_000) + "}"),
        ("keys that collide", "{" + ",".join(f'"{"Aa" * index}":0' for index in range(500)) + "}"),
        ("a number of a million digits", "9" * 1_000_000),
        ("a fraction of a million digits", "0." + "9" * 1_000_000),
        ("an exponent of 100,000 digits", "1e" + "9" * 100_000),
        ("a string of 8 MB", '"' + "x" * 8_000_000 + '"'),
        ("a string of escapes", '"' + "\\u0041" * 100_000 + '"'),
        ("brackets in a string", '"' + "[" * 100_000 + '"'),
        ("quotes in a string", '"' + '\\"' * 100_000 + '"'),
    ):  # fmt: skip
        mark = new_mark()
        body = text(call(era, DENIED, {"value": "HERE", "mark": mark}, mark)).replace(b'"HERE"', value.encode())
        yield Attempt(label, body, mark, describing(era, "tools/call", DENIED), must_stop=True)
    for label, name in (("a long name", "x" * 100_000), ("a long name of astral characters", "\U0001f600" * 25_000)):
        mark = new_mark()
        message = call(era, name, {"mark": mark}, mark)
        yield Attempt(label, text(message), mark, describing(era, "tools/call", "x"), must_stop=True)


@case("19", "bad requests by the thousand: memory and open files stay flat")
async def bad_requests(ground: Ground) -> None:
    wanted = _BAD[ground.is_full]
    bad = _bad(ground.era)
    await _pour(ground, bad, wanted // 4)
    before = await ground.steady()
    await _pour(ground, bad, wanted)
    after = await ground.released(before)
    ground.attempts += wanted
    ground.notes.append(f"{wanted} bad requests: {after.growth(before)}")
    ground.expect(after.memory - before.memory < _ROOM, f"it grew: {after.growth(before)}")
    ground.expect(after.files - before.files < SOME_FILES, f"files stay open: {after.growth(before)}")
    ground.expect(await ground.agent.settle(), "the gateway answers no more")


def _bad(era: Era) -> list[Callable[[HttpAgent | StdioAgent], Attempt]]:
    def made(label: str, body: Callable[[], bytes], *lines: tuple[str, str]) -> Callable[[Any], Attempt]:
        return lambda _: Attempt(label, body(), "", (*describing(era, "tools/call", DENIED), *lines))

    return [
        made("no JSON", lambda: b"{" + new_mark().encode()),
        made("denied", lambda: text(call(era, DENIED, {"x": new_mark()}))),
        made("unknown tool", lambda: text(call(era, new_mark()))),
        made("batch", lambda: b"[" + text(call(era, DENIED)) + b"]"),
        made("foreign host", lambda: b"{}", ("Host", "evil.test")),
        made("no token", lambda: b"{}", ("Authorization", f"Bearer {new_mark()}")),
        made("unknown session", lambda: text(call(era, ALLOWED)), ("Mcp-Session-Id", new_mark())),
        made("unknown version", lambda: text(call(era, ALLOWED)), ("MCP-Protocol-Version", new_mark())),
        made("new method", lambda: b'{"jsonrpc":"2.0","id":[],"method":"' + new_mark().encode() + b'"}'),
        made("new host", lambda: b"{}", ("Host", f"{new_mark()}.evil.test")),
    ]


async def _pour(ground: Ground, bad: list[Callable[[Any], Attempt]], count: int) -> None:
    """Sixteen connections over HTTP, one line over stdio."""
    if isinstance(ground.agent, StdioAgent):
        for index in range(count):
            await ground.agent.put(bad[index % len(bad)](ground.agent))
            if index % 500 == 499:
                await ground.agent.settle()
                ground.agent.heard.clear()
        return
    agent = ground.agent

    async def one(offset: int) -> None:
        own = HttpAgent(f"http://{agent.address.authority}{agent.address.path}", agent.era, agent.token)
        own.session = agent.session
        for index in range(offset, count, 16):
            if is_crash(await own.put(bad[index % len(bad)](own))):
                ground.crash(f"no answer to {bad[index % len(bad)](own).label}")
        await own.close()

    await asyncio.gather(*(one(offset) for offset in range(16)))


@case(
    "19",
    "slow heads, slow bodies and silent connections are ended, and hold up nobody",
    transports=(HTTP,),
    eras=(Era.MODERN,),
)
async def crawls(ground: Ground) -> None:
    agent = ground.http
    message = call(ground.era, ALLOWED)
    whole = render("POST", agent.address.path, agent.lines(described(ground.era, message)), text(message))
    head, _, body = whole.partition(b"\r\n\r\n")
    before = await ground.steady()
    crowd = _CROWD[ground.is_full]
    slow = [
        asyncio.ensure_future(_crawl(agent, start, rest, _PATIENCE[ground.is_full]))
        for start, rest in ((b"", b""), (b"POST ", head[5:]), (head + b"\r\n\r\n", body), (whole, b"P" + head[1:]))
        for _ in range(crowd // 4)
    ]
    await asyncio.sleep(0.5)
    for _ in range(5):
        ground.expect(await agent.settle(), "an honest agent waits behind slow ones")
    ended = await asyncio.gather(*slow)
    ground.attempts += len(slow)
    ground.expect(all(ended), f"{ended.count(False)} of {len(ended)} crawling connections were never ended")
    after = await ground.released(before)
    ground.expect(after.files - before.files < SOME_FILES, f"connections stay open: {after.growth(before)}")


async def _crawl(agent: HttpAgent, start: bytes, rest: bytes, patience: float) -> bool:
    """Send one byte every quarter of a second, for as long as it takes; whether the other side ended it in time."""
    reader, writer = await asyncio.open_connection(agent.address.host, agent.address.port)
    reading = asyncio.ensure_future(reader.read(-1))
    try:
        async with asyncio.timeout(patience):
            writer.write(start)
            for byte in rest[:400]:
                if reading.done():
                    return True
                with suppress(ConnectionError):
                    writer.write(bytes([byte]))
                await asyncio.wait((reading,), timeout=0.25)
            await reading
    except (TimeoutError, ConnectionError):
        return reading.done()
    finally:
        reading.cancel()
        writer.transport.abort()
    return True


@case("19", "too many headers, a header too long, a request line too long", transports=(HTTP,), eras=(Era.MODERN,))
async def heads(ground: Ground) -> None:
    agent, place = ground.http, ground.stand.recorder.place
    message = call(ground.era, DENIED)
    lines = described(ground.era, message)
    for label, more in (
        ("100,000 headers", tuple((f"X-{index}", "x") for index in range(100_000))),
        ("a header of 1 MB", (("X-Long", "x" * MIB),)),
        ("a name of 1 MB", (("X" * MIB, "x"),)),
        ("a token of 1 MB", (("Authorization", "Bearer " + "x" * MIB),)),
    ):  # fmt: skip
        own = agent.lines((*lines, *more))
        answer = await agent.connection.exchange(render("POST", agent.address.path, own, text(message)), patience=30)
        agent.connection.close()
        ground.expect(answer.status in (0, 400, 401, 413, 431), f"{label}: HTTP {answer.status}")
    line = render("POST", agent.address.path + "?" + "x" * MIB, agent.lines(lines), text(message))
    answer = await agent.connection.exchange(line, patience=30)
    agent.connection.close()
    ground.expect(answer.status in (0, 400, 404, 414, 431), f"a long line: HTTP {answer.status}")
    ground.look(place)
    ground.expect(await ground.agent.settle(), "the gateway answers no more")


@case("19", "an upstream floods an agent that does not read: the upstream waits, memory stays flat", transports=(HTTP,))
async def unread_streams(ground: Ground) -> None:
    agent, upstream = ground.http, ground.upstream
    before, flooded = await ground.steady(), upstream.flooded
    unread: list[Connection] = []
    for _ in range(4):
        connection = Connection(agent.address)
        _, writer = await connection.open()
        message = _flooding(ground.era, _UNREAD)
        writer.write(render("POST", agent.address.path, agent.lines(described(ground.era, message)), text(message)))
        await writer.drain()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        unread.append(connection)
    await asyncio.sleep(2)
    during = ground.stand.footprint()
    ground.expect(await agent.settle(), "an honest agent waits behind unread streams")
    ground.expect(upstream.flooded - flooded < _UNREAD, "everything was taken from the upstream although nobody reads")
    ground.notes.append(f"4 unread floods: {during.growth(before)}")
    ground.expect(during.memory - before.memory < _ROOM, f"it grew: {during.growth(before)}")
    for connection in unread:
        connection.close()
    after = await ground.released(before)
    ground.expect(after.files - before.files < SOME_FILES, f"connections stay open: {after.growth(before)}")


@case("19", "an upstream floods an agent that reads slowly: all of it comes, memory stays flat")
async def floods(ground: Ground) -> None:
    size = _FLOOD[ground.is_full]
    before = await ground.steady()
    message = _flooding(ground.era, size)
    most = before.memory
    match ground.agent:
        case HttpAgent() as agent:
            reader, writer = await Connection(agent.address).open()
            writer.write(render("POST", agent.address.path, agent.lines(described(ground.era, message)), text(message)))
            got = 0
            while got < size and (part := await reader.read(4 * MIB)):
                got += len(part)
                if got % (16 * MIB) < len(part):
                    await asyncio.sleep(0.02)
                    most = max(most, ground.stand.footprint().memory)
            writer.transport.abort()
            ground.expect(got >= size, f"only {got} of {size} bytes came")
        case StdioAgent() as agent:
            agent.pause()
            await agent.write(text(message) + b"\n")
            await asyncio.sleep(2)
            most = max(most, ground.stand.footprint().memory)
            agent.resume()
            answer = await asyncio.wait_for(agent.expect(message["id"]), 600)
            agent.heard.clear()
            ground.expect(answer is not None, "the answer never came")
            most = max(most, ground.stand.footprint().memory)
    ground.attempts += 1
    ground.notes.append(f"{size // MIB} MiB of flood: {(most - before.memory) / MIB:+.1f} MiB at most")
    ground.expect(most - before.memory < _ROOM, f"it grew by {(most - before.memory) / MIB:.0f} MiB")


def _flooding(era: Era, size: int) -> dict[str, Any]:
    message = call(era, ALLOWED, {"act": "flood", "bytes": size})
    params = message["params"]
    return {**message, "params": {**params, "_meta": {**params.get("_meta", {}), "progressToken": message["id"]}}}
