"""Nodes of `hide` and `classes`, and the keys of `tools` → selectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ostiary.policy.node import Node
from ostiary.policy.proofread import nearest
from ostiary.policy.reading import Reading
from ostiary.policy.section import Hiding
from ostiary.policy.selector import CLASSES, SEVERITIES, Selector, SelectorError, parse_selector
from ostiary.policy.traits import Declared

__all__ = ["Parse", "read_classes", "read_hide", "read_selector"]

Parse: TypeAlias = Callable[[str], Selector]


def read_selector(node: Node, parse: Parse, reading: Reading) -> Selector | None:
    """The selector at `node`; None where a problem was noted."""
    text = str(node.value)
    if not text:
        reading.proof.refuse(node, "is an empty selector", 'write a name, a glob such as `"get-*"`, or `class:read`')
        return None
    try:
        return parse(text)
    except SelectorError as error:
        options = "use " + ", ".join(f"`{option}`" for option in error.options) if error.options else None
        reading.proof.refuse(node, str(error), nearest(error.word, error.options) or options)
        return None


def read_hide(node: Node, parse: Parse, reading: Reading) -> list[Hiding]:
    """A list of selectors, each once."""
    hide: list[Hiding] = []
    seen: dict[str, Node] = {}
    for item in reading.proof.sequence(node, "a list of selectors") or []:
        text = reading.proof.text(item)
        if text is None:
            continue
        if text in seen:
            reading.proof.refuse(item, f"duplicate entry `{text}`", f"it is already on line {seen[text].line}")
        seen[text] = item
        selector = read_selector(item, parse, reading)
        if selector is not None:
            hide.append(Hiding(item.pointer, selector, item.line, item.column))
    return hide


def read_classes(node: Node, reading: Reading) -> list[Declared]:
    """Names of tools → a class, or `{class, severity}`."""
    declared: list[Declared] = []
    proof = reading.proof
    for text, member in (proof.mapping(node, "a mapping of tools to classes") or {}).items():
        selector = read_selector(node.keys[text], parse_selector, reading)
        if selector is not None and selector.reads_traits:
            proof.refuse(node.keys[text], f"`{text}` is no name of a tool", "write a name, or a glob such as `get-*`")
        if isinstance(member.value, str):
            fields = {"class": member}
        else:
            fields = dict(proof.fields(member, ("class", "severity"), expected="a class, or `{class, severity}`"))
            if member.value == {}:
                proof.refuse(member, "says nothing", "write `class`, `severity` or both")
        risk_class = proof.choice(fields["class"], CLASSES, "class") if "class" in fields else None
        severity = proof.choice(fields["severity"], SEVERITIES, "severity") if "severity" in fields else None
        if selector is not None and not selector.reads_traits:
            declared.append(Declared(selector, risk_class, severity))
    return declared
