"""A policy, compiled: immutable, and ready to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ostiary.model import Effect, Redaction
from ostiary.policy.section import Section

if TYPE_CHECKING:
    from ostiary.policy.expression import Expressions

__all__ = ["Policy"]


class Policy(msgspec.Struct, frozen=True):
    """What `load` returns.

    `name` is the document's own, or its file's. `digest` is hex SHA-256 over the canonical content: places, comments,
    spelling and the order of keys make no difference. `mode` is `enforce` or `shadow`. `dialect` says which of the
    accepted forms the document is written in. `needs_definitions` where a decision needs more of a tool than its name:
    annotations, class, severity or inputSchema. `redaction` is everything that any block in force wants masked.
    """

    name: str
    description: str
    default: Effect
    mode: str
    digest: str
    dialect: str
    file: str
    tools: Section
    resources: Section
    prompts: Section
    expressions: Expressions | None
    needs_definitions: bool
    redaction: Redaction | None = None
