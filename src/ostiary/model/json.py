"""The type of a JSON value once parsed. Numbers with a fraction or exponent are `Decimal`: nothing is rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

JSON: TypeAlias = "None | bool | int | float | Decimal | str | Sequence[JSON] | Mapping[str, JSON]"
JSONObject: TypeAlias = Mapping[str, JSON]
