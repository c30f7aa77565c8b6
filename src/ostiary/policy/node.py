"""A value in a document a person wrote, and where it stands there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

import msgspec

from ostiary.errors import ConfigurationError, Problem
from ostiary.model import JSON

__all__ = ["MAX_DEPTH", "MAX_DIGITS", "Node", "Value", "complaint", "number", "visible"]

MAX_DEPTH = 64
"""How deep collections may nest in a document."""

MAX_DIGITS = 400
"""How many digits a number may have, written out in full."""

Value: TypeAlias = "None | bool | int | Decimal | str | list[Node] | dict[str, Node]"


class Node(msgspec.Struct, frozen=True):
    """One value with its place; lines and columns count from 1.

    `value` is a `dict` of nodes, a `list` of nodes, or a scalar; numbers are exact (`int`, or `Decimal` with a fraction
    or exponent). `pointer` is the JSON Pointer of the value, empty for the whole document. `keys` has a node for every
    key of a mapping, where the key itself stands.
    """

    value: Value
    file: str
    line: int
    column: int
    pointer: str = ""
    keys: Mapping[str, Node] = {}

    def plain(self) -> JSON:
        """The value without places."""
        value = self.value
        if isinstance(value, dict):
            return {key: node.plain() for key, node in value.items()}
        if isinstance(value, list):
            return [node.plain() for node in value]
        return value

    @property
    def kind(self) -> str:
        """What the value is, as an error message calls it: `a mapping`, `a list`, `a string`, …"""
        value = self.value
        if value is None:
            return "nothing"
        if isinstance(value, bool):
            return "true" if value else "false"
        return _KINDS[type(value)]


_KINDS: dict[type, str] = {
    dict: "a mapping",
    list: "a list",
    str: "a string",
    int: "a number",
    Decimal: "a number",
}


def number(text: str) -> int | Decimal | None:
    """A decimal number exactly as written; None if it would need more than `MAX_DIGITS` digits."""
    if len(text) > MAX_DIGITS:
        return None
    if text.lstrip("+-").isdigit():
        return int(text)
    value = Decimal(text)
    return value if abs(value.adjusted()) <= MAX_DIGITS else None


def complaint(file: str, line: int, column: int, message: str, hint: str | None = None) -> ConfigurationError:
    """A document that cannot even be read, as one error with its place."""
    return ConfigurationError(Problem(file, line, column, visible(message), hint=hint and visible(hint)))


_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def visible(text: str) -> str:
    """The text on one line, with what cannot be seen or would steer a terminal written as an escape."""
    return _UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
