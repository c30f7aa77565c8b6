"""Text on its way into a page. What a server said is escaped, and what cannot be seen in it is made visible.

`said` is the only way from a server's words to markup; what is `Markup` here was escaped by it first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from inspect import cleandoc
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec
from markupsafe import Markup, escape

from ostiary.catalog.documents import ToolLine
from ostiary.catalog.history import Event, Happening
from ostiary.catalog.words import ADVICE, STANDINGS, plural
from ostiary.model import keys_of
from ostiary.risk import Severity
from ostiary.risk.rules import shown

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["environment", "plain"]

_LONG: Final = 4000
_UNSEEN: Final = re.compile(r"\\u\{[0-9a-f]+\}")
_TICKED: Final = re.compile(r"`([^`\n]{1,200})`")


def plain(text: str, longest: int = 120) -> str:
    """One printable line."""
    return shown(text, longest)


def said(text: str, longest: int = _LONG) -> Markup:
    """What a server said, on one line; what cannot be seen is marked."""
    if len(text) <= longest and text.isascii() and text.isprintable() and "\\u{" not in text:
        return escape(text)
    return Markup(_UNSEEN.sub(lambda match: f"<mark>{match[0]}</mark>", str(escape(shown(text, longest)))))  # noqa: S704


@lru_cache(maxsize=4096)
def ours(text: str) -> Markup:
    """A sentence of ours, which may quote a server between backticks."""
    return Markup(_TICKED.sub(r"<code>\1</code>", str(said(text))))  # noqa: S704


def path(text: str) -> Markup:
    """A name or a path, with places where a line may break."""
    return Markup(re.sub(r"([._\]])(?=[^<])", r"\1<wbr>", str(said(text, 300))))  # noqa: S704


_SHOWN_FIRST: Final = 900
_CODE: Final = re.compile(r"^(\s{4,}|```|[-*] |#|\w[\w ]{0,24}:$)")


def prose(text: str) -> Markup:
    """A description as paragraphs; what looks laid out by hand stays as it is; what is long is folded after a while."""
    parts = [part.rstrip() for part in re.split(r"\n\s*\n", cleandoc(text[:40_000])) if part.strip()]
    if not parts:
        return Markup('<p class="dim">Nothing: the server does not describe it.</p>')
    first, size = 0, 0
    for part in parts:
        if first and size + len(part) > _SHOWN_FIRST:
            break
        first, size = first + 1, size + len(part)
    rest = parts[first:]
    told = Markup("").join(map(_paragraph, parts[:first]))
    if rest:
        told += Markup("<details><summary>The rest of its description</summary>")
        told += Markup("").join(map(_paragraph, rest)) + Markup("</details>")
    return Markup('<div class="said">{}</div>').format(told)


def _paragraph(text: str) -> Markup:
    lines = text.split("\n")
    is_laid_out = len(lines) > 1 and sum(bool(_CODE.match(line)) for line in lines) * 2 >= len(lines)
    if not is_laid_out:
        return Markup("<p>{}</p>").format(said(text, len(text)))
    return Markup('<p class="code">{}</p>').format(Markup("\n").join(_indented(line.rstrip()) for line in lines))


def _indented(line: str) -> Markup:
    bare = line.lstrip()
    return Markup(" " * (len(line) - len(bare))) + said(bare, len(bare))  # noqa: S704


_LINE: Final = re.compile(r"^(\s*(?:- )?)(\"(?:[^\"\\]|\\.)*\"|[^\s:#\"][^:#\"]*)(:)(.*)$")
_COMMENT: Final = re.compile(r"(^|\s)(#.*)$")


def yaml(text: str) -> Markup:
    """A policy with its keys and comments set apart."""
    return Markup("\n").join(_yaml_line(line) for line in text.rstrip("\n").split("\n"))


@lru_cache(maxsize=4096)
def _yaml_line(line: str) -> Markup:
    comment = _COMMENT.search(line) if '"' not in line else None
    note = Markup("")
    if comment is not None:
        line, note = line[: comment.start(2)], Markup('<span class="cm">{}</span>').format(said(comment[2]))
    match = _LINE.match(line)
    if match is None:
        return said(line) + note
    head, key, colon, rest = match.groups()
    return Markup('{}<span class="k">{}</span>{}{}{}').format(head, said(key), colon, said(rest), note)


def client(launch: Sequence[str]) -> str:
    """What stands in a client's configuration with Ostiary in front of a command."""
    command = list(launch) or ["THE-SERVER'S-COMMAND"]
    arguments = ["run", "--policy", "policy.yaml", "--", *command]
    inner = json.dumps(arguments, ensure_ascii=False)
    return f'{{"command": "ostiary",\n "args": {inner}}}'


