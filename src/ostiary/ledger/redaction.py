"""What the ledger keeps of arguments: key names and a keyed digest; values only where policy says so, secrets never."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Final

from ostiary.ledger.canonical import encode
from ostiary.model import JSON, JSONObject

MASK: Final = "[redacted]"

_MOST_KEYS: Final = 64
_LONGEST_KEY: Final = 128

_SECRET_NAME = re.compile(
    r"passw|passphrase|secret|token|credential|authori[sz]ation|cookie|session_?id|api_?-?key|access_?-?key|private_?-?key"
    r"|signature|bearer|pwd",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\b(?:ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abeprs]|sk|pk|rk|ost|npm|pypi|hf)[-_][0-9A-Za-z_-]{16,}"
    r"|\bAIza[0-9A-Za-z_-]{30,}"
    r"|\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\."
    r"|\b(?:Bearer|Basic) [0-9A-Za-z+/._~-]{12,}"
    r"|://[^/\s:@]{1,256}:[^/\s@]{1,256}@"
)
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]|\[\"([^\"]+)\"\]")


class Redactor:
    """`key` is a secret of the installation: without it a digest of short arguments cannot be tried out."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def describe(self, arguments: JSONObject, log: bool | tuple[str, ...] = False) -> JSONObject:
        """`{keys, digest}` of a call's arguments, and `values` as `log_arguments` says: all of them, or those at the
        paths given, by path. Raises `LedgerError` for what cannot be written as JSON."""
        told: dict[str, JSON] = {
            "keys": [key[:_LONGEST_KEY] for key in sorted(arguments)[:_MOST_KEYS]],
            "digest": hmac.digest(self._key, encode(arguments), "sha256").hex(),
        }
        if log is True:
            told["values"] = mask(arguments)
        elif log:
            told["values"] = {path: value for path in log for value in _at(arguments, path)}
        return told


def mask(value: JSON, name: str = "") -> JSON:
    """The value with whatever looks like a secret, by the name it goes under or by its form, replaced by `MASK`."""
    if value is not None and not isinstance(value, bool) and _SECRET_NAME.search(name):
        return MASK
    if isinstance(value, Mapping):
        return {key: mask(inner, key) for key, inner in value.items()}
    if isinstance(value, str):
        return MASK if _SECRET_TEXT.search(value) else value
    if isinstance(value, Sequence):
        return [mask(inner) for inner in value]
    return value


def _at(arguments: JSONObject, path: str) -> list[JSON]:
    """The masked value at `args.a[0].b`, if there is one; a secret's name anywhere on the way masks it."""
    value: JSON = arguments
    name = ""
    for plain, index, quoted in _STEP.findall(path.removeprefix("args")):
        step = plain or quoted
        if index and isinstance(value, Sequence) and not isinstance(value, str) and int(index) < len(value):
            value = value[int(index)]
        elif step and isinstance(value, Mapping) and step in value:
            value = value[step]
            name = step if not _SECRET_NAME.search(name) else name
        else:
            return []
    return [mask(value, name)]
