"""The world around a gate, as values: an upstream that is told its answers, a ledger that can be full, a clock."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from ostiary.enforcement import Agent, Gate
from ostiary.enforcement.accounts import Accounts
from ostiary.enforcement.failures import Failures
from ostiary.enforcement.rounds import Rounds
from ostiary.errors import LedgerError, StoreError
from ostiary.ledger.redaction import Redactor
from ostiary.model import Client, Demand, Exceeded, JSONObject, Principal, Record, Reservation
from ostiary.pins.pinned import OnDrift, Pinned, tools_of
from ostiary.policy import Policy, load
from ostiary.ports import Origin, Reply
from ostiary.risk import assess, pins
from ostiary.stores.memory import MemoryCounters
from ostiary.stores.memory_tasks import MemoryTasks
from ostiary.wire.era import Era
from ostiary.wire.message import Message, Request, read
from ostiary.wire.sse import Event

SECOND = 10**9
START = 1_800_000_000 * SECOND
JSON = ((b"content-type", b"application/json"),)

Answer = Callable[[Any], Awaitable[Reply]]


class Clock:
    def __init__(self) -> None:
        self.time = START

    def now(self) -> int:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += int(seconds * SECOND)


class Ledger:
    """Keeps every record, or fails while `trouble` is set."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.said: list[tuple[str, JSONObject]] = []

    async def append(self, kind: str, body: JSONObject) -> Record:
        if self.trouble:
            raise LedgerError(self.trouble)
        self.said.append((kind, body))
        return Record(len(self.said), "w", "", kind, body, "", "")

    def note(self, kind: str, body: JSONObject) -> None:
        if not self.trouble:
            self.said.append((kind, body))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.said]

    def last(self, kind: str) -> Any:
        return next(body for known, body in reversed(self.said) if known == kind)


class Counters(MemoryCounters):
    """Counts in memory, or fails while `trouble` is set."""

    trouble: str | None = None

    async def reserve(self, demands: Sequence[Demand], now: int) -> Reservation | Exceeded:
        if self.trouble:
            raise StoreError(self.trouble)
        return await super().reserve(demands, now)


class Upstream:
    """Answers by tool name, or by method; what nothing was set for is answered with what was asked."""

    def __init__(self) -> None:
        self.saw: list[Any] = []
        self.raw: list[bytes] = []
        self.origins: list[Origin] = []
        self.answers: dict[str, Answer] = {}

    async def send(self, message: Message, origin: Origin) -> Reply:
        sent = json.loads(message.raw)
        self.saw.append(sent)
        self.raw.append(message.raw)
        self.origins.append(origin)
        name = sent.get("params", {}).get("name", "")
        answer = self.answers.get(name) or self.answers.get(sent.get("method", ""))
        if answer is not None:
            return await answer(sent)
        if not isinstance(message, Request):
            return Reply(202, (), b"")
        return result(sent, {"content": [{"type": "text", "text": f"{name} done"}]})

    async def listen(self, origin: Origin) -> Reply:
        return await self.answers["GET"]({"origin": origin})

    async def end(self, origin: Origin) -> Reply:  # noqa: ARG002
        return Reply(204, (), b"")

    async def close(self) -> None:
        """Nothing is held."""

    @property
    def calls(self) -> list[str]:
        """The tools that were called, our own questions among them."""
        return [sent["params"]["name"] for sent in self.saw if sent.get("method") == "tools/call"]

    @property
    def methods(self) -> list[str]:
        return [sent["method"] for sent in self.saw]

    def tools(self, *definitions: dict[str, Any], page: int = 100) -> None:
        """Serve this list, so many on a page."""

        async def answer(sent: Any) -> Reply:
            at = int(sent["params"].get("cursor", 0))
            more = {"nextCursor": str(at + page)} if at + page < len(definitions) else {}
            return result(sent, {"tools": definitions[at : at + page], **more})

        self.answers["tools/list"] = answer

    def fails(self, name: str, error: Exception) -> None:
        async def answer(_: Any) -> Reply:
            raise error

        self.answers[name] = answer

    def says(self, name: str, *messages: bytes, error: Exception | None = None, ids: bool = False) -> None:
        """Answer with a stream of these messages, which breaks off with `error` if there is one."""

        async def stream() -> AsyncGenerator[Event, None]:
            for number, message in enumerate(messages):
                yield Event(message, str(number) if ids else None)
            if error is not None:
                raise error

        async def answer(_: Any) -> Reply:
            return Reply(200, (), stream())

        self.answers[name] = answer

    def whole(self, name: str, body: bytes, status: int = 200) -> None:
        async def answer(_: Any) -> Reply:
            return Reply(status, JSON, body)

        self.answers[name] = answer


