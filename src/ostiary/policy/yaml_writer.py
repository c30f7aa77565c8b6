"""A document as YAML that every reader understands alike, and ours reads back as the same."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

__all__ = ["write_yaml"]

_PLAIN: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_/ .()-]*[A-Za-z0-9_/)]|[A-Za-z_]")
_WORDS: Final = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def write_yaml(document: Mapping[str, Any]) -> str:
    """Block style, a key or item a line; short conditions in one line, text of several lines as such."""
    return "\n".join(_lines(document, 0)) + "\n"


def _lines(value: Any, depth: int) -> list[str]:
    indent = "  " * depth
    lines: list[str] = []
    if isinstance(value, Mapping):
        for key, member in value.items():
            lines += _entry(f"{indent}{_text(key)}:", member, depth)
    else:
        for item in value:
            inner = _flow(item) if _is_short(item) else None
            if inner is not None:
                lines.append(f"{indent}- {inner}")
            else:
                first, *rest = _lines(item, depth + 1)
                lines += [f"{indent}- {first.strip()}", *rest]
    return lines


def _entry(head: str, member: Any, depth: int) -> list[str]:
    if isinstance(member, str) and _is_prose(member):
        indent = "  " * (depth + 1)
        return [f"{head} |-", *(f"{indent}{line}" if line else "" for line in member.split("\n"))]
    if _is_short(member):
        return [f"{head} {_flow(member)}"]
    return [head, *_lines(member, depth + 1)]


def _is_short(value: Any) -> bool:
    """Whether it stands in one line: scalars, what is empty, and small collections of scalars."""
    if not isinstance(value, Mapping | list) or not value:
        return True
    inner = list(value.values()) if isinstance(value, Mapping) else value
    is_flat = not any(isinstance(one, Mapping) or (isinstance(one, list) and one) for one in inner)
    return is_flat and len(_flow(value)) <= 100


def _is_prose(text: str) -> bool:
    """Whether it can stand as lines, and nothing of it is out of sight: at an end of a line, or for good."""
    lines = text.split("\n")
    is_plain = all(line.isprintable() and line == line.rstrip() for line in lines)
    return len(lines) > 1 and is_plain and bool(lines[-1]) and lines[0] != "" and not lines[0].startswith(" ")


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_flow(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _text(value) if isinstance(value, str) else _ENCODER.encode(value).decode()


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else _escaped(text)


def _escaped(text: str) -> str:
    """A double-quoted string: JSON's escapes, and YAML's own for what cannot be seen."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08X}" for one in quoted)
