"""What a definition's structure gives away: false hints, secrets in it, references outside, names made to deceive."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ostiary.model import JSON
from ostiary.risk.risk import RiskClass, Severity, Source
from ostiary.risk.rules.finding import Hit, Inspected, Rule
from ostiary.risk.rules.passages import DEEPEST, ENOUGH, MOST, WIDEST, shown

__all__ = ["ENDLESS", "FALSE_HINT", "NAME", "REFERENCE", "SECRET", "SHADOW"]

_GRAVE: Final = frozenset({RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL})
_PLAIN: Final = 3.0


def _false_hint(one: Inspected) -> Iterator[Hit]:
    if one.tool.annotations.get("readOnlyHint") is not True or one.risk.risk_class not in _GRAVE:
        return
    for piece in one.risk.evidence:
        if piece.source is Source.NAME and piece.speaks_for in _GRAVE and piece.weight >= _PLAIN:
            why = f"The server says that the tool only reads; its name says `{piece.quote}`."
            yield Hit("/annotations/readOnlyHint", "readOnlyHint: true", why)
            return


_SECRET: Final = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,}|glpat-[\w-]{20}|"
    r"xox[abprs]-[\w-]{20,}|sk-(?:ant-|proj-)?[\w-]{32,}|"
    r"[sr]k_live_[0-9A-Za-z]{20,}|AIza[\w-]{35}|eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,})|-----BEGIN [A-Z "
    r"]*PRIVATE KEY-----"
)
_SAMPLE: Final = re.compile(r"(?i)example|sample|x{6}|0{8}|1234|your[_-]|\.\.\.")


def _secret(one: Inspected) -> Iterator[Hit]:
    for passage in one.passages:
        match = _SECRET.search(passage.text)
        if match and not _SAMPLE.search(match[0]):
            yield Hit(
                passage.pointer, match[0][:8] + "…", "A credential that stands in a definition is known to everyone."
            )


def _reference(one: Inspected) -> Iterator[Hit]:
    for passage in one.passages:
        if passage.pointer.endswith(("/$ref", "/$dynamicRef")) and not passage.text.startswith("#"):
            why = "The schema refers to something outside the definition, which can change unseen; it was not followed."
            yield Hit(passage.pointer, passage.text, why)


def _endless(one: Inspected) -> Iterator[Hit]:
    length = sum(len(passage.text) for passage in one.passages)
    if length > ENOUGH or len(one.passages) == MOST or _is_cut(one.definition):
        why = "The definition is longer or deeper than honest ones; what comes after that was not looked at."
        yield Hit("", f"{one.tool.name[:40]}: over {ENOUGH} characters, {MOST} strings or {DEEPEST} levels", why)


def _is_cut(value: JSON) -> bool:
    """Whether values lie in each other deeper, or lists are longer, than is looked at."""
    level: list[JSON] = [value]
    for _ in range(DEEPEST + 1):
        inner: list[JSON] = []
        for one in level:
            if isinstance(one, Mapping):
                inner += one.values()
            elif isinstance(one, Sequence) and not isinstance(one, str):
                if len(one) > WIDEST:
                    return True
                inner += one
        level = [one for one in inner if isinstance(one, Mapping | Sequence) and not isinstance(one, str)]
        if not level:
            return False
    return True


_FINE: Final = re.compile(r"[\w./ :()+#@&'-]{1,128}")


def _name(one: Inspected) -> Iterator[Hit]:
    name = one.tool.name
    if not _FINE.fullmatch(name) or name != name.strip():
        yield Hit(
            "/name", name, "The name is empty, too long, or holds characters that deceive or that clients refuse."
        )
    elif unicodedata.normalize("NFKC", name) != name:
        yield Hit("/name", name, "The name reads like another one that is written with other characters.")
    elif one.listed.get(name, 0) > 1:
        yield Hit(
            "/name", name, f"The server lists {one.listed[name]} tools of this name: nobody knows which one is called."
        )


def _shadow(one: Inspected) -> Iterator[Hit]:
    server = one.foreign.get(one.tool.name)
    if server is not None:
        yield Hit(
            "/name",
            one.tool.name,
            f"The server `{shown(server, 60)}` has a tool of this name: calls meant for it may come here.",
        )


FALSE_HINT: Final = Rule(
    "false-hint", "Claims to be read-only and is not", Severity.HIGH, ("LLM06:2025",), ("MCP03:2025",), _false_hint
)
SECRET: Final = Rule(
    "secret-in-definition", "A secret in the definition", Severity.HIGH, ("LLM02:2025",), ("MCP01:2025",), _secret
)
REFERENCE: Final = Rule(
    "outside-reference", "A schema that refers outside", Severity.MEDIUM, ("LLM03:2025",), ("MCP04:2025",), _reference
)
ENDLESS: Final = Rule(
    "endless-definition", "A definition without end", Severity.MEDIUM, ("LLM10:2025",), ("MCP03:2025",), _endless
)
NAME: Final = Rule("deceptive-name", "A name made to deceive", Severity.MEDIUM, ("LLM01:2025",), ("MCP03:2025",), _name)
SHADOW: Final = Rule(
    "shadowed-name",
    "Takes another server's tool name",
    Severity.HIGH,
    ("LLM01:2025",),
    ("MCP03:2025", "MCP09:2025"),
    _shadow,
)
