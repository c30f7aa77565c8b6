"""18 and 20: many at once, each with their own; and upstreams that say more than they were asked."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from tests.bypass.agents import HttpAgent, StdioAgent, is_result
from tests.bypass.ground import HTTP, STDIO, Ground, Skipped, case
from tests.bypass.message import ALLOWED, DENIED, HIDDEN, Attempt, Era, call, described, new_mark, request, text
from tests.bypass.server import FORGED

_CROWD: Final = 200


@case("18", "200 clients ask with the same id at once, and each gets only its own answer", transports=(HTTP,))
async def same_ids(ground: Ground) -> None:
    agents = [await ground.stand.agent(ground.era, is_other=index % 2 == 1) for index in range(_CROWD)]
    try:
        for _ in range(2):
            marks = [new_mark() for _ in agents]
            asked = [
                agent.ask(call(ground.era, ALLOWED, {"mark": mark}, 1))
                for agent, mark in zip(agents, marks, strict=True)
            ]
            answers = await asyncio.gather(*asked)
            for mark, answer in zip(marks, answers, strict=True):
                said = json.dumps(answer)
                others = [other for other in marks if other != mark and other in said]
                ground.expect(not others, "an agent got another's answer")
                if not is_result(answer):
                    ground.crash(f"no answer for one of {_CROWD}: {said[:100]}")
    finally:
        await asyncio.gather(*(agent.close() for agent in agents))


@case("18", "200 calls in flight answer to their own ids; one id cannot be used twice at a time", transports=(STDIO,))
async def many_ids(ground: Ground) -> None:
    asked = {new_mark(): new_mark() for _ in range(_CROWD)}
    answers = await asyncio.gather(
        *(ground.agent.ask(call(ground.era, ALLOWED, {"mark": mark}, id)) for id, mark in asked.items())
    )
    for mark, answer in zip(asked.values(), answers, strict=True):
        ground.expect(is_result(answer) and mark in json.dumps(answer), "an id got another's answer")


@case("18", "another principal's session does not exist", transports=(HTTP,), eras=(Era.LEGACY,))
async def sessions(ground: Ground) -> None:
    own = ground.http
    if own.session is None:
        raise Skipped("the gateway gives no session id")
    async with ground.another(is_other=True) as other:
        if not isinstance(other, HttpAgent) or other.token == own.token:
            raise Skipped("only with a second token")
        place = ground.stand.recorder.place
        stolen, other.session = other.session, own.session
        for session in (
            own.session,
            own.session.upper(),
            own.session + "x",
            own.session[:-1],
            "1",
            "session-of-the-upstream",
        ):
            other.session = session
            message = call(ground.era, ALLOWED)
            answer = await other.post(text(message), described(ground.era, message))
            ground.expect(answer.status in (400, 403, 404), f"the stolen session was taken: HTTP {answer.status}")
        ground.expect(not ground.stand.recorder.since(place), "a stolen session reached the upstream")
        other.session = stolen
        ground.expect(await other.settle(), "the other's own session is gone")


@case("20", "a result made of lines, events and control characters is one message to the agent")
async def results(ground: Ground) -> None:
    for arguments in ({"act": "hostile"}, {"act": "hostile", "stream": True}):
        message = call(ground.era, ALLOWED, arguments)
        for heard in await _heard(ground, message):
            try:
                found = json.loads(heard)
            except ValueError:
                ground.leak(f"the agent heard {heard[:80]!r}")
                continue
            ground.expect("note" not in found.get("result", {}), f"a forged message came: {heard[:80]!r}")


@case("20", "an upstream's forged, doubled, ambiguous and broken messages go no further")
async def forgeries(ground: Ground) -> None:
    other = call(ground.era, ALLOWED)["id"]
    message = call(ground.era, ALLOWED, {"act": "forge", "other": other})
    for heard in await _heard(ground, message):
        ground.expect(FORGED.encode() not in heard, f"the agent heard {heard[:120]!r}")
    message = call(ground.era, ALLOWED, {"act": "forge"})
    message = {**message, "params": {**message["params"], "arguments": {"act": "forge", "other": message["id"]}}}
    heard_own = [one for one in await _heard(ground, message) if FORGED.encode() in one]
    ground.expect(len(heard_own) <= 1, f"a doubled answer: {heard_own!r}"[:200])
    ambiguous = [
        one for one in heard_own if b"NaN" in one or b'"Id"' in one or one.count(b'"id"') > 1 or one[:1] != b"{"
    ]
    ground.expect(not ambiguous, f"the agent heard {ambiguous!r}"[:200])


@case("20", "whatever results say, the policy stays what it was")
async def policy_stays(ground: Ground) -> None:
    place = ground.stand.recorder.place
    await _heard(ground, call(ground.era, ALLOWED, {"act": "hostile", "mark": 1}))
    for tool in (DENIED, HIDDEN):
        answer = await ground.agent.ask(call(ground.era, tool))
        ground.expect(not is_result(answer), f"{tool} was called")
    listed = await ground.agent.ask(request(ground.era, "tools/list"))
    ground.expect(HIDDEN not in json.dumps(listed), "the hidden tool is listed")
    ground.look(place)


async def _heard(ground: Ground, message: dict[str, Any]) -> list[bytes]:
    """Every message that the agent hears between its call and the answer to the next one."""
    match ground.agent:
        case HttpAgent() as agent:
            return (await agent.post(text(message), described(ground.era, message))).messages
        case StdioAgent() as agent:
            before = len(agent.heard)
            await agent.put(Attempt("", text(message), ""))
            if not await agent.settle():
                ground.crash("the gateway answers no more")
            return agent.heard[before:]
