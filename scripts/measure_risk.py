# ruff: noqa: INP001, T201  # a script of its own, which prints
"""What the classifier and the detectors get right: `python scripts/measure_risk.py [FOLDER] [--wrong]`.

FOLDER holds `labelled_tools.jsonl` and `annotated_tools.jsonl` (by default `../shared/data/risk`). Nothing is learned
from them, so there are no folds to train on; figures are still told by server, as single servers weigh a lot.
`--wrong` shows every tool whose class is wrong, with the evidence that decided.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from ostiary.model import Tool
from ostiary.risk import Risk, RiskClass, assess, classify_all
from ostiary.risk.rules import POISONING

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT.parent / "shared" / "data" / "risk"
POISON: Final = frozenset(rule.id for rule in POISONING)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def judged(rows: Iterable[dict[str, Any]], *, hints: bool) -> Iterator[tuple[dict[str, Any], Risk]]:
    """Every row with its risk, each server's tools together."""
    servers = defaultdict(list)
    for row in rows:
        servers[row["server"]].append(row)
    for server, group in servers.items():
        tools = [
            Tool(
                row["tool"],
                server,
                row["description"] or "",
                row["inputSchema"],
                (row.get("annotations") or {}) if hints else {},
            )
            for row in group
        ]
        yield from zip(group, classify_all(tools), strict=True)


def classes(rows: list[dict[str, Any]], *, hints: bool) -> None:
    confusion: Counter[tuple[str, str]] = Counter()
    by_server = defaultdict(list)
    severe = 0
    for row, risk in judged(rows, hints=hints):
        found = risk.risk_class.value.capitalize()
        is_right = found in row["accept"]
        confusion[found if is_right else row["accept"][0], found] += 1
        if not is_right and "--wrong" in sys.argv:
            print(f"  {row['server']} {row['tool']}: {row['accept'][0]}, found {found}:", risk.evidence[0].why)
        by_server[row["server"]].append(is_right)
        severe += risk.severity.value.capitalize() in row["severity"]
    right = sum(sum(group) for group in by_server.values())
    mean = sum(sum(group) / len(group) for group in by_server.values()) / len(by_server)
    read = sum(
        count for (label, found), count in confusion.items() if found == "Read" and label not in ("Read", "Write")
    )
    print(
        f"class{' with hints' if hints else ''}: {right / len(rows):.1%} of {len(rows)}, mean by server {mean:.1%},",
        end=" ",
    )
    print(f"severity {severe / len(rows):.1%}, dangerous called read: {read}")
    names = [risk_class.value.capitalize() for risk_class in RiskClass]
    for label in names:
        print(f"  {label:12}", *(f"{confusion[label, found]:5}" for found in names))


def reading(rows: list[dict[str, Any]], *, hints: bool) -> None:
    pairs = [
        ((risk.risk_class is RiskClass.READ), row["annotations"].get("readOnlyHint") is True)
        for row, risk in judged(rows, hints=hints)
    ]
    right = sum(found is told for found, told in pairs)
    print(f"read or not{' with hints' if hints else ''}: {right / len(rows):.1%} of {len(rows)}")


def poison(rows: list[dict[str, Any]]) -> None:
    wrong = []
    started = time.perf_counter()
    for row in rows:
        definition = {key: row[key] for key in ("description", "inputSchema", "annotations")} | {"name": row["tool"]}
        if any(finding.rule in POISON for finding in assess(row["server"], [definition]).findings):
            wrong.append(row["tool"])
    each = (time.perf_counter() - started) / len(rows)
    print(f"poisoning: {len(wrong)} of {len(rows)} honest definitions flagged {wrong}, {each * 1000:.1f} ms each")


def main() -> None:
    folders = [Path(given) for given in sys.argv[1:] if given != "--wrong"]
    folder = folders[0] if folders else FOLDER
    labelled = [row for row in rows_of(folder / "labelled_tools.jsonl") if row["class"] != "NotATool"]
    annotated = rows_of(folder / "annotated_tools.jsonl")
    for hints in (False, True):
        classes(labelled, hints=hints)
        reading(annotated, hints=hints)
    started = time.perf_counter()
    list(judged(annotated, hints=True))
    print(f"classifying: {(time.perf_counter() - started) / len(annotated) * 1000:.2f} ms a tool")
    poison(annotated)


if __name__ == "__main__":
    main()
