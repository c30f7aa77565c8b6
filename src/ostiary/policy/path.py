"""Where a condition looks: `args.a.b`, `args.items[0].price`, `args["odd.key"]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from ostiary.model import JSON, JSONObject

__all__ = ["MISSING", "Look", "PathError", "Steps", "look", "parse_path"]

_STEP: Final = re.compile(r"""\.([^.\[\]"'\s]+)|\[(0|[1-9][0-9]{0,8})\]|\["((?:[^"\\]|\\["\\])*)"\]""")
_MAX_STEPS: Final = 64


class PathError(Exception):
    """A text that is no path."""


class Missing:
    """What a path leads to where there is nothing."""

    __slots__ = ()


MISSING: Final = Missing()

Steps: TypeAlias = "tuple[str | int, ...]"

Look: TypeAlias = Callable[[JSONObject], "JSON | Missing"]


def parse_path(text: str, root: str = "args") -> Steps:
    """The steps below the root, keys and indices; empty for the root itself. Raises `PathError`."""
    if not text.startswith(root):
        raise PathError(f"a path begins with `{root}.`, found `{text}`")
    steps: list[str | int] = []
    at = len(root)
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or len(steps) == _MAX_STEPS:
            raise PathError(f"cannot read the path `{text}` from `{text[at:]}`")
        key, index, quoted = found.groups()
        steps.append(int(index) if index is not None else key if key is not None else re.sub(r"\\(.)", r"\1", quoted))
        at = found.end()
    return tuple(steps)


def look(steps: Steps) -> Look:
    """A function that follows the steps; it yields `MISSING` where they lead nowhere."""
    if len(steps) == 1 and isinstance(steps[0], str):
        key = steps[0]
        return lambda arguments: arguments.get(key, MISSING)

    def follow(arguments: JSONObject) -> JSON | Missing:
        value: JSON | Missing = arguments
        for step in steps:
            if isinstance(step, str):
                if not isinstance(value, Mapping) or step not in value:
                    return MISSING
                value = value[step]
            else:
                if not isinstance(value, list | tuple) or step >= len(value):
                    return MISSING
                value = value[step]
        return value

    return follow
