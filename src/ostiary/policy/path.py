"""Where a condition looks: `args.a.b`, `args.items[0].price`, `args["odd.key"]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from ostiary.model import JSON, JSONObject
from ostiary.model.likeness import fold
from ostiary.policy.facts import Unjudgeable

__all__ = ["MISSING", "Look", "PathError", "Steps", "look", "look_closely", "parse_path"]

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


def look_closely(steps: Steps) -> Look:
    """The same for a call's arguments. It raises `Unjudgeable` where a key is missing and another one passes for it:
    some servers would read that one."""
    find = look(steps)

    def follow(arguments: JSONObject) -> JSON | Missing:
        found = find(arguments)
        if found is MISSING and (key := _imitated(arguments, steps)) is not None:
            raise Unjudgeable(f"is missing, and another key passes for `{key}`")
        return found

    return follow


def _imitated(arguments: JSONObject, steps: Steps) -> str | None:
    """The first key on the way that is not there, if another passes for it."""
    value: JSON = arguments
    for step in steps:
        if isinstance(step, str) and isinstance(value, Mapping):
            if step not in value:
                plain = fold(step)
                return step if any(fold(other) == plain for other in value) else None
            value = value[step]
        elif isinstance(step, int) and isinstance(value, list | tuple) and step < len(value):
            value = value[step]
        else:
            break
    return None
