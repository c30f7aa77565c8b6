"""The reference page of the policy language, out of its schema: a section for every key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ostiary.schemas.examples import EXAMPLES
from ostiary.schemas.parts import Schema
from ostiary.schemas.policy import SCHEMA

__all__ = ["reference_page"]

_HEAD: Final = """# Policy reference

Every key of a policy, in one place. [Policies](policy.md) is the guide to read first. This page is made from the schema
that `ostiary schema policy` prints: change it in `src/ostiary/schemas/`, then run `python -m ostiary.schemas.page`.
"""
_PARTS: Final = (
    ("The document", None),
    ("A block", "block"),
    ("A condition", "condition"),
    ("A rate limit", "rate_limit"),
    ("A budget", "budget"),
    ("A limit (PolicyLayer's form)", "limit"),
    ("An approval", "approval"),
    ("A rule (Intercept's form)", "rule"),
)


def reference_page() -> str:
    """The page as Markdown."""
    parts = [_HEAD]
    for title, name in _PARTS:
        parts.append(f"## {title}\n")
        schema = SCHEMA if name is None else SCHEMA["$defs"][name]
        needed = set(_required(schema))
        for key, member in _properties(schema).items():
            parts.append("\n".join(_section(name or "document", key, member, is_needed=key in needed)) + "\n")
    return "\n".join(parts)


def _forms(schema: Schema) -> Iterator[Schema]:
    yield schema
    for form in schema.get("oneOf", []):
        yield from _forms(form)


def _properties(schema: Schema) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for form in _forms(schema):
        for key, member in form.get("properties", {}).items():
            found.setdefault(key, member)
    return found


def _required(schema: Schema) -> list[str]:
    return [key for form in _forms(schema) for key in form.get("required", [])]


def _section(part: str, key: str, member: Schema, *, is_needed: bool) -> Iterator[str]:
    yield f"### `{key}`\n"
    yield str(member.get("description", "Conditions of a group: all must hold.")) + "\n"
    words = member.get("enum")
    if words:
        yield "One of " + ", ".join(f"`{word}`" for word in words) + ".\n"
    if is_needed:
        yield "Required.\n"
    elif "x-default" in member:
        yield f"Default: {member['x-default']}.\n"
    example = EXAMPLES.get(part, {}).get(key)
    if example is not None:
        yield f"```yaml\n{example}\n```\n"


def main() -> None:
    """Write the page into the documentation."""
    from pathlib import Path

    (Path(__file__).parents[3] / "docs" / "policy-reference.md").write_text(reference_page(), "utf-8")


if __name__ == "__main__":
    main()
