"""What conditions are asked about: one call, and what was worked out of it so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostiary.model import Call, JSONObject

if TYPE_CHECKING:
    from ostiary.policy.expression import Bindings, Expressions

__all__ = ["Facts", "Unjudgeable"]


class Unjudgeable(Exception):
    """A condition that can be neither true nor false of this call. Its text never shows an argument's value."""


class Facts:
    """One call under judgement. CEL's bindings are made once, for the first expression that needs them."""

    __slots__ = ("_bindings", "_expressions", "arguments", "call")

    def __init__(self, call: Call, expressions: Expressions | None) -> None:
        """`call.tool` has the class and severity that the policy takes it to have."""
        self.call = call
        self.arguments: JSONObject = call.arguments
        self._expressions = expressions
        self._bindings: Bindings | None = None

    def bindings(self) -> Bindings:
        """The call as CEL sees it. Raises `Unjudgeable` where CEL cannot see it exactly."""
        if self._bindings is None:
            if self._expressions is None:
                raise Unjudgeable("the policy has no expressions")
            self._bindings = self._expressions.bind(self.call)
        return self._bindings
