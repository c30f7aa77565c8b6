"""Entries of the ledger as lines, and what verification found: coloured for people, plain in a pipe."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Final, TypeAlias

from rich.text import Text

from ostiary.cli.entries import INTENT, OUTCOME, Entry
from ostiary.cli.tables import console, show_table, style_of, visible
from ostiary.ledger.canonical import encode
from ostiary.ledger.verify import Verdict

_MOST_FINDINGS: Final = 40
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_NARROWEST: Final = (12, 16, 5, 0)
_WIDEST: Final = (24, 36, 16, 18)
_DRIFT: Final = "pins.drift"
_JUDGED: Final = (INTENT, "call.refused", "access.allowed", "access.refused")

Cell: TypeAlias = "tuple[str, str]"


def show_entries(entries: Sequence[Entry]) -> None:
    """Print a line for each; in a terminal it is cut at the edge."""
    is_terminal = sys.stdout.isatty()
    rows = [_cells(entry) for entry in entries]
    widths = [_width(column, rows) for column in range(len(_WIDEST))]
    for entry, cells in zip(entries, rows, strict=True):
        line = Text(_local(entry.time, is_short=is_terminal), style="dim")
        for (text, style), width in zip(cells, chain(widths, repeat(0)), strict=False):
            line.append("  ", style="not dim").append(f"{text:<{width}}", style=f"not dim {style}")
        if is_terminal:
            console().print(line, no_wrap=True, overflow="ellipsis")
        else:
            sys.stdout.write(f"{line.plain.rstrip()}\n")
    sys.stdout.flush()


def _width(column: int, rows: Sequence[Sequence[Cell]]) -> int:
    """How wide a column is, so that lines stand under one another unless one is very long."""
    widest = max((len(cells[column][0]) for cells in rows if column < len(cells) - 1), default=0)
    return min(max(widest, _NARROWEST[column]), _WIDEST[column])


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


def _cells(entry: Entry) -> list[Cell]:
    """Who, what, and for what was judged, the decision, how it ended, the rule and the reason."""
    body = entry.body
    who = visible(str(body.get("principal") or ""))
    if entry.kind == _DRIFT:
        return [(who, ""), (visible(_what(body)), "bold"), ("drift", "yellow"), (visible(_drifted(body)), "italic")]
    if entry.kind not in _JUDGED and not (entry.kind == OUTCOME and "tool" in body):
        return [(who, ""), (entry.kind, "cyan"), (visible(_told(body)), "dim")]
    decision = str(body.get("decision", ""))
    who = visible(str(body.get("grant") or "")) or who
    return [
        (who, ""),
        (visible(_what(body)), "bold"),
        (decision, style_of(decision)),
        _ending(entry),
        (visible(str(body.get("rule", ""))), "cyan"),
        (visible(_why(entry)), "italic"),
    ]


def _what(body: Mapping[str, Any]) -> str:
    return f"{body.get('server', '')}/{body.get('tool') or body.get('name') or ''}"


def _drifted(body: Mapping[str, Any]) -> str:
    """How a tool is not as it was approved, and what becomes of it."""
    changes = body.get("changes")
    paths = [str(change.get("path", "")) for change in changes] if isinstance(changes, list) else []
    told = (
        f"changed since it was approved: {', '.join(paths)}" if "approved" in body else "not among the approved tools"
    )
    return f"{told}; on_drift: {body.get('on_drift', '')}"


def _ending(entry: Entry) -> Cell:
    if entry.outcome is None:
        retry = entry.body.get("retry_after_ms")
        return (f"retry after {-(-retry // 1000)} s" if isinstance(retry, int) else "", "yellow")
    word = str(entry.outcome.get("outcome", ""))
    return f"{word} {entry.outcome.get('ms', '?')} ms", style_of(word)


def _why(entry: Entry) -> str:
    body, outcome = entry.body, entry.outcome or {}
    shadow = f"would {body['would']}" if body.get("would") else ""
    errors = body.get("errors")
    parts = [shadow, body.get("reason"), *(errors if isinstance(errors, list) else ()), outcome.get("reason")]
    return "; ".join(dict.fromkeys(str(part) for part in parts if part))


def _told(body: Mapping[str, Any]) -> str:
    told = {key: value for key, value in body.items() if key != "principal" and value not in (None, [], {})}
    return "  ".join(f"{key} {_short(value)}" for key, value in told.items())


def _short(value: Any) -> str:
    """A value on a line; of a digest its first digits tell it from others."""
    text = value if isinstance(value, str) else encode(value).decode()
    return text[:12] if _DIGEST.fullmatch(text) else text


def _local(time: str, *, is_short: bool) -> str:
    """The time where the reader is; without the date if that is today's and the reader is a person."""
    try:
        at = datetime.fromisoformat(time).astimezone()
    except ValueError:
        return visible(time)
    is_today = at.date() == datetime.now(UTC).astimezone().date()
    return at.strftime("%H:%M:%S" if is_short and is_today else "%Y-%m-%d %H:%M:%S")
