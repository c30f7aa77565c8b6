"""What the gate costs: the same calls with and without it, in one run, ratios first.

Every round measures each target once, in turn, so that a busy moment hits all of them; the figures are medians of the
rounds. The gateway has the first core, load and upstream share the others. The upstream is about the leanest server
that Python makes, so the ratios are the worst case: behind a real server the same microseconds weigh less. The policy
is a small real one (argument rule, argument schema, rate limit), the ledger is on, and over HTTP the agent presents a
grant.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

import decisions
from load import Row
from ostiary.demo.stand import free_port
from ostiary.errors import OstiaryError
from process import resident_mb
from report import Pair, Report, Sizes, compare, show, typical
from startup import added_first_answer, help_seconds
from targets import HERE, SERVER, SERVERS_DECLARED, Target, http_targets, stdio_targets, write_config

COMPARE_UPSTREAM = 9000
COMPARE = HERE.parent.parent / "shared" / "tools" / "bench" / "compare.py"
UPSTREAM = "one echo tool in Python on raw sockets and pipes, messages of about 110 bytes"


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each target is measured (5)")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each measurement is (1.5)")
    parser.add_argument("--in-flight", default="1,64", help="calls under way at once (1,64)")
    parser.add_argument("--quick", action="store_true", help="one short round: does it work, and roughly how fast")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--yardstick", action="store_true", help="also against nginx and Envoy, with the C tool")
    options = parser.parse_args(words)
    if options.quick:
        options.rounds, options.seconds = 1, 0.3
    return options


def measure(targets: list[Target], levels: list[int], rounds: int, seconds: float) -> list[Pair]:
    """All targets, interleaved, and each gate against its direct neighbour."""
    rows: dict[tuple[str, str, int], list[Row]] = {}
    for number in range(1, rounds + 1):
        for target in targets:
            for level in levels:
                progress(f"round {number} of {rounds}: {target.name} over {target.transport}, {level} in flight")
                row = target.measure(level, seconds)
                rows.setdefault((target.transport, target.name, level), []).append(row)
    progress("")
    transports = dict.fromkeys(target.transport for target in targets)
    return [
        compare(transport, level, typical(rows[transport, "gate", level]), typical(rows[transport, "direct", level]))
        for transport in transports
        for level in levels
    ]


def progress(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{line}")
        sys.stderr.flush()


def bench(directory: Path, options: argparse.Namespace) -> Report:
    levels = [int(level) for level in options.in_flight.split(",")]
    starts = 1 if options.quick else 5
    with http_targets(directory) as (over_http, gateway):
        at_start = resident_mb(gateway)
        pairs = measure([*over_http, *stdio_targets(directory)], levels, options.rounds, options.seconds)
        after_load = resident_mb(gateway)
    sizes = Sizes(
        run_help_seconds=round(help_seconds(starts), 3),
        run_added_first_answer_seconds=round(added_first_answer(directory / "policy.yaml", starts), 3),
        servers_declared=SERVERS_DECLARED,
        resident_mb_at_start=at_start,
        resident_mb_after_load=after_load,
    )
    return Report(options.rounds, options.seconds, UPSTREAM, tuple(pairs), sizes)


def yardstick(directory: Path) -> None:
    """The gate beside nginx and Envoy, by the tool that the design's figures come from. Prints its own table."""
    if not COMPARE.exists() or not shutil.which("cc"):
        raise OstiaryError(f"--yardstick needs a C compiler and {COMPARE}")
    port = free_port()
    config = write_config(directory, port, COMPARE_UPSTREAM)
    start = shlex.join([sys.executable, "-m", "ostiary", "serve", "-c", str(config)])
    words = ["--start", start, "--port", str(port), "--path", f"/mcp/{SERVER}"]
    if subprocess.run([sys.executable, str(COMPARE), *words], check=False).returncode:
        raise OstiaryError("the yardstick failed, see above")


def main() -> int:
    options = parse(sys.argv[1:])
    try:
        with tempfile.TemporaryDirectory(prefix="ostiary-bench-") as directory:
            report = bench(Path(directory), options)
        if options.json:
            print(msgspec.json.encode(report).decode())
        else:
            show(report)
            decisions.show(decisions.measure())
        if options.yardstick:
            with tempfile.TemporaryDirectory(prefix="ostiary-bench-") as directory:
                yardstick(Path(directory))
    except OstiaryError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
