"""Findings for people and for programs."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from tests.bypass.ground import Verdict
from tests.bypass.suite import Finding

_WAYS: Final = (("http", "legacy"), ("http", "modern"), ("stdio", "legacy"), ("stdio", "modern"))
_WIDTH: Final = 68
_SHOWN: Final = 5


def table(findings: Sequence[Finding]) -> str:
    """Case by case, a column for each transport and era; what is not said does not apply."""
    heads = [f"{transport} {era}" for transport, era in _WAYS]
    lines = [f"{'case':<{_WIDTH + 4}} {'tried':>7}  " + "  ".join(f"{head:<12}" for head in heads).rstrip()]
    rows: dict[tuple[str, str], dict[tuple[str, str], Finding]] = {}
    for finding in findings:
        rows.setdefault((finding.number, finding.title), {})[(finding.transport, finding.era)] = finding
    for (number, title), found in rows.items():
        cells = [found[way].verdict.value if way in found else "–" for way in _WAYS]
        tried = sum(one.attempts for one in found.values())
        name = title if len(title) <= _WIDTH else f"{title[: _WIDTH - 1]}…"
        lines.append(f"{number:>3} {name:<{_WIDTH}} {tried:>7}  " + "  ".join(f"{cell:<12}" for cell in cells).rstrip())
    return "\n".join(lines)


def details(findings: Sequence[Finding]) -> str:
    """What leaked, what fell over, and what is worth knowing; empty where there is nothing."""
    parts: list[str] = []
    for finding in findings:
        where = f"{finding.number} {finding.title[:50]} ({finding.transport} {finding.era})"
        for kind, said in (("leak", finding.leaks), ("crash", finding.crashes), ("note", finding.notes)):
            parts += [f"{kind}: {where}: {one}" for one in said[:_SHOWN]]
            if len(said) > _SHOWN:
                parts.append(f"{kind}: {where}: … {len(said) - _SHOWN} more")
    return "\n".join(dict.fromkeys(parts))


def summary(findings: Sequence[Finding]) -> str:
    counted = Counter(finding.verdict for finding in findings)
    tried = sum(finding.attempts for finding in findings)
    told = ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict if counted[verdict])
    return f"{tried} attempts on {len(findings)} grounds: {told or 'nothing was tried'}"


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    return {"findings": [dataclasses.asdict(finding) for finding in findings], "summary": summary(findings)}
