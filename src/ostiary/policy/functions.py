"""What conditions in CEL may call beyond CEL's own functions: `json(x)` and `each(x)`.

Many tools take a whole document as one argument, as text or as an object, and let one value stand for a list of one:
IAM's policies are both. `json` reads the text, `each` makes the list.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final, NoReturn

from cel_expr_python import cel

from ostiary.model import JSON
from ostiary.model.likeness import twins
from ostiary.policy.exact import exact
from ostiary.policy.facts import Unjudgeable

__all__ = ["NOT_JSON", "declared"]

NOT_JSON: Final = "a text is not JSON that can be read in exactly one way"
"""What went wrong where `json` fails."""

_LONGEST: Final = 1024 * 1024


@cache
def declared() -> list[cel.FunctionDecl]:
    """The functions, for a CEL environment. A value of a kind that one does not take makes the call unjudgeable."""
    dyn, kinds = cel.Type.DYN, cel.Type
    objects, lists = kinds.Map(dyn, dyn), kinds.List(dyn)
    scalars = {"string": kinds.STRING, "int": kinds.INT, "double": kinds.DOUBLE, "bool": kinds.BOOL, "map": objects}
    return [
        cel.FunctionDecl(
            "json",
            [
                cel.Overload("json_string", dyn, [kinds.STRING], impl=_json),
                cel.Overload("json_map", dyn, [objects], impl=_same),
                cel.Overload("json_list", dyn, [lists], impl=_same),
            ],
        ),
        cel.FunctionDecl(
            "each",
            [
                cel.Overload("each_list", lists, [lists], impl=_same),
                *(cel.Overload(f"each_{name}", lists, [kind], impl=_alone) for name, kind in scalars.items()),
            ],
        ),
    ]


def _same(value: Any) -> Any:
    return value


def _alone(value: Any) -> list[Any]:
    return [value]


def _json(text: str) -> Any:
    """What a text says. As strict as the wire: what two readers could understand differently is not judged. Raises
    `ValueError`, whose words CEL hands on."""
    try:
        if len(text) > _LONGEST:
            raise _unreadable()
        value = json.loads(text, object_pairs_hook=_object, parse_float=Decimal, parse_constant=_unreadable_word)
        _check_characters(value)
        if twins(value):
            raise _unreadable()
        return exact(value)
    except (ValueError, RecursionError, Unjudgeable):
        raise _unreadable() from None


def _object(pairs: Sequence[tuple[str, JSON]]) -> dict[str, JSON]:
    found = dict(pairs)
    if len(found) != len(pairs) or any("\0" in key for key in found):
        raise _unreadable()
    return found


def _check_characters(value: JSON) -> None:
    """Half of a surrogate pair is written in JSON, and no character."""
    json.dumps(value, ensure_ascii=False, default=str).encode()


def _unreadable_word(_: str) -> NoReturn:
    raise _unreadable()


def _unreadable() -> ValueError:
    return ValueError(NOT_JSON)
