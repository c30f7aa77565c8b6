"""What the parts of a policy share while it is read: the pencil, the policy's identity, its expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ostiary.policy.node import Node
from ostiary.policy.proofread import Proofreader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ostiary.policy.dialects.counters import Counter
    from ostiary.policy.expression import Expression, Expressions

__all__ = ["Reading", "Written"]


class Written(msgspec.Struct, frozen=True):
    """An expression as the document has it."""

    rule: str
    source: str
    line: int
    column: int


class Reading:
    """One policy being read. CEL is loaded with its first expression, and not at all for a policy without any."""

    def __init__(self) -> None:
        self.proof = Proofreader(rules=True)
        self.identity = ""
        self.is_shadow = False
        self.expressions: Expressions | None = None
        self.counters: Mapping[str, Counter] = {}
        self.written: list[Written] = []

    def condition(self, node: Node, rule: str) -> Expression | None:
        """The CEL condition at `node`; None where a problem was noted."""
        return self._compile(node, rule, is_condition=True)

    def term(self, node: Node, rule: str) -> Expression | None:
        """The CEL expression at `node` that tells what is counted together; None where a problem was noted."""
        return self._compile(node, rule, is_condition=False)

    def _compile(self, node: Node, rule: str, *, is_condition: bool) -> Expression | None:
        from ostiary.policy.expression import ExpressionError, Expressions

        source = self.proof.text(node)
        if source is None:
            return None
        if self.expressions is None:
            self.expressions = Expressions()
        if source.strip() == "false":
            self.proof.refuse(node, "`false` is never true", "remove what it stands for", rule=rule)
            return None
        self.written.append(Written(rule, source, node.line, node.column))
        try:
            return self.expressions.condition(source) if is_condition else self.expressions.term(source)
        except ExpressionError as error:
            self.proof.refuse(node, str(error), error.hint, rule=rule)
            return None
