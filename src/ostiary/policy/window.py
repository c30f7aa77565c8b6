"""Lengths of time as people write them: 60, `30s`, `5m`, `1h`, `1d`, `minute`, `hour`, `day`."""

from __future__ import annotations

import re
from typing import Final

from ostiary.policy.node import Node
from ostiary.policy.proofread import Proofreader

__all__ = ["SECOND", "in_words", "read_duration"]

SECOND: Final = 10**9
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NAMED: Final = {"minute": 60, "hour": 3600, "day": 86400}
_WRITTEN: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_LONGEST: Final = 366 * 86400


def read_duration(node: Node, proof: Proofreader) -> int | None:
    """The nanoseconds at `node`, more than none and at most a year; None where a problem was noted."""
    seconds = _seconds(node.value) if isinstance(node.value, str) else node.value
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        expected = "write seconds, or `30s`, `5m`, `1h`, `1d`, `minute`, `hour`, `day`"
        proof.refuse(node, f"cannot read the time `{node.value}`" if node.value else "expected a time", expected)
        return None
    if not 1 <= seconds <= _LONGEST:
        proof.refuse(node, f"must be between 1 second and a year, found {seconds} seconds")
        return None
    return seconds * SECOND


def parse_duration(text: str) -> int | None:
    """The nanoseconds of a text, None if it is none."""
    seconds = _seconds(text)
    return None if seconds is None or seconds > _LONGEST else seconds * SECOND


def _seconds(text: str) -> int | None:
    if text in _NAMED:
        return _NAMED[text]
    found = _WRITTEN.fullmatch(text)
    return int(found[1]) * _UNITS[found[2]] if found else None


def in_words(nanoseconds: int) -> str:
    """`minute`, `10 minutes`, `90 seconds`: what follows `per`."""
    seconds = nanoseconds // SECOND
    for word, length in reversed(_NAMED.items()):
        if seconds % length == 0:
            count = seconds // length
            return word if count == 1 else f"{count} {word}s"
    return "second" if seconds == 1 else f"{seconds} seconds"
