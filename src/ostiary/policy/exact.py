"""JSON values as CEL takes them: 64-bit integers and doubles, and nothing that a double would round."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ostiary.model import JSON
from ostiary.policy.facts import Unjudgeable

__all__ = ["LEAST", "MOST", "exact"]

LEAST: Final = -(2**63)
MOST: Final = 2**63 - 1


def exact(value: JSON | object) -> Any:
    """The value as CEL takes it. Raises `Unjudgeable`."""
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, int):
        if LEAST <= value <= MOST:
            return value
        return _double(Decimal(value))
    if isinstance(value, Decimal):
        if value.is_finite() and LEAST <= value <= MOST and value == value.to_integral_value():
            return int(value)
        return _double(value)
    if isinstance(value, Mapping):
        return {key: exact(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    return value


def _double(value: Decimal) -> float:
    """The double that people write the same way. Raises `Unjudgeable` where there is none."""
    double = float(value)
    if Decimal(repr(double)) != value:
        raise Unjudgeable("an argument is a number that cannot be compared exactly in CEL")
    return double
