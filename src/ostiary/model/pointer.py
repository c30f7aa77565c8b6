"""JSON Pointers (RFC 6901): `~` is written `~0` and `/` is written `~1`."""

from __future__ import annotations

__all__ = ["keys_of", "pointer_to"]


def pointer_to(parent: str, key: str | int) -> str:
    """The pointer of a member (section 4)."""
    if isinstance(key, str) and ("~" in key or "/" in key):
        key = key.replace("~", "~0").replace("/", "~1")
    return f"{parent}/{key}"


def keys_of(pointer: str) -> list[str]:
    """The keys on the way that a pointer names; none for the whole document."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
