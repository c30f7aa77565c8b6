"""The strict reader of everything a person writes: policies and settings, in YAML or JSON.

One document, keys that are strings and occur once, values that every reader of the format understands alike. What
could be read in two ways is refused with its place. Strings die here: what is behind this file sees values with types.

    root = read(text, "policy.yaml")
    proof = Proofreader()
    fields = proof.fields(root, ("version", "default"), required=("version",))
    default = proof.choice(fields["default"], ("allow", "deny")) if "default" in fields else "deny"
    proof.finish()                                     # raises ConfigurationError with everything found
"""

from __future__ import annotations

from ostiary.policy.node import Node, complaint
from ostiary.policy.proofread import Proofreader, nearest

__all__ = ["MAX_SIZE", "Node", "Proofreader", "nearest", "read"]

MAX_SIZE = 4 * 1024 * 1024
"""How long a document may be, in bytes or characters."""


def read(text: str | bytes, file: str) -> Node:
    """The document as nodes with places. `file` is its name in messages, and says whether it is JSON or YAML.

    Raises `ConfigurationError` at the first thing that makes it unreadable.
    """
    if len(text) > MAX_SIZE:
        raise complaint(file, 0, 0, f"too long: {len(text)} of at most {MAX_SIZE} bytes")
    text = _decode(text, file) if isinstance(text, bytes) else text
    if not text.strip():
        raise complaint(file, 0, 0, "is empty", "a document of keys and values is expected")
    if _is_json(text, file):
        from ostiary.policy.json_text import read_json

        return read_json(text, file)
    from ostiary.policy.yaml_text import read_yaml

    return read_yaml(text, file)


def _decode(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise complaint(file, line, column, "is not UTF-8 text", "save it as UTF-8") from None


def _is_json(text: str, file: str) -> bool:
    name = file.lower()
    if name.endswith((".yaml", ".yml")):
        return False
    return name.endswith(".json") or text.lstrip()[:1] == "{"
