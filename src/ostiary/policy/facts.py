"""What conditions are asked about: one call, and what was worked out of it so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostiary.model import Call, JSONObject
from ostiary.model.likeness import twins

if TYPE_CHECKING:
    from ostiary.policy.expression import Bindings, Expressions

__all__ = ["Facts", "Unjudgeable"]


class Unjudgeable(Exception):
    """A condition that can be neither true nor false of this call. Its text never shows an argument's value."""


class Facts:
    """One call under judgement. CEL's bindings are made once, for the first expression that needs them."""

    __slots__ = ("_bindings", "_expressions", "_is_clear", "call")

    def __init__(self, call: Call, expressions: Expressions | None) -> None:
        """`call.tool` has the class and severity that the policy takes it to have."""
        self.call = call
        self._expressions = expressions
        self._bindings: Bindings | None = None
        self._is_clear = False

    @property
    def arguments(self) -> JSONObject:
        """The call's arguments. Raises `Unjudgeable` where a server may read others than a rule would: some take
        `Amount` for `amount`, and of both the last."""
        self._check()
        return self.call.arguments

    def bindings(self) -> Bindings:
        """The call as CEL sees it. Raises `Unjudgeable` where CEL cannot see it exactly."""
        if self._bindings is None:
            if self._expressions is None:
                raise Unjudgeable("the policy has no expressions")
            self._check()
            self._bindings = self._expressions.bind(self.call)
        return self._bindings

    def _check(self) -> None:
        if not self._is_clear:
            if twins(self.call.arguments):
                raise Unjudgeable("two of the arguments' keys pass for each other")
            self._is_clear = True
