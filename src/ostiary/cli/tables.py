"""Output of commands: tables for people, plain text in a pipe, one JSON document for programs."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

_STYLES: Final = {
    "allow": "green",
    "deny": "red",
    "hide": "magenta",
    "require_approval": "yellow",
    "live": "green",
    "revoked": "red",
    "expired": "yellow",
    "returned": "dim green",
    "failed": "yellow",
    "unknown": "bold red",
    "not_sent": "yellow",
}
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def style_of(word: str) -> str:
    """The colour of a decision, an outcome or a state."""
    return _STYLES.get(word, "")


def visible(text: str) -> str:
    """The text on one line, with whatever would steer a terminal or cannot be seen written as an escape."""
    return _UNSHOWN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def plural(number: int, noun: str, nouns: str = "") -> str:
    """`1 tool`, `2 tools`; `nouns` where more of them are not the noun with an `s`."""
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"


@lru_cache(maxsize=1)
def console() -> Console:
    """Standard output. In a pipe it has no colours and no width."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def show_json(document: object) -> None:
    """Print one JSON document."""
    import msgspec

    from ostiary.ledger.canonical import escape

    text = msgspec.json.format(escape(msgspec.json.encode(document)), indent=2).decode()
    sys.stdout.write(f"{text}\n")


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Print rows under their headings; columns parted by tabs in a pipe. `empty` is said where there are none."""
    if not sys.stdout.isatty():
        sys.stdout.write("".join("\t".join(map(visible, row)) + "\n" for row in rows))
        return
    if not rows:
        sys.stdout.write(f"{empty}\n")
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(cell), style=style_of(cell)) for cell in row))
    console().print(table)


def indent(text: Text, by: int) -> RenderableType:
    """A text set in; in a terminal its further lines too."""
    from rich.padding import Padding
    from rich.text import Text

    if sys.stdout.isatty():
        return Padding(text, (0, 0, 0, by), expand=False)
    return Text(" " * by).append_text(text)


def show_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Print names and values, a line each."""
    from rich.text import Text

    width = max(len(name) for name, _ in fields)
    for name, value in fields:
        console().print(Text.assemble((f"{name:<{width}}  ", "dim"), visible(value)), soft_wrap=True)
