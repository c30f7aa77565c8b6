"""1: a key that is there twice for some reader (repeated, in another case, with NUL, escaped), at every depth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from tests.bypass.ground import messages
from tests.bypass.message import ALLOWED, DENIED, LIMITED, META, Attempt, Era, describing, new_mark

_FOLDS: Final = str.maketrans({"s": "ſ", "k": "\u212a", "S": "ſ"})
_DEPTHS: Final = range(1, 6)


def twins(key: str) -> dict[str, str]:
    """Other spellings of a key as they stand in JSON, by what is done to it."""
    return {
        "twice": key,
        "upper case": key.upper(),
        "title case": key.title(),
        "folded": key.translate(_FOLDS),
        "full width": "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in key),
        "NUL": f"{key}\\u0000",
        "escaped": f"\\u{ord(key[0]):04x}{key[1:]}",
        "wholly escaped": "".join(f"\\u{ord(char):04x}" for char in key),
        "zero width": f"{key}\u200b",
        "padded": f"{key} ",
    }


@messages("1", "a key of the protocol twice: repeated, other case, folded, NUL, escaped")
def protocol_keys(era: Era) -> Iterator[Attempt]:
    for key, plain, twin in (
        ("jsonrpc", "2.0", "1.0"),
        ("id", None, "another"),
        ("method", "ping", "tools/call"),
        ("params", {"name": ALLOWED}, {"name": DENIED}),
    ):
        for kind, spelled in twins(key).items():
            for place in ("after", "before"):
                yield _envelope(era, f"{key} {kind} {place}", key, spelled, plain, twin, place == "before")


@messages("1", "a parameter of the protocol twice: name, arguments, _meta, task")
def parameters(era: Era) -> Iterator[Attempt]:
    for key, plain, twin in (
        ("name", ALLOWED, DENIED),
        ("arguments", {"amount": 1}, {"amount": 501}),
        ("_meta", {}, {"x": 1}),
    ):
        tool = LIMITED if key == "arguments" else ALLOWED
        for kind, spelled in twins(key).items():
            for place in ("after", "before"):
                members = [("name", tool), ("arguments", {"amount": 1}), ("_meta", _meta(era))]
                others = [one for one in members if one[0] != key]
                both = [(key, _meta(era) if key == "_meta" else plain), (spelled, twin)]
                yield _call(era, f"{key} {kind} {place}", tool, [*others, *(both if place == "after" else both[::-1])])


@messages("1", "an argument twice, one to five levels deep")
def arguments(era: Era) -> Iterator[Attempt]:
    for depth in _DEPTHS:
        for kind, spelled in twins("amount").items():
            for order in (1, -1):
                inner = _object([("amount", 1), (spelled, 501)][::order])
                for _ in range(depth - 1):
                    inner = f'{{"amount":1,"inner":{inner}}}'
                members = [("name", LIMITED), ("_meta", _meta(era))]
                whole = _object(members)[:-1] + f',"arguments":{inner}}}'
                yield _raw(era, f"amount {kind} at depth {depth}", LIMITED, whole)


def _envelope(era: Era, label: str, key: str, spelled: str, plain: Any, twin: Any, is_first: bool) -> Attempt:
    mark = new_mark()
    members: dict[str, Any] = {
        "jsonrpc": "2.0",
        "id": mark,
        "method": "tools/call",
        "params": {"name": DENIED if key == "method" else ALLOWED, "arguments": {"mark": mark}, "_meta": _meta(era)},
    }
    first = mark if plain is None else plain
    if isinstance(first, dict):
        first, twin = {**members["params"], **first}, {**members["params"], **twin}
    others = [one for one in members.items() if one[0] != key]
    both = [(key, first), (spelled, twin)]
    text = _object([*others, *(both[::-1] if is_first else both)])
    method = "ping" if key == "method" else "tools/call"
    name = None if key == "method" else ALLOWED
    return Attempt(label, text.encode(), mark, describing(era, method, name))


def _call(era: Era, label: str, tool: str, members: list[tuple[str, Any]]) -> Attempt:
    return _raw(era, label, tool, _object(members))


def _raw(era: Era, label: str, tool: str, params: str) -> Attempt:
    mark = new_mark()
    text = f'{{"jsonrpc":"2.0","id":"{mark}","method":"tools/call","params":{params}}}'
    return Attempt(label, text.encode(), mark, describing(era, "tools/call", tool))


def _object(members: list[tuple[str, Any]]) -> str:
    """Keys as they are, values as JSON."""
    inner = (f'"{key}":{json.dumps(value, ensure_ascii=False)}' for key, value in members)
    return "{" + ",".join(inner) + "}"


def _meta(era: Era) -> dict[str, Any]:
    return dict(META) if era is Era.MODERN else {}
