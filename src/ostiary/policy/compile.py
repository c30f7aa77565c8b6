"""Text → Policy. Every problem of a document is found before anything is refused. Policy language, "Document keys"."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from ostiary.model import Effect
from ostiary.policy.block import ALL_TOOLS_KEYS, SUBJECT_KEYS, TOOL_KEYS, Block, read_block
from ostiary.policy.dialects.counters import find_counters
from ostiary.policy.dialects.recognise import Dialect, has_rules, recognise
from ostiary.policy.document import Node, read
from ostiary.policy.policy import Policy
from ostiary.policy.reading import Reading
from ostiary.policy.section import Hiding, Section
from ostiary.policy.selecting import Parse, read_classes, read_hide, read_selector
from ostiary.policy.selector import parse_name, parse_selector
from ostiary.policy.terms import all_redactions
from ostiary.policy.traits import Traits

__all__ = ["KEYS", "load"]

KEYS: Final = (
    "version",
    "name",
    "description",
    "default",
    "mode",
    "classes",
    "hide",
    "all_tools",
    "tools",
    "resources",
    "prompts",
)


def load(text: str | bytes, file: str) -> Policy:
    """The policy a document holds; `file` is its name in messages, and unnamed policies' own.

    Raises `ConfigurationError` with every problem found, in the order of the document.
    """
    root = read(text, file)
    dialect = recognise(root)
    reading = Reading()
    proof = reading.proof
    fields = proof.fields(root, KEYS, required=("version",), expected="a policy: a mapping with `version` and `tools`")
    if "version" in fields and repr(fields["version"].value) not in ("1", "'1'"):
        proof.refuse(fields["version"], "unknown version", "write `version: 1`")
    name = _text(fields, "name", reading)
    description = _text(fields, "description", reading) or ""
    reading.identity = name or file
    mode = proof.choice(fields["mode"], ("enforce", "shadow"), "mode") if "mode" in fields else None
    reading.is_shadow = mode == "shadow"
    word = proof.choice(fields["default"], list(Effect), "default") if "default" in fields else None
    declared = read_classes(fields["classes"], reading) if "classes" in fields else []
    parse = parse_name if dialect is Dialect.INTERCEPT else parse_selector
    reading.counters = find_counters(root)
    hide = read_hide(fields["hide"], parse, reading) if "hide" in fields else []
    tools = _read_all_tools(fields["all_tools"], reading) if "all_tools" in fields else []
    if "tools" in fields:
        tools += _read_blocks(
            fields["tools"], TOOL_KEYS, parse, reading, permits_globs=dialect is not Dialect.INTERCEPT
        )
    resources = _read_blocks(fields["resources"], SUBJECT_KEYS, parse_name, reading) if "resources" in fields else []
    prompts = _read_blocks(fields["prompts"], SUBJECT_KEYS, parse_name, reading) if "prompts" in fields else []
    proof.finish()
    default = Effect(word) if word else Effect.ALLOW if has_rules(root) else Effect.DENY
    shadow = reading.is_shadow
    reads_traits = reading.expressions is not None and reading.expressions.read_traits
    return Policy(
        name=reading.identity,
        description=description,
        default=default,
        mode=mode or "enforce",
        digest=digest_of(root),
        dialect=dialect.value,
        file=file,
        tools=Section(tools, default, hide, is_shadow=shadow, traits=Traits(declared), reads_traits=reads_traits),
        resources=Section(resources, Effect.ALLOW, is_shadow=shadow),
        prompts=Section(prompts, Effect.ALLOW, is_shadow=shadow),
        expressions=reading.expressions,
        needs_definitions=_needs_definitions(tools, hide, reading),
        redaction=all_redactions(block.redact for block in tools if block.redact and not block.is_shadow),
    )


def _needs_definitions(blocks: list[Block], hide: list[Hiding], reading: Reading) -> bool:
    if reading.expressions is not None and reading.expressions.read_traits:
        return True
    selectors = [hiding.selector for hiding in hide] + [block.selector for block in blocks if block.selector]
    return any(selector.reads_traits for selector in selectors) or any(
        check.needs_definition for block in blocks for check in block.checks
    )


def digest_of(root: Node) -> str:
    """Hex SHA-256 over the content, the same for every order of keys."""
    canonical = msgspec.json.Encoder(order="deterministic", decimal_format="number").encode(root.plain())
    return hashlib.sha256(canonical).hexdigest()


def _text(fields: Mapping[str, Node], key: str, reading: Reading) -> str | None:
    return reading.proof.text(fields[key]) if key in fields else None


def _read_all_tools(node: Node, reading: Reading) -> list[Block]:
    block = read_block(node, node, None, None, ALL_TOOLS_KEYS, reading)
    if block.effect is Effect.ALLOW and isinstance(node.value, dict):
        hint = 'permit tools under `tools`; `"*": {action: allow}` permits all'
        reading.proof.refuse(node.value["action"], "`all_tools` only constrains, and cannot allow", hint)
    return [block]


def _read_blocks(
    node: Node, known: tuple[str, ...], parse: Parse, reading: Reading, *, permits_globs: bool = True
) -> list[Block]:
    """The blocks under each selector: one, or a list of them. Without `permits_globs`, a glob only constrains."""
    blocks: list[Block] = []
    for text, member in (reading.proof.mapping(node, "a mapping of selectors to blocks") or {}).items():
        selector = read_selector(node.keys[text], parse, reading)
        is_name = selector is not None and (permits_globs or selector.name is not None)
        default = Effect.ALLOW if selector is not None and is_name and not selector.is_wildcard else None
        if member.value == []:
            reading.proof.refuse(member, "is an empty list", "an empty block is `{}`")
        if isinstance(member.value, list):
            blocks += [read_block(item, item, selector, default, known, reading) for item in member.value]
        else:
            blocks.append(read_block(member, node.keys[text], selector, default, known, reading))
    return blocks
