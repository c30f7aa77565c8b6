"""A server's tool list out of a file: a `tools/list` result, an object with `tools`, or a bare array."""

from __future__ import annotations

from ostiary.model import Tool
from ostiary.policy.document import Node, Proofreader, read

__all__ = ["read_tools"]


def read_tools(text: str | bytes, file: str) -> tuple[Tool, ...]:
    """The tools of a JSON document. Raises `ConfigurationError` for anything else; unknown members are fine."""
    root = read(text, file)
    proof = Proofreader()
    tools = [_tool(item, proof) for item in _items(root, proof)]
    seen: set[str] = set()
    for node, tool in tools:
        if tool.name in seen:
            proof.refuse(node, f"a second tool is called `{tool.name}`")
        seen.add(tool.name)
    proof.finish()
    return tuple(tool for _, tool in tools)


def _items(root: Node, proof: Proofreader) -> list[Node]:
    if isinstance(root.value, list):
        return root.value
    if isinstance(root.value, dict):
        inner = root.value.get("tools") or root.value.get("result")
        if inner is not None:
            return _items(inner, proof)
    proof.mistyped(root, "a list of tools, or an object with `tools`")
    return []


def _tool(node: Node, proof: Proofreader) -> tuple[Node, Tool]:
    members = proof.mapping(node, "a tool: an object with `name`") or {}
    name = proof.text(members["name"]) if "name" in members else None
    if members and "name" not in members:
        proof.refuse(node, "a tool without `name`")
    plain = {key: member.plain() for key, member in members.items() if key != "name"}
    schema, annotations, description = plain.get("inputSchema"), plain.get("annotations"), plain.get("description")
    return node, Tool(
        name=name or "",
        description=description if isinstance(description, str) else "",
        input_schema=schema if isinstance(schema, dict) else None,
        annotations=annotations if isinstance(annotations, dict) else {},
    )
