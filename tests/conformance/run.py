"""`python -m tests.conformance.run`: the official suite directly and through the gate, compared check by check."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.conformance.paths import BRIDGED, OF_CLIENTS, PATHS, NotListening
from tests.conformance.report import DIRECT, differences, document, every_check, listing, summary, table
from tests.conformance.suite import SETS, Results, Set, Suite, SuiteUnavailable
from tests.real.places import ROOT

INSTALLED: Final = ROOT / ".venv/envs/conformance"
CLIENT: Final = "-m tests.conformance.client"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 where nothing is lost, 1 where something is, 2 where the suite could not run."""
    options = _parser().parse_args(arguments)
    sets = [one for one in SETS if not options.set or one.name in options.set]
    try:
        outcome = _measure(Suite(options.suite), sets, options.path or list(PATHS), options.only, options.keep)
    except (SuiteUnavailable, NotListening) as error:
        sys.stderr.write(f"conformance: {error}\n")
        return 2
    found = differences(outcome)
    if options.json:
        parts = [json.dumps(document(outcome), indent=2)]
    else:
        parts = [table(outcome), listing(found), *([every_check(outcome)] if options.checks else []), summary(outcome)]
    sys.stdout.write("\n\n".join(parts) + "\n")
    has_failed = any(paths[DIRECT].failed for paths in outcome.values() if DIRECT in paths)
    return int(has_failed or any(one.is_lost for one in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev conformance", description=__doc__)
    parser.add_argument("--only", metavar="SCENARIO", help="one scenario instead of all of them")
    parser.add_argument(
        "--set", choices=[one.name for one in SETS], action="append", help="one set; may be given several times"
    )
    parser.add_argument("--path", choices=list(PATHS), action="append", help="one path; may be given several times")
    parser.add_argument("--checks", action="store_true", help="print every check, not only those that differ")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the suite's results and the logs in a directory")
    parser.add_argument("--suite", type=Path, metavar="DIR", default=INSTALLED, help="where npm installed the suite")
    return parser


def _measure(
    suite: Suite, sets: Sequence[Set], paths: Sequence[str], scenario: str | None, keep: Path | None
) -> dict[str, dict[str, Results]]:
    outcome: dict[str, dict[str, Results]] = {one.name: {} for one in sets}
    with tempfile.TemporaryDirectory(prefix="ostiary-conformance-") as temporary:
        for path in paths:
            place = (keep or Path(temporary)).resolve() / path
            place.mkdir(parents=True)
            for one, results in _walk(suite, sets, path, place, scenario):
                outcome[one.name][path] = results
    return outcome


def _walk(
    suite: Suite, sets: Sequence[Set], path: str, place: Path, scenario: str | None
) -> Iterator[tuple[Set, Results]]:
    """Every set on one path; the servers of the path start once for all sets that look at a server."""
    servers = [one for one in sets if not one.clients and (one.has_sessions or path not in BRIDGED)]
    if servers:
        with PATHS[path](place) as url:
            for one in servers:
                sys.stderr.write(f"conformance: {one.name}, {path}\n")
                yield one, suite.check_server(one, url, place / one.name, scenario)
    for one in sets:
        if one.clients and path in OF_CLIENTS and scenario in (None, *one.clients):
            sys.stderr.write(f"conformance: {one.name}, {path}\n")
            yield one, suite.check_client(one, f"{sys.executable} {CLIENT} {path}", place / one.name, scenario)


if __name__ == "__main__":
    sys.exit(main())
