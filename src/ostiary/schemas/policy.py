"""The JSON Schema of a policy. Policy language, all sections; what only the reader can know it leaves to the reader."""

from __future__ import annotations

from typing import Final

from ostiary.policy.operators import OPERATORS
from ostiary.policy.selector import CLASSES, SEVERITIES
from ostiary.schemas.parts import DURATION, TEXT, TEXTS, Schema, described, one_or_many, record, ref

__all__ = ["SCHEMA"]

_EFFECTS: Final = {"enum": ["allow", "deny", "hide", "require_approval"]}
_MODE: Final = {"enum": ["enforce", "shadow"]}
_NUMBER: Final = {"oneOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}]}
_PATH: Final = {"type": "string", "pattern": r"^args($|[.\[])"}
_ON_DENY: Final = described(TEXT, "What the agent is told when this refuses.")
_PER: Final = described(
    TEXT,
    "What is counted together: `session`, `grant`, `principal`, `client`, `server`, `global`, or CEL over `args`.",
    "`session`",
)
_ALGORITHM: Final = described(
    {"enum": ["sliding", "token_bucket", "calendar"]},
    "How time is cut: `sliding` is exact in any interval, `token_bucket` refills evenly, `calendar` is aligned to UTC.",
    "`sliding`",
)
_ON_OUTAGE: Final = described(
    {"enum": ["deny", "local"]},
    "What happens while the store does not answer: `deny`, or `local`: this gateway admits its part of `max`.",
    "`deny`",
)
_WINDOW: Final = described(DURATION, "How long: seconds, `30s`, `5m`, `1h`, `1d`, or `minute`, `hour`, `day`.")
_CONDITIONS: Final = {"type": "array", "items": ref("condition")}

_SUBJECT: Final[Schema] = {
    "action": described(_EFFECTS, "What happens to a call that this block is about.", "`allow` for a named selector"),
    "reason": described(TEXT, "What the agent is told when this block refuses or holds."),
    "on_deny": described(TEXT, "Another word for `reason`."),
    "when": described(TEXT, "CEL; the block applies only where it is true."),
    "require": described(_CONDITIONS, "Conditions that must all hold, else the call is denied."),
    "deny_if": described(_CONDITIONS, "Conditions of which none may hold, else the call is denied."),
    "rate_limit": described(one_or_many(ref("rate_limit")), "How many calls within how long; one or a list."),
    "mode": described(_MODE, "`shadow`: say what this block would have done, and do nothing.", "the document's"),
}
_BLOCK: Final[Schema] = {
    **_SUBJECT,
    "arguments": described(
        {"oneOf": [{"const": "strict"}, {"type": "object"}, {"const": True}]},
        "JSON Schema 2020-12 for the arguments, or `strict`: the tool's own inputSchema with no undeclared argument.",
    ),
    "limits": described({"type": "array", "items": ref("limit")}, "PolicyLayer's form of limits."),
    "budget": described(one_or_many(ref("budget")), "How much of an amount within how long; one or a list."),
    "approval": described(ref("approval"), "The terms of an approval, where the call is held for one."),
    "redact": described(
        record({"result": described({**TEXTS, "minItems": 1}, "`secrets`, `pii`, and RE2 patterns.")}, ("result",)),
        "What is masked in the result before the agent sees it. What cannot be looked into is withheld.",
    ),
    "log_arguments": described(
        {"oneOf": [{"type": "boolean"}, TEXTS]},
        "Whether the ledger keeps the values of arguments: all, none, or those at these paths.",
        "`false`: key names and a keyed digest",
    ),
    "rules": described({"type": "array", "items": ref("rule")}, "Intercept's form: rules that must all pass."),
}
_STRUCTURED: Final = record(
    {
        "path": described(_PATH, 'Where to look: `args.a.b`, `args.items[0].price`, `args["odd.key"]`.'),
        "op": described({"enum": list(OPERATORS)}, "How to compare. A missing path fails every one but `exists`."),
        "value": described({}, "What to compare with."),
        "on_deny": _ON_DENY,
    },
    ("path", "op", "value"),
)
_RATE: Final = record(
    {
        "max": described({"type": "integer", "minimum": 1}, "How many calls."),
        "window": _WINDOW,
        "per": _PER,
        "algorithm": _ALGORITHM,
        "burst": described({"type": "integer", "minimum": 1}, "How many at once, of a token bucket.", "`max`"),
        "on_outage": _ON_OUTAGE,
        "on_deny": _ON_DENY,
    },
    ("max", "window"),
)
_BUDGET: Final = record(
    {
        "amount": described(
            {"oneOf": [_PATH, _NUMBER]}, "Where the call's amount is, or what every call costs; 0 only looks."
        ),
        "max": described(_NUMBER, "How much; in quotes it keeps its decimals."),
        "window": _WINDOW,
        "per": _PER,
        "counter": described(TEXT, "A name: budgets of the same counter share one total.", "the rule's own"),
        "unit": described(TEXT, "What is counted, for messages, such as `USD`."),
        "settle": described(
            {"type": "string", "pattern": r"^result[.\[]"},
            "Where the result says what the call really cost: that counts then, and not what was reserved.",
        ),
        "algorithm": described({"enum": ["sliding", "calendar"]}, _ALGORITHM["description"], "`sliding`"),
        "on_outage": _ON_OUTAGE,
        "on_deny": _ON_DENY,
    },
    ("amount", "max", "window"),
)
_LIMIT: Final = record(
    {
        "counter": described(TEXT, "The counter's name within the block."),
        "window": described({"enum": ["minute", "hour", "day"]}, "A minute, an hour or a day of UTC."),
        "max": described(_NUMBER, "How many calls, or how much of the amount."),
        "scope": described(TEXT, _PER["description"], "`grant`"),
        "increment_from": described(_PATH, "Where the amount is that counts; without it every call counts 1."),
        "on_deny": _ON_DENY,
    },
    ("counter", "window", "max"),
)
_APPROVAL: Final = record(
    {
        "timeout": described(DURATION, "How long a question stays open.", "`10m`"),
        "approvers": described({"type": "integer", "minimum": 1}, "How many different people must agree.", "1"),
        "assurance": described(
            {"enum": ["client", "out_of_band"]},
            "`client` accepts the answer of the person at the agent's own client; `out_of_band` does not.",
            "`out_of_band`",
        ),
        "uses": described({"type": "integer", "minimum": 1}, "How many calls one approval is good for.", "1"),
        "valid_for": described(DURATION, "How long an approval may be used once it is given.", "`15m`"),
        "notify": described(TEXTS, "Whom to tell, by the names in the configuration."),
    }
)
_RULE: Final = record(
    {
        "name": described(TEXT, "The rule's id in decisions and in the ledger."),
        "action": described({"enum": ["evaluate", "deny"]}, "`deny` refuses always.", "`evaluate`"),
        "conditions": described({"type": "array"}, "`{path, op, value}`, all of which must hold."),
        "on_deny": described({"type": "string"}, "What the agent is told when this rule refuses."),
        "rate_limit": described(
            {"type": "string", "pattern": "^[0-9]{1,9}/(minute|hour|day)$"}, "`N/minute` and so on."
        ),
        "state": described(
            {"type": "object"}, "A counter: `{counter, window, increment, increment_from}`, aligned to the calendar."
        ),
    },
    ("name",),
)


def _blocks(name: str) -> Schema:
    return {"type": "object", "additionalProperties": one_or_many(ref(name))}


SCHEMA: Final[Schema] = record(
    {
        "version": described({"enum": [1, "1"]}, "The version of the language: 1.", "required"),
        "name": described(TEXT, "The policy's name, for people and the ledger, and the name of its counters."),
        "description": described(TEXT, "What the policy is for."),
        "default": described(
            _EFFECTS, "What happens to a tool that no block permits.", "`deny`; with Intercept's `rules`: `allow`"
        ),
        "mode": described(_MODE, "`shadow`: decide and record, never block.", "`enforce`"),
        "classes": described(
            {
                "type": "object",
                "additionalProperties": {
                    "oneOf": [
                        {"enum": list(CLASSES)},
                        record(
                            {"class": {"enum": list(CLASSES)}, "severity": {"enum": list(SEVERITIES)}}, minProperties=1
                        ),
                    ]
                },
            },
            "What class and severity tools have, by name or glob. It wins over what their definitions speak for.",
        ),
        "hide": described(
            {**TEXTS, "uniqueItems": True}, "Selectors of tools that are answered like ones that do not exist."
        ),
        "all_tools": described(ref("all_tools"), "A block whose constraints bind every call; it permits nothing."),
        "tools": described(_blocks("block"), "Selector → block, or a list of blocks."),
        "resources": described(_blocks("subject"), "The same for `resources/read`, by URI.", "allowed, recorded"),
        "prompts": described(_blocks("subject"), "The same for `prompts/get`, by name.", "allowed, recorded"),
    },
    ("version",),
    **{
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ostiary policy",
        "$defs": {
            "block": record(_BLOCK),
            "all_tools": record({**_BLOCK, "action": {"enum": ["deny", "hide", "require_approval"]}}),
            "subject": record(_SUBJECT),
            "condition": {
                "oneOf": [
                    TEXT,
                    _STRUCTURED,
                    record({"conditions": {**_CONDITIONS, "minItems": 1}, "on_deny": _ON_DENY}, ("conditions",)),
                ]
            },
            "rate_limit": {"oneOf": [{"type": "string", "pattern": "^[0-9]{1,9}/[a-z0-9]+$"}, _RATE]},
            "budget": _BUDGET,
            "limit": _LIMIT,
            "approval": _APPROVAL,
            "rule": _RULE,
        },
    },
)
