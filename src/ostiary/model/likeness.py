"""Keys that some readers take for one: in another case, another form of the same letters, with something invisible."""

from __future__ import annotations

import unicodedata

from ostiary.model.json import JSON


def fold(key: str) -> str:
    """The key as the laxest reader sees it: case, compatibility forms and invisible characters make no difference."""
    if key.isascii() and key.isprintable() and " " not in key:
        return key.lower()
    plain = unicodedata.normalize("NFKC", key).casefold()
    return "".join([character for character in plain if character.isprintable() and not character.isspace()])


def twins(value: JSON) -> bool:
    """Whether two keys of one object, at any depth, pass for each other: some readers take them for one."""
    waiting: list[JSON] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if len(one) > 1 and len({fold(key) for key in one}) != len(one):
                return True
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False