class _Group(msgspec.Struct, frozen=True):
    """What happened to several tools: how many are shown, and whether each on a line of its own."""

    title: str
    most: int
    is_list: bool


EVENTS: Final = {
    Happening.SERVER_ADDED: "first scanned",
    Happening.GRADE_CHANGED: "grade changed",
    Happening.TOOL_ADDED: "added",
    Happening.TOOL_REMOVED: "removed",
    Happening.TOOL_CHANGED: "redefined",
    Happening.CLASS_CHANGED: "class changed",
    Happening.SEVERITY_CHANGED: "severity changed",
}
_MOST: Final = 40


def by_event(events: Sequence[Event]) -> list[tuple[_Group, list[Event]]]:
    """Events by what happened; that a server was scanned for the first time is no news."""
    found: dict[Happening, list[Event]] = {}
    for event in events:
        if event.event is not Happening.SERVER_ADDED:
            found.setdefault(event.event, []).append(event)
    return [
        (_Group(title.capitalize(), _MOST, kind in _ONE_A_LINE), found[kind])
        for kind, title in EVENTS.items()
        if kind in found
    ]


_ONE_A_LINE: Final = frozenset({Happening.TOOL_CHANGED, Happening.CLASS_CHANGED, Happening.SEVERITY_CHANGED})


def linked(tool: str, pages: Mapping[str, str], root: str) -> Markup:
    """A tool's name; a link where it has a page."""
    name = Markup("<code>{}</code>").format(said(tool, 80))
    return Markup('<a href="{}">{}</a>').format(root + pages[tool], name) if tool in pages else name


_SHOWN_PLACES: Final = 3


def places(pointers: Sequence[str]) -> Markup:
    """Where a definition changed, as far as a reader wants to know: its members, and which arguments."""
    named = dict.fromkeys(_place(pointer) for pointer in pointers)
    more = len(named) - _SHOWN_PLACES
    told = Markup(", ").join(said(name, 60) for name in list(named)[:_SHOWN_PLACES])
    return told + f" and {more} more places" if more > 1 else told


def _place(pointer: str) -> str:
    parts = keys_of(pointer)
    if parts[:2] == ["inputSchema", "properties"] and len(parts) > 2:
        return f"argument {parts[2]}"
    return {"inputSchema": "arguments", "outputSchema": "result"}.get(parts[0], parts[0]) if parts else "all of it"


def by_severity(lines: Sequence[ToolLine]) -> Iterator[tuple[str, list[ToolLine]]]:
    """Tools by severity, worst first."""
    for severity in reversed(Severity):
        group = [line for line in lines if line.severity == severity.value]
        if group:
            yield severity.value, group


def host(address: str) -> str:
    """An address without its scheme, as people read it."""
    parts = urlsplit(address)
    return plain(f"{parts.netloc}{parts.path}".rstrip("/"), 80)


def environment() -> Environment:
    """The templates, with everything escaped that they do not escape themselves."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("ostiary.catalog"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "by_event": by_event,
        "by_severity": by_severity,
        "client": client,
        "host": host,
        "linked": linked,
        "ours": ours,
        "path": path,
        "places": places,
        "plain": plain,
        "plural": plural,
        "prose": prose,
        "said": said,
        "said_json": lambda value: said(json.dumps(value)),
        "sentence": lambda text: f"{text[:1].upper()}{text[1:]}.",
        "yaml": yaml,
    }
    made.globals |= {
        "words": ADVICE,
        "event_words": EVENTS,
        "registries": {"pypi": "PyPI", "npm": "npm"},
        "standings": {standing.value: means for standing, means in STANDINGS.items()},
    }
    return made
