"""Pins and what has changed since, for people at a terminal and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.padding import Padding
from rich.text import Text

from ostiary.cli import tables
from ostiary.cli.styles import CLASSES, SEVERITIES
from ostiary.cli.tables import plural
from ostiary.ledger.canonical import encode
from ostiary.model import JSON
from ostiary.pins.review import Review, accepted, suspicions
from ostiary.pins.words import Mark, Piece, reveal, word_changes
from ostiary.risk import Change, Difference, Finding, Kind, Pin

if TYPE_CHECKING:
    from ostiary.cli.pin import Outcome

_KINDS: Final = {
    Kind.ADDED: ("new", "bold green"),
    Kind.REMOVED: ("gone", "bold"),
    Kind.CHANGED: ("changed", "bold yellow"),
}
_LONGEST: Final = 2000
_MOST_LINES: Final = 60
_MOST_NAMES: Final = 5


def show_head(found: Review) -> None:
    """Print which server this is, and how much of it there is to look at."""
    pinned = "not pinned yet" if found.before is None else f"{len(found.before)} pinned"
    what = f"{len(found.differences)} to look at"
    _print(Text.assemble("\n", (found.server, "bold"), f"   {plural(len(found.after), 'tool')}, {pinned}: {what}"))


def show_difference(found: Review, difference: Difference) -> None:
    """Print everything that a reader has to know to say yes or no."""
    word, style = _KINDS[difference.kind]
    head = Text.assemble("\n", (reveal(difference.name), "bold"), ("  ", ""), (word, style), "  ", _risks(difference))
    _print(head)
    if difference.kind is Kind.ADDED and difference.after is not None:
        for line, indent in _definition(difference.after.definition):
            _print(line, indent)
    for change in difference.changes[:_MOST_LINES]:
        for line, indent in _change(change):
            _print(line, indent)
    if len(difference.changes) > _MOST_LINES:
        _print(Text(f"  and {len(difference.changes) - _MOST_LINES} more changes: --format json has all", "yellow"))
    known = set() if difference.before is None else set(difference.before.findings)
    for finding in found.findings(difference.name):
        if difference.after is not None:
            _print_finding(finding, is_new=finding.rule not in known)


def ask(difference: Difference) -> bool | None:
    """Whether a person approves; None where they have had enough."""
    what = "Forget it" if difference.kind is Kind.REMOVED else "Approve it"
    if suspicions(difference):
        what = "It addresses the model. Approve it all the same"
    said = click.prompt(f"\n  {what}? (yes, no, quit)", default="no", show_default=False, value_proc=_answer)
    return None if said == "quit" else bool(said == "yes")


def _answer(said: str) -> str:
    """The first letter is enough."""
    word = next((word for word in ("yes", "no", "quit") if said and word.startswith(said.strip().lower())), None)
    if word is None:
        raise click.UsageError("say yes, no or quit")
    return word


def show_outcome(
    found: Review,
    taken: Sequence[Difference],
    left: Sequence[Difference],
    path: Path,
    *,
    is_check: bool,
    is_review: bool,
) -> None:
    """Print what is pinned now, and what is not."""
    pins = accepted(found.before or (), taken)
    counts = Counter(pin.risk_class for pin in pins.values())
    told = Text.assemble(("\n" if left else "", ""), (found.server, "bold"), "  ")
    if is_check:
        told.append(
            "as pinned" if not left else f"{plural(len(left), 'tool')} not as pinned", "green" if not left else "red"
        )
    elif found.before is None or taken:
        told.append(f"{plural(len(pins), 'tool')} pinned in {path}", "green")
    elif not left:
        told.append(f"as pinned in {path}", "green")
    else:
        told.append(f"nothing changed in {path}", "yellow")
    for risk_class, style in reversed(CLASSES.items()):
        if counts[risk_class] and not is_check:
            told.append("  ").append(f"{counts[risk_class]} {risk_class.value}", style)
    if not is_check:
        told.append(f"  grade {found.found.grade.letter}", "dim")
    _print(told)
    if not is_review:
        _show_found(found, {one.name for one in taken})
    _show_left(found, left, is_first=found.before is None and not is_review, was_shown=is_review)
    for note in found.notes:
        _print(Text.assemble(("  ! ", "yellow"), reveal(note), ("; it is held back" if "`" in note else "", "")))


def _show_found(found: Review, names: set[str]) -> None:
    """What was found in tools that are pinned now, and nobody was shown."""
    rules: dict[str, list[str]] = {}
    for finding in found.found.findings:
        if finding.tool in names and finding.tool not in rules.get(finding.title, ()):
            rules.setdefault(finding.title, []).append(finding.tool)
    for title, tools in rules.items():
        more = f" and {len(tools) - _MOST_NAMES} more" if len(tools) > _MOST_NAMES else ""
        told = Text.assemble(("  ⚑ ", "yellow"), (title, "yellow"))
        _print(told.append(f"  {', '.join(map(reveal, tools[:_MOST_NAMES]))}{more}", "dim"))


def _show_left(found: Review, left: Sequence[Difference], *, is_first: bool, was_shown: bool) -> None:
    for difference in left[:_MOST_LINES]:
        word, style = _KINDS[difference.kind]
        told = Text.assemble(("  ✗ ", "red"), reveal(difference.name), ("  ", ""), (word, style))
        if suspicions(difference):
            told.append(f"  {', '.join(suspicions(difference))}", "red")
        _print(told)
        for finding in found.findings(difference.name) if is_first else ():
            if finding.rule in suspicions(difference):
                _print(Text(f"“{finding.quote}”", "italic"), 6)
    if not left:
        return
    name = reveal(left[0].name)
    if is_first:
        hint = f"Not pinned, as its text addresses the model. --accept '{name}' approves it all the same."
    elif was_shown:
        hint = f"--review --yes approves all that is not suspicious, --review --accept '{name}' that one tool."
    else:
        hint = "Look at it with `ostiary pin --review`."
    _print(Text.assemble(("  → ", "cyan"), hint))


def show_json(outcomes: Sequence[Outcome], failed: Mapping[str, str], path: Path) -> None:
    """Print one JSON document."""
    tables.show_json(
        {
            "lock": str(path),
            "servers": [_plain(outcome) for outcome in outcomes],
            "errors": [{"server": name, "message": reason} for name, reason in failed.items()],
        }
    )


def _plain(outcome: Outcome) -> dict[str, object]:
    found, taken = outcome.review, {one.name for one in outcome.taken}
    pins = accepted(found.before or (), outcome.taken)
    return {
        "server": found.server,
        "grade": found.found.grade.letter,
        "pinned": len(pins),
        "classes": dict(Counter(pin.risk_class.value for pin in pins.values())),
        "differences": [
            {
                "tool": one.name,
                "change": one.kind.value,
                "approved": one.name in taken,
                "before": _facts(one.before),
                "after": _facts(one.after),
                "changes": [
                    {"path": change.path, "change": change.kind.value, "before": change.before, "after": change.after}
                    for change in one.changes
                ],
                "suspicions": list(suspicions(one)),
            }
            for one in found.differences
        ],
        "notes": list(found.notes),
    }


def _facts(pin: Pin | None) -> dict[str, object] | None:
    if pin is None:
        return None
    return {
        "class": pin.risk_class.value,
        "severity": pin.severity.value,
        "findings": list(pin.findings),
        "digest": pin.digest,
    }


def _risks(difference: Difference) -> Text:
    """Class and severity, and what they were."""
    before, after = difference.before, difference.after
    told = Text()
    if before is not None:
        told.append_text(_risk(before))
    if before is not None and after is not None and _risk(before).plain != _risk(after).plain:
        told.append(" → ", "bold").append_text(_risk(after))
    elif before is None and after is not None:
        told.append_text(_risk(after))
    return told


def _risk(pin: Pin) -> Text:
    return Text.assemble(
        (pin.risk_class.value, CLASSES[pin.risk_class]), " ", (pin.severity.value, SEVERITIES[pin.severity])
    )


def _change(change: Change) -> Iterator[tuple[Text, int]]:
    """Lines, and how far each is indented."""
    path = Text(reveal(change.path), "bold dim")
    if isinstance(change.before, str) and isinstance(change.after, str) and change.kind is Kind.CHANGED:
        yield path, 2
        yield _marked(word_changes(change.before, change.after)), 4
        return
    yield path.append("" if change.kind is Kind.CHANGED else f"  {change.kind.value}", "not bold"), 2
    if change.kind is not Kind.ADDED:
        yield _marked([Piece(_text(change.before), Mark.GONE)]), 4
    if change.kind is not Kind.REMOVED:
        yield _marked([Piece(_text(change.after), Mark.NEW)]), 4


def _definition(definition: Mapping[str, JSON]) -> Iterator[tuple[Text, int]]:
    for key, value in definition.items():
        if key != "name":
            yield Text(f"/{reveal(key)}", "bold dim"), 2
            yield Text(_text(value)), 4


def _text(value: JSON) -> str:
    text = reveal(value if isinstance(value, str) else encode(value).decode())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… (--format json has all of it)"


def _marked(pieces: Sequence[Piece]) -> Text:
    """Coloured at a terminal; with brackets where there are no colours."""
    is_plain = not tables.console().is_terminal or tables.console().no_color
    told = Text()
    for piece in pieces:
        match piece.mark:
            case Mark.SAME:
                told.append(piece.text)
            case Mark.CUT:
                told.append(piece.text, "dim")
            case Mark.GONE:
                told.append(f"[-{piece.text}-]" if is_plain else piece.text, "red strike")
            case Mark.NEW:
                told.append(f"{{+{piece.text}+}}" if is_plain else piece.text, "bold green underline")
    return told


def _print_finding(finding: Finding, *, is_new: bool) -> None:
    style = SEVERITIES[finding.severity]
    title = f"{finding.title}{'' if is_new else ' (known)'}"
    _print(Text.assemble(("  ⚑ ", style), (title, style), (f"  {reveal(finding.where)}", "dim")))
    _print(Text(f"“{finding.quote}”", "italic"), 4)


def _print(line: Text, indent: int = 0) -> None:
    out = tables.console()
    if out.is_terminal:
        out.print(Padding(line, (0, 0, 0, indent), expand=False) if indent else line)
    else:
        out.print(Text(" " * indent).append_text(line), soft_wrap=True)
