"""A tool as it was at one time: what somebody looked at, and what it was found to be."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ostiary.model import JSONObject
from ostiary.risk.assess import Assessed
from ostiary.risk.risk import Risk, RiskClass, Severity

__all__ = ["Pin", "pin", "pins", "worse"]


class Pin(msgspec.Struct, frozen=True):
    """`digest` is that of the `definition`, which is as the server sent it; `findings` are the ids of the rules that
    found something wrong with it, sorted."""

    name: str
    risk_class: RiskClass
    severity: Severity
    digest: str
    definition: JSONObject
    findings: tuple[str, ...] = ()


def pin(one: Assessed) -> Pin:
    """An assessed tool, as it is now."""
    found = tuple(sorted({finding.rule for finding in one.findings}))
    return Pin(one.tool.name, one.risk.risk_class, one.risk.severity, one.digest, one.definition, found)


def pins(assessed: Iterable[Assessed]) -> tuple[Pin, ...]:
    """A list's tools by name. One without a name is none; of a name that stands for two definitions there is none."""
    named: dict[str, Pin] = {}
    torn: set[str] = set()
    for one in assessed:
        known = named.setdefault(one.tool.name, pin(one))
        if known.digest != one.digest:
            torn.add(known.name)
    return tuple(named[name] for name in sorted(named) if name and name not in torn)


def worse(risk: Risk, pin: Pin | None) -> tuple[RiskClass, Severity]:
    """The worse class and the worse severity of what a tool is now and what it was approved as."""
    if pin is None:
        return risk.risk_class, risk.severity
    risk_class = max(risk.risk_class, pin.risk_class, key=lambda one: one.rank)
    return risk_class, max(risk.severity, pin.severity, key=lambda one: one.rank)
