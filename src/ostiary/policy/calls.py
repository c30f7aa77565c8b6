"""Calls out of a file, to be decided without a server: what `ostiary explain` takes.

One `{tool, arguments?}` or a list of them; each may say who asks (`principal`), of which `server`, and when (`at`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from ostiary.model import JSON, Call, Client, Principal, Session, Tool
from ostiary.policy.document import Node, Proofreader, read

__all__ = ["parse_time", "read_calls"]

_KEYS: Final = ("tool", "arguments", "principal", "server", "at")
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
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86400 + since.seconds) * _SECOND + since.microseconds * 1000


def read_calls(text: str | bytes, file: str, tools: Sequence[Tool], principal: str, at: int) -> list[Call]:
    """The calls, in order; `principal` and `at` are those of a call that says nothing else.

    Raises `ConfigurationError` with everything wrong.
    """
    root = read(text, file)
    proof = Proofreader()
    known = {tool.name: tool for tool in tools}
    counts: dict[str, int] = {}
    calls: list[Call] = []
    for node in root.value if isinstance(root.value, list) else [root]:
        fields = proof.fields(node, _KEYS, required=("tool",), expected="a call: an object with `tool` and `arguments`")
        name = proof.text(fields["tool"]) if "tool" in fields else None
        if name is None:
            continue
        arguments = _arguments(fields.get("arguments"), proof)
        asking = proof.text(fields["principal"]) if "principal" in fields else None
        server = proof.text(fields["server"]) if "server" in fields else None
        moment = _moment(fields["at"], proof) if "at" in fields else None
        who = _principal(asking or principal)
        session = Session(who.id, at, counts.get(who.id, 0))
        counts[who.id] = session.calls + 1
        calls.append(
            Call(
                _of_server(known.get(name, Tool(name)), server),
                arguments,
                who,
                Client(),
                session,
                at if moment is None else moment,
            )
        )
    proof.finish()
    return calls


def _arguments(node: Node | None, proof: Proofreader) -> Mapping[str, JSON]:
    members = proof.mapping(node, "an object of arguments") if node is not None else None
    return {key: member.plain() for key, member in (members or {}).items()}


def _moment(node: Node, proof: Proofreader) -> int | None:
    at = parse_time(str(node.value)) if isinstance(node.value, str | int) else None
    if at is None:
        proof.refuse(node, f"cannot read the time `{node.plain()}`", "write it as 2026-11-20T09:00:00Z")
    return at


def _principal(id: str) -> Principal:
    return Principal(id, grant=id.removeprefix("grant:") if id.startswith("grant:") else None)


def _of_server(tool: Tool, server: str | None) -> Tool:
    if server is None:
        return tool
    return Tool(
        tool.name, server, tool.description, tool.input_schema, tool.annotations, tool.risk_class, tool.severity
    )
