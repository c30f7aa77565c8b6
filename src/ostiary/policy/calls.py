"""Calls out of a file, to be decided without a server: what `ostiary explain` and `ostiary test` take.

A call is `{tool, arguments?, server?, principal?, client?, at?}`. `principal` is an id, or `{id, grant?, roles?,
groups?, claims?}`; `client` is `{name?, version?}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from ostiary.model import JSON, Call, Client, Principal, Session, Tool
from ostiary.policy.document import Node, Proofreader, read

__all__ = ["CallReader", "parse_time", "read_calls", "read_time"]

_KEYS: Final = ("tool", "arguments", "principal", "client", "server", "at")
_PRINCIPAL_KEYS: Final = ("id", "grant", "roles", "groups", "claims")
_SECOND: Final = 10**9


def parse_time(text: str) -> int | None:
    """Unix nanoseconds of an RFC 3339 time (UTC where it says no offset) or of Unix seconds; None if it is neither."""
    if text.isdecimal() and len(text) <= 11:
        return int(text) * _SECOND
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except OverflowError:
        return None
    return (since.days * 86400 + since.seconds) * _SECOND + since.microseconds * 1000


def read_calls(text: str | bytes, file: str, tools: Sequence[Tool], principal: str, at: int) -> list[Call]:
    """The calls, in order: one, or a list of them; `principal` and `at` are those of a call that says nothing else.

    Raises `ConfigurationError` with everything wrong.
    """
    root = read(text, file)
    proof = Proofreader()
    reader = CallReader(tools, principal, proof)
    found = [reader.read(node, at) for node in (root.value if isinstance(root.value, list) else [root])]
    proof.finish()
    return [call for call in found if call is not None]


class CallReader:
    """Reads calls one after the other; each caller's session counts the calls before."""

    def __init__(self, tools: Sequence[Tool], principal: str, proof: Proofreader) -> None:
        self._known = {tool.name: tool for tool in tools}
        self._usual = principal
        self._proof = proof
        self._counts: dict[str, int] = {}
        self._started: dict[str, int] = {}

    def read(self, node: Node, at: int) -> Call | None:
        """The call at `node`, made at `at` unless it says when; None where a problem was noted."""
        proof = self._proof
        expected = "a call: an object with `tool` and `arguments`"
        fields = proof.fields(node, _KEYS, required=("tool",), expected=expected)
        name = proof.text(fields["tool"]) if "tool" in fields else None
        arguments = _members(fields.get("arguments"), "an object of arguments", proof)
        who = self._principal(fields.get("principal"))
        server = proof.text(fields["server"]) if "server" in fields else None
        moment = read_time(fields["at"], proof) if "at" in fields else None
        client = self._client(fields.get("client"))
        if name is None:
            return None
        tool = self._known.get(name, Tool(name))
        tool = tool if server is None else msgspec.structs.replace(tool, server=server)
        at = at if moment is None else moment
        session = Session(who.id, self._started.setdefault(who.id, at), self._counts.get(who.id, 0))
        self._counts[who.id] = session.calls + 1
        return Call(tool, arguments, who, client, session, at)

    def _principal(self, node: Node | None) -> Principal:
        if node is None or not isinstance(node.value, dict):
            return _known_by(self._usual if node is None else self._proof.text(node) or self._usual)
        fields = self._proof.fields(node, _PRINCIPAL_KEYS, required=("id",))
        who = _known_by((self._proof.text(fields["id"]) if "id" in fields else None) or self._usual)
        return Principal(
            who.id,
            (self._proof.text(fields["grant"]) if "grant" in fields else None) or who.grant,
            (self._proof.texts(fields["roles"]) if "roles" in fields else None) or (),
            (self._proof.texts(fields["groups"]) if "groups" in fields else None) or (),
            _members(fields.get("claims"), "an object of claims", self._proof),
        )

    def _client(self, node: Node | None) -> Client:
        if node is None:
            return Client()
        fields = self._proof.fields(node, ("name", "version"))
        said = {key: self._proof.text(member) or "" for key, member in fields.items()}
        return Client(said.get("name", ""), said.get("version", ""))


def read_time(node: Node, proof: Proofreader) -> int | None:
    """Unix nanoseconds; None where a problem was noted."""
    is_text = isinstance(node.value, str) or (isinstance(node.value, int) and not isinstance(node.value, bool))
    at = parse_time(str(node.value)) if is_text else None
    if at is None:
        proof.refuse(node, f"cannot read the time `{node.plain()}`", "write it as 2026-11-20T09:00:00Z")
    return at


def _members(node: Node | None, expected: str, proof: Proofreader) -> Mapping[str, JSON]:
    members = proof.mapping(node, expected) if node is not None else None
    return {key: member.plain() for key, member in (members or {}).items()}


def _known_by(id: str) -> Principal:
    return Principal(id, grant=id.removeprefix("grant:") if id.startswith("grant:") else None)
