"""What an approval is bound to: exactly one call, as policy saw it."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from ostiary.model import Tool

__all__ = ["Binding", "definition_digest"]


class Binding(msgspec.Struct, frozen=True):
    """`arguments` is the keyed digest of the canonical arguments, `definition` that of the tool as its server lists
    it, `policy` the policy's own digest."""

    principal: str
    server: str
    tool: str
    arguments: str
    definition: str
    policy: str

    @property
    def key(self) -> str:
        """The same for the same call only: hex SHA-256."""
        return _digest(list(msgspec.structs.astuple(self)))

    @property
    def family(self) -> str:
        """The same for all calls that differ in their arguments alone."""
        return _digest([self.principal, self.server, self.tool, self.definition, self.policy])

    def difference(self, other: Binding) -> str | None:
        """What of the other call is not as this one was, in words; None for the same call."""
        for name, words in _WORDS.items():
            if getattr(self, name) != getattr(other, name):
                return words
        return None


_WORDS: Final = {
    "principal": "it was approved for somebody else",
    "server": "it was approved for another server",
    "tool": "it was approved for another tool",
    "arguments": "the arguments are not those that were approved",
    "definition": "the tool's definition has changed since it was asked",
    "policy": "the policy has changed since it was asked",
}

_ENCODER: Final = msgspec.json.Encoder(order="deterministic", decimal_format="number")


def definition_digest(tool: Tool) -> str:
    """That of everything that the tool's server says of it; of a tool that nobody listed, of what is known."""
    return tool.digest or _digest([tool.name, tool.description, tool.input_schema, dict(tool.annotations)])


def _digest(value: object) -> str:
    return hashlib.sha256(_ENCODER.encode(value)).hexdigest()
