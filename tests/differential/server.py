"""`python -m tests.differential.server [--port N] [--page N]`: the fixture with tools for what no suite tests."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from mcp.shared.subscriptions import ResourceUpdated
from mcp_types import SamplingMessage, TextContent

from tests.conformance.fixture import content, resources
from tests.conformance.fixture.request import Json, Request, Tool
from tests.conformance.fixture.rounds import ROOTS, form, given, prompt, question
from tests.conformance.fixture.serve import parser, serve
from tests.conformance.fixture.server import Fixture

FILLERS: Final = 300
"""So many that a list of all tools has 400 kB."""
FORGETFUL: Final = 5.0  # seconds after which a call that waits is answered anyway
STATE: Final = '"\\u0000\\ud83d\\ude00 \u2028\u00e9\t/\\/ {"a":1e2} \U0001f600='
"""What a careless reader would change: escapes, separators, characters beyond the first plane."""

OPEN: Final[Json] = {"type": "object"}


class Watch:
    """What became of the calls that wait: `running`, `cancelled` or `over`, by the key they were given."""

    def __init__(self) -> None:
        self._fates: dict[str, str] = {}
        self._let_go: dict[str, asyncio.Event] = {}

    async def wait(self, request: Request) -> Json:
        key, seconds = str(request.arguments["key"]), float(request.arguments.get("seconds", FORGETFUL))
        self._fates[key] = "running"
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._let_go.setdefault(key, asyncio.Event()).wait(), seconds)
        except BaseException:
            self._fates[key] = "cancelled"
            raise
        self._fates[key] = "over"
        return _said(f"waited for {seconds:g} s")

    async def fate(self, request: Request) -> Json:
        """What has become of it; and it may end, where that is asked for."""
        key = str(request.arguments["key"])
        if request.arguments.get("end"):
            self._let_go.setdefault(key, asyncio.Event()).set()
        return _said(self._fates.get(key, "unknown"))


async def echo(request: Request) -> Json:
    await asyncio.sleep(float(request.arguments.get("delay", 0)))
    return _said(str(request.arguments["text"]))


async def count(request: Request) -> Json:
    """Progress with a word of the caller's own, so that nobody can mistake it for another's."""
    steps, word = int(request.arguments["steps"]), str(request.arguments["word"])
    for step in range(steps):
        await request.context.session.report_progress(step, steps, word)
        await asyncio.sleep(0.01)
    return _said(word)


async def big(request: Request) -> Json:
    return _said("0123456789abcdef" * (int(request.arguments["size"]) // 16))


async def touch(request: Request) -> Json:
    """Say that the watched resource has changed, in both ways of saying so."""
    await request.bus.publish(ResourceUpdated(resources.WATCHED))
    await request.context.session.send_resource_updated(resources.WATCHED)
    return _said("touched")


async def list_roots(request: Request) -> Json:
    found = await request.context.session.list_roots()
    return _said(" ".join(str(root.uri) for root in found.roots))


async def ask_around(request: Request) -> Json:
    """Ask the client for everything it can be asked for, as the era has it, and say what it said."""
    if request.is_stateless:
        asked = {"place": prompt("Where?"), "who": form("Who?", "name"), "roots": ROOTS}
        if not asked.keys() <= request.answers.keys():
            return question(asked, STATE)
        said = request.answers["place"]["content"]["text"]
        name, roots = given(request, "who", "name"), [root["uri"] for root in request.answers["roots"]["roots"]]
        return _said(f"{said}, {name}, {roots}, {request.state == STATE}")
    session = request.context.session
    message = SamplingMessage(role="user", content=TextContent(type="text", text="Where?"))
    place = await session.create_message([message], max_tokens=100)
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    who = await session.elicit_form("Who?", schema)
    found = await session.list_roots()
    assert isinstance(place.content, TextContent)
    name, roots = (who.content or {}).get("name"), [str(root.uri) for root in found.roots]
    return _said(f"{place.content.text}, {name}, {roots}, True")


async def keep_state(request: Request) -> Json:
    if request.state is None:
        return question({"confirm": form("Please confirm", "ok", "boolean")}, STATE)
    return _said("the very same" if request.state == STATE else f"changed to {request.state!a}")


async def digest(request: Request) -> Json:
    """What arrived, as a digest: arguments must come through however odd they are."""
    return _said(hashlib.sha256(str(request.arguments["text"]).encode()).hexdigest())


def tools() -> Sequence[Tool]:
    watch = Watch()
    own = (
        Tool("wait", "Waits, and remembers whether it was let", watch.wait, OPEN),
        Tool("fate", "What became of a call that waits", watch.fate, OPEN),
        Tool("echo", "Says it again, after a while", echo, OPEN),
        Tool("count", "Reports progress in the caller's words", count, OPEN),
        Tool("big", "Answers with as many bytes as asked for", big, OPEN),
        Tool("touch", "Says that the watched resource has changed", touch),
        Tool("list_roots", "Asks for the client's roots", list_roots),
        Tool("ask_around", "Asks for everything that the client can be asked for", ask_around),
        Tool("keep_state", "Gives out a state and wants it back unchanged", keep_state),
        Tool("digest", "The digest of a text", digest, OPEN),
    )
    return (*own, *(_filler(number) for number in range(FILLERS)))


def _filler(number: int) -> Tool:
    properties: dict[str, Any] = {
        f"field_{field}": {"type": "string", "description": "words " * 15} for field in range(10)
    }
    return Tool(f"filler_{number:03}", f"Filler number {number}", echo, {"type": "object", "properties": properties})


def _said(words: str) -> Json:
    return content.answer(content.text(words))


def main() -> None:
    line = parser("tests.differential.server")
    line.add_argument("--page", type=int, default=1000, help="the most tools of one page")
    options = line.parse_args()
    serve(Fixture(tools(), options.page, is_sealed=False), options.port, is_stateless=options.stateless)


if __name__ == "__main__":
    main()
