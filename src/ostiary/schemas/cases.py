"""The JSON Schema of policy test files. Docs: docs/policy.md."""

from __future__ import annotations

from typing import Final

from ostiary.schemas.parts import DURATION, TEXT, TEXTS, Schema, described, record, ref

__all__ = ["SCHEMA"]

_EFFECT: Final = {"enum": ["allow", "deny", "hide", "require_approval"]}
_TIME: Final = {"oneOf": [TEXT, {"type": "integer", "minimum": 0}]}
_PRINCIPAL: Final = record(
    {"id": TEXT, "grant": TEXT, "roles": TEXTS, "groups": TEXTS, "claims": {"type": "object"}}, ("id",)
)
_CALL: Final = record(
    {
        "tool": described(TEXT, "The tool's name."),
        "arguments": described({"type": "object"}, "The call's arguments."),
        "principal": described({"oneOf": [TEXT, _PRINCIPAL]}, "Who asks, such as `grant:ci`."),
        "client": described(record({"name": TEXT, "version": TEXT}), "What the agent's software says of itself."),
        "server": described(TEXT, "The server's name, for selectors such as `shop/pay`."),
        "at": described(_TIME, "When."),
    },
    ("tool",),
)
_STEP: Final[Schema] = {
    "call": described(_CALL, "The call."),
    "at": described(_TIME, "When, such as 2026-11-20T09:00:00Z.", "2026-01-01, or when the step before was"),
    "after": described(DURATION, "How long after the step before."),
    "expect": described(_EFFECT, "What the decision must be."),
    "rule": described(TEXT, "The id of the rule that must have decided."),
    "reason": described(TEXT, "A part of what the agent must be told."),
    "would": described(_EFFECT, "What blocks in shadow mode must have made of it."),
    "retry_after": described(DURATION, "When a limit must say that there is room again."),
}
_NAME: Final = {"name": described(TEXT, "The case's name in reports.")}
_CASES: Final = {"type": "array", "minItems": 1, "items": ref("case")}

SCHEMA: Final[Schema] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Ostiary policy tests",
    "oneOf": [
        _CASES,
        record(
            {
                "policy": described(TEXT, "The policy, relative to this file."),
                "tools": described(TEXT, "The server's tool list, relative to this file."),
                "cases": described(_CASES, "The cases."),
            },
            ("cases",),
        ),
    ],
    "$defs": {
        "case": {
            "oneOf": [
                record({**_NAME, **_STEP}, ("call", "expect")),
                record({**_NAME, "steps": {"type": "array", "minItems": 1, "items": ref("step")}}, ("steps",)),
            ]
        },
        "step": record(_STEP, ("call", "expect")),
    },
}
