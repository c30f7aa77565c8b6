"""What happened, counted, as Prometheus reads it (text exposition format 0.0.4).

Decisions and outcomes are read off the records on their way to the ledger: what is counted is what is recorded. No
label holds anything that an agent or a server chose.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from ostiary.model import JSONObject, Record
from ostiary.ports import Ledger

CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper bounds of the histogram of calls, in seconds."""

Labels: TypeAlias = "tuple[tuple[str, str], ...]"
Gauge: TypeAlias = Callable[[], float]

_HELP: Final = {
    "ostiary_decisions_total": "Calls, resources and prompts judged, by server and effect.",
    "ostiary_outcomes_total": "How permitted calls ended.",
    "ostiary_refusals_total": "Requests refused before any policy was asked, by reason.",
    "ostiary_gate_failures_total": "Messages refused because Ostiary itself failed.",
    "ostiary_ledger_failures_total": "Records that could not be made durable.",
}


class Meter:
    """Counters of one process since its start, and gauges that are asked when somebody looks."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[Labels]] = {name: Counter() for name in _HELP}
        self._gauges: dict[str, tuple[str, dict[str, Gauge]]] = {}
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def count(self, name: str, *labels: tuple[str, str]) -> None:
        """One more; `name` is one of those with a description here."""
        self._counts[name][labels] += 1

    def refuse(self, why: str) -> None:
        self.count("ostiary_refusals_total", ("reason", why))

    def took(self, seconds: float) -> None:
        """How long a call was on its way, from its intent to its outcome."""
        self._buckets[bisect_left(BUCKETS, seconds)] += 1
        self._seconds += seconds

    def gauge(self, name: str, help: str, read: Gauge, server: str = "") -> None:
        """Have `read` asked each time; it is about that server, or about none."""
        self._gauges.setdefault(name, (help, {}))[1][server] = read

    def render(self) -> bytes:
        lines: list[str] = []
        for name, counts in self._counts.items():
            lines += _head(name, _HELP[name], "counter")
            lines += [f"{name}{_shown(labels)} {value}" for labels, value in sorted(counts.items())]
            if not counts and not name.endswith(("decisions_total", "outcomes_total", "refusals_total")):
                lines.append(f"{name} 0")
        lines += self._histogram("ostiary_call_seconds")
        for name, (help, reads) in self._gauges.items():
            lines += _head(name, help, "gauge")
            lines += [f"{name}{_shown((('server', of),) if of else ())} {read():g}" for of, read in reads.items()]
        return ("\n".join(lines) + "\n").encode()

    def _histogram(self, name: str) -> list[str]:
        lines = _head(name, "From a call's intent to its outcome.", "histogram")
        total = 0
        for bound, count in zip((*BUCKETS, None), self._buckets, strict=True):
            total += count
            lines.append(f'{name}_bucket{{le="{"+Inf" if bound is None else f"{bound:g}"}"}} {total}')
        return [*lines, f"{name}_sum {self._seconds:.3f}", f"{name}_count {total}"]


class MeteredLedger:
    """A `Ledger` that is counted on the way."""

    def __init__(self, ledger: Ledger, meter: Meter) -> None:
        self._ledger = ledger
        self._meter = meter

    def append(self, kind: str, body: JSONObject) -> Awaitable[Record]:
        self._count(kind, body)
        record = self._ledger.append(kind, body)
        if isinstance(record, asyncio.Future):
            record.add_done_callback(self._settled)
        return record

    def note(self, kind: str, body: JSONObject) -> None:
        self._count(kind, body)
        self._ledger.note(kind, body)

    def _settled(self, record: asyncio.Future[Record]) -> None:
        if not record.cancelled() and record.exception() is not None:
            self._meter.count("ostiary_ledger_failures_total")

    def _count(self, kind: str, body: JSONObject) -> None:
        match kind:
            case "call.intent" | "call.refused" | "access.allowed" | "access.refused":
                server, effect = ("server", str(body["server"])), ("effect", str(body["decision"]))
                self._meter.count("ostiary_decisions_total", server, effect)
            case "call.outcome":
                self._meter.count("ostiary_outcomes_total", ("outcome", str(body["outcome"])))
                if isinstance(took := body.get("ms"), int):
                    self._meter.took(took / 1000)
            case "gate.failed":
                self._meter.count("ostiary_gate_failures_total")
            case _:
                pass


def _head(name: str, help: str, type: str) -> list[str]:
    return [f"# HELP {name} {help}", f"# TYPE {name} {type}"]


def _shown(labels: Labels) -> str:
    """Names of servers are letters, digits, `.`, `_` and `-`; nothing needs escaping."""
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}" if labels else ""
