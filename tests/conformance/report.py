"""What the suite found, directly against through the gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from tests.conformance.suite import Check, Name, Results

DIRECT: Final = "direct"
MISSING: Final = Check("MISSING", "the scenario never came to this check")

Outcome = Mapping[str, Mapping[str, Results]]  # set → path → results


@dataclass(frozen=True, slots=True)
class Difference:
    """One check that does not come out through the gate as it does directly."""

    set: str
    path: str
    scenario: str
    check: str
    direct: str
    gate: str
    message: str

    @property
    def is_lost(self) -> bool:
        return self.direct == "SUCCESS" or self.gate == "FAILURE"


def differences(outcome: Outcome) -> Sequence[Difference]:
    """Every difference, in the order of sets, paths and names; a set without a direct run has none."""
    found: list[Difference] = []
    for checks, paths in outcome.items():
        if DIRECT in paths:
            for path in paths.keys() - {DIRECT}:
                found += _compare(checks, path, paths[DIRECT], paths[path])
    return sorted(found, key=lambda one: (one.set, one.path, one.scenario, one.check))


def _compare(checks: str, path: str, direct: Results, gate: Results) -> Iterator[Difference]:
    for name in sorted(direct.keys() | gate.keys()):
        here, there = direct.get(name, MISSING), gate.get(name, MISSING)
        if here.status != there.status and {here.status, there.status} != {"INFO", "MISSING"}:
            message = there.message or here.message
            yield Difference(checks, path, name.scenario, _label(name), here.status, there.status, message)


def _label(name: Name) -> str:
    return name.id + (f" ({name.turn})" if name.turn > 1 else "")


def table(outcome: Outcome) -> str:
    """One line for every set and path."""
    rows = [("set", "path", "passed", "failed", "scenarios green")]
    for checks, paths in outcome.items():
        for path, results in paths.items():
            green = f"{len(results.green)} of {len(results.scenarios)}"
            rows.append((checks, path, str(results.passed), str(results.failed), green))
    return _aligned(rows)


def every_check(outcome: Outcome) -> str:
    """One line for every check, with its status on every path."""
    lines: list[str] = []
    for checks, paths in outcome.items():
        names = sorted({name for results in paths.values() for name in results})
        rows = [[str(name), *(results.get(name, MISSING).status for results in paths.values())] for name in names]
        lines.append(_aligned([[checks, *paths], *rows]))
    return "\n\n".join(lines)


def listing(found: Sequence[Difference]) -> str:
    """The differences, each with what the suite says about it."""
    if not found:
        return "nothing differs"
    lines = []
    for one in found:
        lines.append(f"{one.set} {one.path}: {one.scenario} {one.check}: direct {one.direct}, gate {one.gate}")
        lines += [f"    {line}" for line in _first(one.message)]
    return "\n".join(lines)


def _first(message: str) -> Sequence[str]:
    return message.splitlines()[:6]


def summary(outcome: Outcome) -> str:
    """How many checks were made through the gate, and how many of them are lost."""
    made = sum(len(results) for paths in outcome.values() for path, results in paths.items() if path != DIRECT)
    return f"{made} checks through the gate: {sum(one.is_lost for one in differences(outcome))} lost"


def document(outcome: Outcome) -> dict[str, Any]:
    """The same as JSON."""
    runs = [
        {
            "set": checks,
            "path": path,
            "passed": results.passed,
            "failed": results.failed,
            "scenarios": len(results.scenarios),
            "green": len(results.green),
        }
        for checks, paths in outcome.items()
        for path, results in paths.items()
    ]
    return {"runs": runs, "differences": [asdict(one) for one in differences(outcome)]}


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
