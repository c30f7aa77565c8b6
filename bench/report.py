"""The figures of one run, as a table for people and as one JSON document for programs."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from load import Row

WIDTH = 100


class Figures(msgspec.Struct, frozen=True):
    """Medians of one target's rounds; times in microseconds, `cpu_us` per call and None where nobody tells."""

    per_second: float
    p50_us: float
    p99_us: float
    cpu_us: float | None
    errors: int


class Pair(msgspec.Struct, frozen=True):
    """The gate against the same server directly. CPU is the gateway's own, the upstream's apart."""

    transport: str
    in_flight: int
    rate_ratio: float
    added_p50_us: float
    added_p99_us: float
    gate: Figures
    direct: Figures


class Sizes(msgspec.Struct, frozen=True):
    """Beside the calls: seconds of start, and resident megabytes of a gateway (None where nobody tells)."""

    run_help_seconds: float
    run_added_first_answer_seconds: float
    servers_declared: int
    resident_mb_at_start: float | None
    resident_mb_after_load: float | None


class Report(msgspec.Struct, frozen=True):
    rounds: int
    seconds: float
    upstream: str
    pairs: tuple[Pair, ...]
    sizes: Sizes


def typical(rows: Sequence[Row]) -> Figures:
    def middle(field: Callable[[Row], float]) -> float:
        return round(statistics.median(field(row) for row in rows), 1)

    cpu = [row.cpu_us for row in rows if row.cpu_us is not None]
    return Figures(
        per_second=middle(lambda row: row.per_second),
        p50_us=middle(lambda row: row.p50_us),
        p99_us=middle(lambda row: row.p99_us),
        cpu_us=round(statistics.median(cpu), 1) if cpu else None,
        errors=sum(row.errors for row in rows),
    )


def compare(transport: str, in_flight: int, gate: Figures, direct: Figures) -> Pair:
    return Pair(
        transport=transport,
        in_flight=in_flight,
        rate_ratio=round(gate.per_second / direct.per_second, 3),
        added_p50_us=round(gate.p50_us - direct.p50_us, 1),
        added_p99_us=round(gate.p99_us - direct.p99_us, 1),
        gate=gate,
        direct=direct,
    )


def show(report: Report) -> None:
    """Print the tables."""
    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    table.add_column("in flight", no_wrap=True)
    for heading in ("rate", "p50 µs", "p99 µs", "CPU µs", "gate/s", "p50 µs", "alone/s", "p50 µs"):
        table.add_column(heading, justify="right", no_wrap=True)
    for pair in report.pairs:
        gate, direct = pair.gate, pair.direct
        table.add_row(
            f"{pair.transport}, {pair.in_flight}",
            f"[bold]{pair.rate_ratio:.2f} x[/]",
            f"[bold]{pair.added_p50_us:+,.0f}[/]",
            f"{pair.added_p99_us:+,.0f}",
            "n/a" if gate.cpu_us is None else f"[bold]{gate.cpu_us:.0f}[/]",
            *(f"{gate.per_second:,.0f}", f"{gate.p50_us:,.0f}"),
            *(f"[dim]{direct.per_second:,.0f}[/]", f"[dim]{direct.p50_us:,.0f}[/]"),
        )
    errors = sum(pair.gate.errors + pair.direct.errors for pair in report.pairs)
    out.print()
    out.print(table)
    out.print()
    for line in (
        "Rate, p50, p99: through the gate against the server alone. CPU: the gateway's own, per call.",
        f"Medians of {report.rounds} interleaved rounds of {report.seconds:g} s; {errors} errors; below 25 % is noise.",
        f"The server: {report.upstream}.",
    ):
        out.print(line, style="dim")
    _show_sizes(out, report.sizes)


def _show_sizes(out: Console, sizes: Sizes) -> None:
    def size(value: float | None) -> str:
        return "n/a" if value is None else f"{value:.0f} MB"

    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim")
    table.add_row("`ostiary run --help`", f"{sizes.run_help_seconds:.2f} s", "limit 0.3 s")
    added = f"{sizes.run_added_first_answer_seconds:.2f} s"
    table.add_row("first answer through `ostiary run`, added", added, "limit 1 s")
    declared = f"gateway with {sizes.servers_declared} servers, resident"
    table.add_row(declared, size(sizes.resident_mb_at_start), "limit 60 MB")
    table.add_row("the same after the load above", size(sizes.resident_mb_after_load), "")
    out.print()
    out.print(table)
