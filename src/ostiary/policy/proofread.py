"""Reading nodes with a pencil: what is wrong is noted with its place, and reading goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from ostiary.errors import ConfigurationError, Problem
from ostiary.policy.node import Node, visible

__all__ = ["Proofreader", "nearest"]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the known spelling closest to `word`; None if none is close."""
    import difflib

    close = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else None


class Proofreader:
    """Collects every problem of a document. The typed readers return None where they noted a problem.

    With `rules`, problems name the JSON Pointer of the rule they belong to, as policies want it.
    """

    def __init__(self, *, rules: bool = False) -> None:
        self._rules = rules
        self.problems: list[Problem] = []

    def finish(self) -> None:
        """Raise `ConfigurationError` with all problems in the order of the document, if there are any."""
        if self.problems:
            raise ConfigurationError(*sorted(self.problems, key=lambda problem: (problem.line, problem.column)))

    def refuse(self, node: Node, message: str, hint: str | None = None, *, rule: str | None = None) -> None:
        """Note a problem at `node`; `rule` is its own pointer unless given."""
        pointer = (node.pointer if rule is None else rule) or None
        named = visible(pointer) if pointer and self._rules else None
        hint = hint and visible(hint)
        self.problems.append(Problem(node.file, node.line, node.column, visible(message), rule=named, hint=hint))

    def mistyped(self, node: Node, expected: str) -> None:
        """Note that `node` is of another type than `expected` (`a string`, `a list of strings`)."""
        hint = "put quotes around it" if expected == "a string" and isinstance(node.value, int | Decimal) else None
        self.refuse(node, f"expected {expected}, found {node.kind}", hint)

    def unknown(
        self, node: Node, what: str, known: Iterable[str], *, rule: str | None = None, hint: str | None = None
    ) -> None:
        """Note that the string at `node` is none of the `known` words; `what` is `key`, `operator`, …"""
        known = list(known)
        hint = hint or nearest(str(node.value), known)
        if hint is None and len(known) <= 8:
            hint = "use " + ", ".join(f"`{word}`" for word in known)
        self.refuse(node, f"unknown {what} `{node.value}`", hint, rule=rule)

    def mapping(self, node: Node, expected: str = "a mapping") -> dict[str, Node] | None:
        if isinstance(node.value, dict):
            return node.value
        self.mistyped(node, expected)
        return None

    def fields(
        self, node: Node, known: Iterable[str], *, required: Iterable[str] = (), expected: str = "a mapping"
    ) -> Mapping[str, Node]:
        """The known members of a mapping; unknown keys and missing ones are noted."""
        members = self.mapping(node, expected)
        if members is None:
            return {}
        known = list(known)
        for key in members:
            if key not in known:
                self.unknown(node.keys[key], "key", known, rule=node.pointer)
        for key in required:
            if key not in members:
                self.refuse(node, f"`{key}` is missing")
        return {key: member for key, member in members.items() if key in known}

    def sequence(self, node: Node, expected: str = "a list") -> list[Node] | None:
        if isinstance(node.value, list):
            return node.value
        self.mistyped(node, expected)
        return None

    def text(self, node: Node) -> str | None:
        """A string that is not empty."""
        if not isinstance(node.value, str):
            self.mistyped(node, "a string")
            return None
        if not node.value:
            self.refuse(node, "is an empty string")
            return None
        return node.value

    def texts(self, node: Node) -> tuple[str, ...] | None:
        """A list of strings that are not empty."""
        items = self.sequence(node, "a list of strings")
        if items is None:
            return None
        found = [self.text(item) for item in items]
        return tuple(text for text in found if text is not None)

    def flag(self, node: Node) -> bool | None:
        if isinstance(node.value, bool):
            return node.value
        self.mistyped(node, "true or false")
        return None

    def whole(self, node: Node, *, minimum: int = 0) -> int | None:
        """A whole number of at least `minimum`."""
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(node, f"expected a whole number, found {value if isinstance(value, Decimal) else node.kind}")
            return None
        if value < minimum:
            self.refuse(node, f"must be at least {minimum}, found {value}")
            return None
        return value

    def choice(self, node: Node, words: Iterable[str], what: str = "value") -> str | None:
        """One of a few words."""
        words = list(words)
        if not isinstance(node.value, str):
            self.mistyped(node, "one of " + ", ".join(f"`{word}`" for word in words))
            return None
        if node.value not in words:
            self.unknown(node, what, words)
            return None
        return node.value
