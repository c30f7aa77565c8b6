"""What is approved of one server, as its gate needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from ostiary.model import Tool

if TYPE_CHECKING:
    from ostiary.risk import Pin

__all__ = ["OnDrift", "Pinned", "tools_of"]


class OnDrift(StrEnum):
    """What becomes of a tool that is not defined as it was approved."""

    DENY = "deny"
    HIDE = "hide"
    REQUIRE_APPROVAL = "require_approval"
    WARN = "warn"


class Pinned(msgspec.Struct, frozen=True):
    """`tools` are the pinned ones as policy is to see them: what the server says of them today plays no part."""

    pins: Mapping[str, Pin]
    tools: Mapping[str, Tool]
    on_drift: OnDrift = OnDrift.DENY


def tools_of(pins: Iterable[Pin], server: str) -> Mapping[str, Tool]:
    """Each pin as a tool, with the class and severity it was approved with."""
    from ostiary.risk.assess import tool_of

    return {
        pin.name: msgspec.structs.replace(
            tool_of(pin.definition, server),
            risk_class=pin.risk_class.value,
            severity=pin.severity.value,
            digest=pin.digest,
        )
        for pin in pins
    }
