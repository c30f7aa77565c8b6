"""The JSON Schema of `ostiary.yaml`. Docs: docs/configuration.md."""

from __future__ import annotations

from typing import Final

from ostiary.schemas.parts import DURATION, TEXT, TEXTS, Schema, described, record

__all__ = ["SCHEMA"]

_STRINGS: Final = {"type": "object", "additionalProperties": {"type": "string"}}
_COUNT: Final = {"type": "integer", "minimum": 1}
_HOLD: Final = described(DURATION, "How long a call is held open for an answer.", "`50s`")

_SERVER: Final = record(
    {
        "command": described({**TEXTS, "minItems": 1}, "The program and its arguments; no shell is involved."),
        "env": described(_STRINGS, "Environment variables for it."),
        "cwd": described(TEXT, "Its working directory.", "Ostiary's own"),
        "share": described({"type": "boolean"}, "Whether all agents share one process.", "`false`"),
        "url": described(TEXT, "A Streamable HTTP server."),
        "headers": described(_STRINGS, "Headers for it."),
        "policy": described(TEXT, "The policy of every grant that has none of its own. Without either all is denied."),
        "timeout": described(_COUNT, "Seconds of silence after which a call's outcome counts as unknown.", "300"),
        "approvals": described(record({"hold": _HOLD}), "What differs for this server."),
        "transport": described(
            {"enum": ["http", "sse"]}, "How a URL is spoken to.", "`http`; `sse` for one that ends in `/sse`"
        ),
        "on_drift": described(
            {"enum": ["deny", "hide", "require_approval", "warn"]},
            "What becomes of a tool that is not defined as it was pinned.",
            "`deny`",
        ),
        "failures": described(TEXTS, "Patterns: a result in whose text one is found counts as failed."),
    },
    oneOf=[{"required": ["command"]}, {"required": ["url"]}],
)
_BOUNDS: Final = (
    *("body", "sessions", "sessions_per_principal", "idle", "depth", "headers", "head", "head_timeout"),
    *("body_timeout", "keep_alive", "unread_timeout", "connections", "requests_per_principal", "streams_per_session"),
    "poll_after",
)
_TARGET: Final = record(
    {
        "webhook": described(TEXT, "A URL that is posted to."),
        "secret": described({"type": "string"}, "What signs that, and what comes back; 16 characters at least."),
        "format": described({"enum": ["json", "slack"]}, "What is posted.", "`json`"),
        "email": described(TEXT, "Or an address that gets mail."),
    },
    oneOf=[{"required": ["webhook"]}, {"required": ["email"]}],
)
_SMTP: Final = record(
    {
        "host": described(TEXT, "Its name."),
        "port": described(_COUNT, "Its port.", "587, with `tls` 465, with `none` 25"),
        "from": described(TEXT, "Whom mail comes from."),
        "user": described({"type": "string"}, "Who logs in, if anybody has to."),
        "password": described({"type": "string"}, "That user's."),
        "security": described({"enum": ["starttls", "tls", "none"]}, "How it is spoken to.", "`starttls`"),
    },
    ("host", "from"),
)
_APPROVALS: Final = record(
    {
        "hold": _HOLD,
        "questions_per_hour": described(_COUNT, "How many questions one principal may cause.", "60"),
        "url": described(TEXT, "Where people reach the console, without a path."),
        "notify": described(
            {
                "type": "object",
                "additionalProperties": _TARGET,
            },
            "Whom policies may tell, by name.",
        ),
        "smtp": described(
            _SMTP,
            "The mail server.",
        ),
    }
)

SCHEMA: Final[Schema] = record(
    {
        "listen": described(TEXT, "HOST:PORT.", "`127.0.0.1:8417`"),
        "state": described(TEXT, "The state directory.", "`./state`"),
        "hosts": described(TEXTS, "Names that a request's `Host` may have."),
        "origins": described(TEXTS, "Web pages that may call."),
        "metrics": described({"type": "boolean"}, "Whether `/metrics` answers.", "on loopback"),
        "limits": described(record(dict.fromkeys(_BOUNDS, _COUNT)), "What the gateway takes on at most."),
        "approvals": described(_APPROVALS, "How people are asked."),
        "pins": described(
            TEXT, "The lock with the approved definitions.", "`ostiary.lock`, where it lies beside this file"
        ),
        "gateways": described(_COUNT, "How many gateways share the state.", "1"),
        "servers": described(
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "patternProperties": {"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": _SERVER},
            },
            "Name → server.",
            "required",
        ),
    },
    ("servers",),
    **{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Ostiary configuration"},
)