def result(sent: Any, result: Any) -> Reply:
    return Reply(200, JSON, json.dumps({"jsonrpc": "2.0", "id": sent["id"], "result": result}).encode())


class Talk:
    """One gate and whoever speaks to it: `say` gives the answer's message, `send` all of the reply."""

    def __init__(self, policy: str | None, tasks: MemoryTasks | None = None, failures: Sequence[str] = ()) -> None:
        self.pinned: Pinned | None = None
        self.clock = Clock()
        self.ledger = Ledger()
        self.counters = Counters()
        self.upstream = Upstream()
        self.policy: Policy | None = None if policy is None else load(f"version: 1\n{policy}", "policy.yaml")
        ids = iter(range(1000))
        self.accounts = Accounts(self.ledger, Redactor(b"k" * 32), self.clock, lambda: f"c_{next(ids)}")
        self.tasks = tasks or MemoryTasks()
        self.gate = Gate(
            "desk",
            self.upstream,
            self.counters,
            self.accounts,
            self.clock,
            Rounds("desk", b"k" * 32),
            self.tasks,
            pinned=lambda: self.pinned,
            failures=Failures(failures),
        )

    def pin(self, *definitions: dict[str, Any], on_drift: OnDrift = OnDrift.DENY) -> None:
        """From now on these are the approved definitions."""
        approved = pins(assess("desk", definitions).tools)
        self.pinned = Pinned({pin.name: pin for pin in approved}, tools_of(approved, "desk"), on_drift)
        self.gate.compare_again()

    def agent(self, principal: str = "ann", era: Era = Era.LEGACY, session: bytes | None = None) -> Agent:
        who = Principal(f"grant:{principal}", principal)
        headers = () if session is None else ((b"mcp-session-id", session),)
        return Agent(who, Client("tester", "1"), Origin(who.id, headers), era, self.policy)

    async def send(
        self, message: Any, principal: str = "ann", era: Era = Era.LEGACY, session: bytes | None = None
    ) -> Reply:
        raw = message if isinstance(message, bytes) else json.dumps(message).encode()
        return await self.gate.handle(read(raw), self.agent(principal, era, session))

    async def say(
        self, message: Any, principal: str = "ann", era: Era = Era.LEGACY, session: bytes | None = None
    ) -> Any:
        reply = await self.send(message, principal, era, session)
        if isinstance(reply.body, bytes):
            return json.loads(reply.body)
        return (await self.hear(reply))[-1]

    async def call(
        self,
        name: str,
        arguments: Any = None,
        principal: str = "ann",
        era: Era = Era.LEGACY,
        session: bytes | None = None,
    ) -> str:
        """What the model reads."""
        answer = await self.say(call(name, arguments), principal, era, session)
        if "error" in answer:
            return f"error {answer['error']['code']}: {answer['error']['message']}"
        text: str = answer["result"]["content"][0]["text"]
        return text

    async def hear(self, reply: Reply) -> list[Any]:
        assert not isinstance(reply.body, bytes)
        return [json.loads(event.data) async for event in reply.body if event.data]

    @property
    def outcomes(self) -> list[str]:
        return [str(body["outcome"]) for kind, body in self.ledger.said if kind == "call.outcome"]


def call(name: str, arguments: Any = None, id: Any = 1) -> dict[str, Any]:
    return request("tools/call", {"name": name, "arguments": arguments or {}}, id)


def request(method: str, params: Any = None, id: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}}


def answer(id: Any = 1, text: str = "done") -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": id, "result": {"content": [{"type": "text", "text": text}]}}).encode()


PROGRESS = b'{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}'
