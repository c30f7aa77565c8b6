"""`python -m tests.bypass`: everything that gets past a gateway, or brings it down, in one table."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bypass import ostiary, report
from tests.bypass.agents import GatewayError
from tests.bypass.ground import HTTP, STDIO, Verdict
from tests.bypass.message import Era
from tests.bypass.stands import HttpStand, StdioStand, http_stand
from tests.bypass.suite import Finding, Wanted, run

CORPORA = Path(__file__).resolve().parents[3] / "shared/data/corpora"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 where everything holds, 1 where something leaks or falls over, 2 where nothing could be tried."""
    options = _parser().parse_args(arguments)
    try:
        findings = asyncio.run(_try(options))
    except (GatewayError, OSError) as error:
        sys.stderr.write(f"bypass: {error}\n")
        return 2
    if options.json:
        parts = [json.dumps(report.document(findings), indent=2)]
    else:
        parts = [report.table(findings), report.details(findings), report.summary(findings)]
    sys.stdout.write("\n\n".join(part for part in parts if part) + "\n")
    return int(any(finding.verdict in (Verdict.LEAKS, Verdict.CRASHED) for finding in findings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev bypass", description=__doc__)
    parser.add_argument(
        "--start", metavar="COMMAND", default="", help="start a gateway; {upstream} is the upstream's URL"
    )
    parser.add_argument("--url", help="where that gateway listens, as an agent would be given it")
    parser.add_argument("--stdio", metavar="COMMAND", help="a gateway on stdio; {upstream} is the upstream's command")
    parser.add_argument(
        "--token", action="append", default=[], help="a bearer token; a second one is another principal's"
    )
    parser.add_argument("--upstream-port", type=int, default=0, help="where the upstream is to listen  [any free port]")
    parser.add_argument("--transport", choices=(HTTP, STDIO), help="one transport only")
    parser.add_argument("--era", choices=tuple(Era), type=Era, help="one era only")
    parser.add_argument("--only", metavar="NUMBER", action="append", default=[], help="cases of one number only")
    parser.add_argument("--skip", metavar="NUMBER", action="append", default=[], help="no cases of that number")
    parser.add_argument(
        "--corpora", type=Path, default=CORPORA, help="where jsontestsuite.tar.gz and llhttp_requests.json lie"
    )
    parser.add_argument(
        "--quick", action="store_true", help="2,000 bad requests and 48 MiB of flood instead of 100,000 and 1 GiB"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


async def _try(options: argparse.Namespace) -> list[Finding]:
    wanted = Wanted(
        is_full=not options.quick,
        corpora=options.corpora,
        only=options.only,
        skip=options.skip,
        eras=tuple(Era) if options.era is None else (options.era,),
    )
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="bypass-") as temporary:
        stands = await _stands(options, Path(temporary))
        try:
            async for finding in run(stands, wanted):
                findings.append(finding)
                _progress(finding)
        finally:
            for stand in stands.values():
                await stand.close()
    return findings


async def _stands(options: argparse.Namespace, directory: Path) -> dict[str, HttpStand | StdioStand]:
    stands: dict[str, HttpStand | StdioStand] = {}
    is_ours = not (options.start or options.url or options.stdio)
    if options.transport != STDIO and options.url:
        stands[HTTP] = await http_stand(options.url, options.start, options.upstream_port, options.token, directory)
    elif options.transport != STDIO and is_ours:
        stands[HTTP] = await ostiary.http(directory)
    if options.transport != HTTP and options.stdio:
        stands[STDIO] = StdioStand(options.stdio, directory)
    elif options.transport != HTTP and is_ours:
        stands[STDIO] = ostiary.stdio(directory)
    if not stands:
        raise GatewayError("nothing to test: give --url, with --start where it does not run yet, or --stdio")
    return stands


def _progress(finding: Finding) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"{finding.number:>3} {finding.transport} {finding.era}: {finding.verdict}\n")


if __name__ == "__main__":
    sys.exit(main())
