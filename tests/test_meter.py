"""What Prometheus reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from ostiary.errors import LedgerError
from ostiary.meter import Meter, MeteredLedger
from ostiary.model import Record

RECORD = Record(1, "w", "t", "k", {}, "0", "0")


class Kept:
    """A ledger that is kept in mind, or fails."""

    def __init__(self, error: LedgerError | None = None) -> None:
        self.error = error
        self.kinds: list[str] = []

    def append(self, kind: str, body: Any) -> Awaitable[Record]:  # noqa: ARG002
        self.kinds.append(kind)
        future: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        if self.error is None:
            future.set_result(RECORD)
        else:
            future.set_exception(self.error)
        return future

    def note(self, kind: str, body: Any) -> None:  # noqa: ARG002
        self.kinds.append(kind)


def lines(meter: Meter) -> list[str]:
    return [line for line in meter.render().decode().splitlines() if not line.startswith("#")]


def test_nothing_has_happened_yet() -> None:
    told = lines(Meter())
    assert "ostiary_gate_failures_total 0" in told
    assert "ostiary_call_seconds_count 0" in told
    assert not any(line.startswith("ostiary_decisions_total") for line in told)


def test_the_histogram_is_cumulative() -> None:
    meter = Meter()
    for seconds in (0.001, 0.005, 0.006, 1000):
        meter.took(seconds)
    told = lines(meter)
    assert 'ostiary_call_seconds_bucket{le="0.005"} 2' in told
    assert 'ostiary_call_seconds_bucket{le="0.01"} 3' in told
    assert 'ostiary_call_seconds_bucket{le="300"} 3' in told
    assert 'ostiary_call_seconds_bucket{le="+Inf"} 4' in told
    assert "ostiary_call_seconds_sum 1000.012" in told


def test_gauges_are_asked_when_somebody_looks() -> None:
    meter, values = Meter(), [1, 2]
    meter.gauge("g", "About.", lambda: values[0], "one")
    meter.gauge("g", "About.", lambda: values[1], "two")
    values[0] = 3
    told = meter.render().decode()
    assert told.endswith('# HELP g About.\n# TYPE g gauge\ng{server="one"} 3\ng{server="two"} 2\n')


async def test_what_is_recorded_is_counted() -> None:
    kept, meter = Kept(), Meter()
    ledger = MeteredLedger(kept, meter)
    assert await ledger.append("call.intent", {"server": "s", "decision": "allow"}) is RECORD
    await ledger.append("access.refused", {"server": "s", "decision": "deny"})
    ledger.note("call.outcome", {"outcome": "returned", "ms": 20})
    ledger.note("gate.failed", {})
    ledger.note("list.filtered", {})
    assert kept.kinds == ["call.intent", "access.refused", "call.outcome", "gate.failed", "list.filtered"]
    told = lines(meter)
    assert 'ostiary_decisions_total{server="s",effect="allow"} 1' in told
    assert 'ostiary_decisions_total{server="s",effect="deny"} 1' in told
    assert 'ostiary_outcomes_total{outcome="returned"} 1' in told
    assert "ostiary_gate_failures_total 1" in told
    assert "ostiary_ledger_failures_total 0" in told


async def test_what_cannot_be_recorded_is_counted_too_and_still_said() -> None:
    meter = Meter()
    with pytest.raises(LedgerError):
        await MeteredLedger(Kept(LedgerError("disk full")), meter).append("policy.loaded", {})
    await asyncio.sleep(0)
    assert "ostiary_ledger_failures_total 1" in lines(meter)
