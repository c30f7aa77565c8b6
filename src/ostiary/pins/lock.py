"""`ostiary.lock`: the definitions of tools that somebody approved, as text that people read and compare.

Sorted, a member a line, so that a change of one definition is a change of a few lines; characters that nobody sees are
written as escapes. The digest of each definition stands beside it, and must fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from ostiary.errors import ConfigurationError, Problem
from ostiary.policy.document import MAX_SIZE, Node, Proofreader, read
from ostiary.policy.yaml_writer import write_yaml
from ostiary.risk import Pin, RiskClass, Severity, digest

__all__ = ["NO_LOCK", "Lock", "is_keepable", "load_lock", "read_lock", "write_lock"]

_REVIEW: Final = "bring back the file that was approved, or remove what is wrong and pin anew"
_HEAD: Final = """\
# Definitions of tools that were looked at and approved. `ostiary pin` writes this file; keep it under version control.
"""


class Lock(msgspec.Struct, frozen=True):
    """By server and tool. A server that is not in it is not pinned; one without tools is, with none approved.
    `digest` is that of the file's text, None where there is no file."""

    servers: Mapping[str, Mapping[str, Pin]] = {}
    digest: str | None = None

    def put(self, server: str, pins: Iterable[Pin]) -> Lock:
        """The same with these tools of a server, and no others."""
        servers = {**self.servers, server: {pin.name: pin for pin in pins}}
        return Lock(servers, self.digest)


NO_LOCK: Final = Lock()


def load_lock(path: Path) -> Lock:
    """The lock in a file; `NO_LOCK` where there is none. Raises `ConfigurationError`."""
    try:
        return read_lock(path.read_bytes(), str(path))
    except FileNotFoundError:
        return NO_LOCK
    except OSError as error:
        raise ConfigurationError(Problem(str(path), 0, 0, f"cannot be read: {error.strerror or error}")) from None


def read_lock(text: bytes, file: str) -> Lock:
    """Raises `ConfigurationError` with everything that is wrong, a definition that its digest does not fit included."""
    proof = Proofreader()
    fields = proof.fields(read(text, f"{file}"), ("version", "servers"), required=("version", "servers"))
    if "version" in fields and fields["version"].value != 1:
        proof.refuse(fields["version"], "this lock is not of version 1", "it was written by another Ostiary; use that")
    servers: dict[str, Mapping[str, Pin]] = {}
    for name, node in _members(fields.get("servers"), proof).items():
        tools = proof.fields(node, ("tools",), required=("tools",)).get("tools")
        servers[name] = {key: _pin(key, member, proof) for key, member in _members(tools, proof).items()}
    proof.finish()
    return Lock(servers, hashlib.sha256(text).hexdigest())


def write_lock(lock: Lock) -> bytes:
    """The text of a lock, which reads back as the same. Raises `ConfigurationError` where it would be too long."""
    servers = {
        server: {"tools": {name: _told(pins[name]) for name in sorted(pins)}}
        for server, pins in sorted(lock.servers.items())
    }
    text = (_HEAD + write_yaml({"version": 1, "servers": servers})).encode()
    if len(text) > MAX_SIZE:
        hint = "give some servers a lock of their own, with --lock FILE"
        raise ConfigurationError(f"the lock would have {len(text)} of at most {MAX_SIZE} bytes; {hint}")
    return text


def is_keepable(pin: Pin) -> bool:
    """Whether a lock can keep the definition: one that nests too deep, or has numbers of too many digits, it cannot."""
    try:
        again = read_lock(write_lock(NO_LOCK.put("server", [pin])), "lock")
    except (ConfigurationError, RecursionError):
        return False
    return again.servers["server"][pin.name].digest == pin.digest


def _members(node: Node | None, proof: Proofreader) -> Mapping[str, Node]:
    return {} if node is None else proof.mapping(node) or {}


def _pin(name: str, node: Node, proof: Proofreader) -> Pin:
    known = ("class", "severity", "findings", "digest", "definition")
    fields = proof.fields(node, known, required=("class", "severity", "digest", "definition"))
    definition = fields["definition"].plain() if "definition" in fields else None
    said = proof.text(fields["digest"]) if "digest" in fields else None
    if not isinstance(definition, Mapping):
        if "definition" in fields:
            proof.mistyped(fields["definition"], "a tool's definition")
        definition = {}
    elif definition.get("name") != name:
        proof.refuse(fields["definition"], f"this is no definition of `{name}`", _REVIEW)
    elif said is not None and said != digest(definition):
        proof.refuse(fields["digest"], f"the definition of `{name}` is not the one that was approved", _REVIEW)
    risk_class = proof.choice(fields["class"], list(RiskClass), "class") if "class" in fields else None
    severity = proof.choice(fields["severity"], list(Severity), "severity") if "severity" in fields else None
    findings = proof.texts(fields["findings"]) if "findings" in fields else None
    return Pin(
        name,
        RiskClass(risk_class or RiskClass.DESTRUCTIVE),
        Severity(severity or Severity.CRITICAL),
        said or "",
        definition,
        findings or (),
    )


def _told(pin: Pin) -> dict[str, object]:
    findings = {"findings": list(pin.findings)} if pin.findings else {}
    return {
        "class": pin.risk_class.value,
        "severity": pin.severity.value,
        **findings,
        "digest": pin.digest,
        "definition": _sorted(pin.definition),
    }


def _sorted(value: object) -> object:
    """The value with the members of every object in one order: `name`, `title` and `description` first."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value, key=_rank)}
    return [_sorted(item) for item in value] if isinstance(value, list | tuple) else value


def _rank(key: str) -> tuple[int, str]:
    return (_FIRST.index(key) if key in _FIRST else len(_FIRST), key)


_FIRST: Final = ("name", "title", "description", "type")
