"""The official suite as a function: a URL in, every check with its status out."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.real.places import ROOT

PACKAGE: Final = "@modelcontextprotocol/conformance"
LONGEST: Final = 600.0  # seconds that a set may take; one is through in less than 30
_TIME = re.compile(r"-\d{4}-\d\d-\d\dT[\d-]+Z")


class SuiteUnavailable(Exception):
    """The suite could not be run at all."""


@dataclass(frozen=True, slots=True)
class Set:
    """Scenarios in one revision of the specification: those that play the client, or those that play the server.

    `clients` are the scenarios that look at a client; a set without them looks at a server, as `arguments` say.
    """

    name: str
    revision: str
    arguments: Sequence[str] = ()
    clients: Sequence[str] = ()

    @property
    def has_sessions(self) -> bool:
        return self.revision < "2026-07-28"


SETS: Final = (
    Set("server-2025-06-18", "2025-06-18", ("--suite", "all", "--spec-version", "2025-06-18")),
    Set("server-2025-11-25", "2025-11-25", ("--requirements", "2025-11-25")),
    Set("server-2026-07-28", "2026-07-28", ("--requirements", "2026-07-28")),
    Set("client-2025-06-18", "2025-06-18", clients=("initialize", "tools_call")),
    Set(
        "client-2025-11-25",
        "2025-11-25",
        clients=(
            "initialize",
            "tools_call",
            "elicitation-sep1034-client-defaults",
            "sse-retry",
            "json-schema-2020-12-preservation",
        ),
    ),
    Set(
        "client-2026-07-28",
        "2026-07-28",
        clients=(
            "tools_call",
            "request-metadata",
            "sep-2322-client-request-state",
            "http-standard-headers",
            "http-custom-headers",
            "http-invalid-tool-headers",
            "json-schema-ref-no-deref",
            "json-schema-2020-12-preservation",
        ),
    ),
)
"""Everything that applies to a gateway; the client's `auth/*` comes with the gateway's own OAuth."""


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """Which check: its scenario, its id, and which of several with the same id."""

    scenario: str
    id: str
    turn: int = 1

    def __str__(self) -> str:
        return f"{self.scenario} {self.id}" + (f" ({self.turn})" if self.turn > 1 else "")


@dataclass(frozen=True, slots=True)
class Check:
    """What the suite says: `SUCCESS`, `FAILURE`, `WARNING`, `SKIPPED` or `INFO`, and why."""

    status: str
    message: str


class Results(dict[Name, Check]):
    """Every check of one set on one path."""

    @property
    def passed(self) -> int:
        return sum(check.status == "SUCCESS" for check in self.values())

    @property
    def failed(self) -> int:
        return sum(check.status == "FAILURE" for check in self.values())

    @property
    def scenarios(self) -> frozenset[str]:
        return frozenset(name.scenario for name in self)

    @property
    def green(self) -> frozenset[str]:
        """The scenarios in which nothing failed."""
        return self.scenarios - {name.scenario for name, check in self.items() if check.status == "FAILURE"}


@dataclass(frozen=True, slots=True)
class Suite:
    """The suite as npm installed it in `place`, with the Node.js that it needs."""

    place: Path

    def check_server(self, checks: Set, url: str, output: Path, scenario: str | None = None) -> Results:
        """Run a set, or one scenario of it, against a server; what is not finished in time is missing."""
        chosen = checks.arguments if scenario is None else ("--scenario", scenario, "--spec-version", checks.revision)
        self._run("server", "--url", url, *chosen, "--output-dir", str(output))
        return _results(checks, output, "server-")

    def check_client(self, checks: Set, command: str, output: Path, scenario: str | None = None) -> Results:
        """The same against a client, which `command` starts; the suite appends the address of its own server."""
        for one in checks.clients:
            if scenario in (None, one):
                chosen = ("--scenario", one, "--spec-version", checks.revision)
                self._run("client", "--command", command, *chosen, "--output-dir", str(output))
        return _results(checks, output, "")

    def _run(self, *arguments: str) -> None:
        node = self.place / "node_modules/.bin/node"
        script = self.place / "node_modules" / PACKAGE / "dist/index.js"
        for needed in (node, script):
            if not needed.exists():
                raise SuiteUnavailable(f"no {needed}: run ./dev conformance")
        try:
            subprocess.run([node, script, *arguments], cwd=ROOT, capture_output=True, timeout=LONGEST, check=False)
        except subprocess.TimeoutExpired:
            return


def _results(checks: Set, output: Path, prefix: str) -> Results:
    results = Results(_read(output, prefix))
    if not results:
        raise SuiteUnavailable(f"the suite left no result for {checks.name}")
    return results


def _read(output: Path, prefix: str) -> Iterator[tuple[Name, Check]]:
    for directory in sorted(output.iterdir() if output.exists() else ()):
        if directory.name.startswith(prefix) and (directory / "checks.json").exists():
            scenario = _TIME.sub("", directory.name.removeprefix(prefix))
            yield from _checks(scenario, json.loads((directory / "checks.json").read_bytes()))


def _checks(scenario: str, checks: Sequence[Mapping[str, str]]) -> Iterator[tuple[Name, Check]]:
    turns: dict[str, int] = {}
    for check in checks:
        turns[check["id"]] = turns.get(check["id"], 0) + 1
        name = Name(scenario, check["id"], turns[check["id"]])
        yield name, Check(check["status"], check.get("errorMessage") or "")
