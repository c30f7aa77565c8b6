"""Entries of the ledger as lines, and what verification found: coloured for people, plain in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from ostiary.cli.entries import INTENT, OUTCOME, Entry
from ostiary.cli.tables import console, show_table, style_of, visible
from ostiary.ledger.canonical import encode
from ostiary.ledger.verify import Verdict

_MOST_FINDINGS: Final = 40
_WIDTHS: Final = {"who": 18, "what": 30, "decision": 8}
_JUDGED: Final = (INTENT, "call.refused", "access.allowed", "access.refused")


def show_entries(entries: Sequence[Entry]) -> None:
    """Print a line for each; in a terminal it is cut at the edge."""
    is_terminal = sys.stdout.isatty()
    for entry in entries:
        line = Text(no_wrap=True, overflow="ellipsis" if is_terminal else "ignore")
        line.append(_local(entry.time), style="dim")
        for text, style in _cells(entry):
            line.append("  ").append(visible(text), style=style)
        console().print(line, crop=is_terminal, soft_wrap=not is_terminal)
    sys.stdout.flush()


def show_verdict(path: Path, verdict: Verdict, *, is_anchored: bool) -> None:
    """Say whether the ledger is sound, and if not, what is wrong with it."""
    records = f"{verdict.records:,} record{'' if verdict.records == 1 else 's'}"
    if verdict.is_sound:
        upto = ", and nothing is missing that was anchored" if is_anchored else ""
        console().print(
            Text.assemble(("sound", "bold green"), f"  {path}: {records}, every one as it was written{upto}")
        )
        return
    count = len(verdict.findings)
    console().print(
        Text.assemble(("not sound", "bold red"), f"  {path}: {records}, {count} finding{'' if count == 1 else 's'}"),
    )
    rows = [(finding.kind, finding.message) for finding in verdict.findings[:_MOST_FINDINGS]]
    show_table(("finding", "what"), rows, empty="")
    if count > _MOST_FINDINGS:
        console().print(f"… and {count - _MOST_FINDINGS} more; --format json has them all")


def _cells(entry: Entry) -> list[tuple[str, str]]:
    body = entry.body
    if entry.kind == OUTCOME and entry.outcome is None:
        return [(f"call {body.get('call', '')}", "dim"), *_ending(body)]
    if entry.kind in _JUDGED or entry.kind == OUTCOME:
        return [*_judged(entry), *_ending(entry.outcome)]
    who = str(body.get("principal", ""))
    return [(f"{who:<{_WIDTHS['who']}}", ""), (f"{entry.kind:<{_WIDTHS['what']}}", "cyan"), (_told(body), "dim")]


def _judged(entry: Entry) -> list[tuple[str, str]]:
    body = entry.body
    decision = str(body.get("decision", ""))
    name = body.get("tool") or body.get("name") or ""
    cells = [
        (f"{body.get('principal') or '':<{_WIDTHS['who']}}", ""),
        (f"{body.get('server', '')}/{name}".ljust(_WIDTHS["what"]), "bold"),
        (f"{decision:<{_WIDTHS['decision']}}", style_of(decision)),
        (str(body.get("rule", "")), "cyan"),
    ]
    if body.get("would"):
        cells.append((f"(would {body['would']})", "dim yellow"))
    if body.get("reason"):
        cells.append((str(body["reason"]), "italic"))
    return cells + [(str(error), "red") for error in body.get("errors", ())]


def _ending(outcome: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if outcome is None:
        return []
    word = str(outcome.get("outcome", ""))
    took = f" in {outcome['ms']} ms" if "ms" in outcome else ""
    why = f": {outcome['reason']}" if outcome.get("reason") else ""
    return [(f"→ {word}{took}{why}", style_of(word))]


def _told(body: Mapping[str, Any]) -> str:
    told = {key: value for key, value in body.items() if key != "principal" and value not in (None, [], {})}
    return "  ".join(
        f"{key} {value if isinstance(value, str) else encode(value).decode()}" for key, value in told.items()
    )


def _local(time: str) -> str:
    try:
        return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return visible(time)
