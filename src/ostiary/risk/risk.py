"""What is said of one tool: class, severity, confidence, and the evidence for them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

__all__ = ["Evidence", "Operations", "Risk", "RiskClass", "Severity", "Source"]


class RiskClass(StrEnum):
    """What an agent that may call a tool can do. Where several apply, the worst: `financial` is the worst."""

    READ = "read"
    WRITE = "write"
    EXECUTE = "execute"
    DESTRUCTIVE = "destructive"
    FINANCIAL = "financial"

    @property
    def rank(self) -> int:
        return _RANKS[self]


class Severity(StrEnum):
    """How bad one wrong call by a confused agent is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return _SEVERITIES.index(self)


class Source(StrEnum):
    """The part of a definition that a piece of evidence quotes."""

    NAME = "name"
    DESCRIPTION = "description"
    SCHEMA = "schema"
    ANNOTATION = "annotation"
    SERVER = "server"


_RANKS = {risk_class: rank for rank, risk_class in enumerate(RiskClass)}
_SEVERITIES = list(Severity)
_FREE = frozenset({"free-form:code", "free-form:command", "free-form:sql"})


class Evidence(msgspec.Struct, frozen=True):
    """One reason. `quote` stands verbatim in the definition (or names a sibling tool or the server), `why` is a
    sentence; `speaks_for` and `weight` are its contribution to the class."""

    source: Source
    quote: str
    why: str
    speaks_for: RiskClass | None = None
    weight: float = 0.0


class Operations(msgspec.Struct, frozen=True):
    """A tool that does several things: the argument that selects, and the class of each of its values."""

    argument: str
    values: Mapping[str, RiskClass]


class Risk(msgspec.Struct, frozen=True):
    """`confidence` is between 0.5 and 1. `signals` name what the definition shows besides (`free-form:sql`, `bulk`);
    `scores` is the sum of weights for each class, of which the class is the result."""

    risk_class: RiskClass
    severity: Severity
    confidence: float
    evidence: tuple[Evidence, ...]
    signals: tuple[str, ...] = ()
    operations: Operations | None = None
    scores: Mapping[str, float] = {}

    @property
    def runs_what_it_is_given(self) -> bool:
        """Whether an argument is code, a command or a statement that it carries out."""
        is_executed = self.risk_class is RiskClass.EXECUTE and "free-form:query" in self.signals
        return is_executed or (self.risk_class.rank >= RiskClass.EXECUTE.rank and not _FREE.isdisjoint(self.signals))
