"""The operators of structured conditions: one table, each entry a value from the policy → a test of an argument.

Policy language, section "Conditions". Comparison is exact; a value of the wrong type is an evaluation error.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

from ostiary.model import JSON
from ostiary.policy.facts import Unjudgeable
from ostiary.policy.path import MISSING, Missing

__all__ = ["OPERATORS", "OperandError", "Operator", "Test", "are_equal", "is_number", "kind_of"]

Test: TypeAlias = Callable[["JSON | Missing"], bool]
Operator: TypeAlias = Callable[[JSON], Test]


class OperandError(Exception):
    """A `value` that the operator cannot work with."""


def is_number(value: object) -> bool:
    """Whether it is a finite JSON number; a bool is not one."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def kind_of(value: object) -> str:
    """What a JSON value is, as an error message calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a bool"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    return "a number"


def are_equal(one: object, other: object) -> bool:
    """JSON equality of type and value: 1 equals 1.0, `"500"` never equals 500, true never equals 1."""
    if isinstance(one, str) or one is None or isinstance(one, bool):
        return type(one) is type(other) and one == other
    if is_number(one):
        return is_number(other) and one == other
    if isinstance(one, Mapping):
        return (
            isinstance(other, Mapping)
            and one.keys() == other.keys()
            and all(are_equal(member, other[key]) for key, member in one.items())
        )
    if isinstance(one, list | tuple):
        return (
            isinstance(other, list | tuple)
            and len(one) == len(other)
            and all(are_equal(first, second) for first, second in zip(one, other, strict=True))
        )
    return False


def _equal(value: JSON) -> Test:
    return lambda found: are_equal(value, found)


def _not_equal(value: JSON) -> Test:
    return lambda found: found is not MISSING and not are_equal(value, found)


def _one_of(value: JSON) -> Test:
    options = _options(value)
    words = frozenset(option for option in options if isinstance(option, str))
    others = [option for option in options if not isinstance(option, str)]
    return lambda found: found in words if isinstance(found, str) else any(are_equal(one, found) for one in others)


def _none_of(value: JSON) -> Test:
    is_one_of = _one_of(value)
    return lambda found: found is not MISSING and not is_one_of(found)


def _options(value: JSON) -> list[JSON]:
    if not isinstance(value, list):
        raise OperandError(f"needs a list, found {kind_of(value)}")
    if not value:
        raise OperandError("needs a list that is not empty")
    return value


def _comparison(compare: Callable[[int | Decimal, int | Decimal], bool]) -> Operator:
    def make(value: JSON) -> Test:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise OperandError(f"needs a number, found {kind_of(value)}")
        bound: int | Decimal = value

        def test(found: JSON | Missing) -> bool:
            if type(found) is int:
                return compare(found, bound)
            if isinstance(found, Decimal) and found.is_finite():
                return compare(found, bound)
            if found is MISSING:
                return False
            raise Unjudgeable(f"is {kind_of(found)}, not a number")

        return test

    return make


def _text(found: JSON | Missing) -> str | None:
    """The string found, None where there is nothing. Raises `Unjudgeable` for anything else."""
    if isinstance(found, str):
        return found
    if found is MISSING:
        return None
    raise Unjudgeable(f"is {kind_of(found)}, not a string")


def _word(value: JSON) -> str:
    if not isinstance(value, str):
        raise OperandError(f"needs a string, found {kind_of(value)}")
    return value


def _starts_with(value: JSON) -> Test:
    word = _word(value)
    return lambda found: (text := _text(found)) is not None and text.startswith(word)


def _ends_with(value: JSON) -> Test:
    word = _word(value)
    return lambda found: (text := _text(found)) is not None and text.endswith(word)


def _regex(value: JSON) -> Test:
    from ostiary.policy.pattern import PatternError, compile_pattern

    try:
        pattern = compile_pattern(_word(value))
    except PatternError as error:
        raise OperandError(f"needs a pattern that compiles: {error}") from None

    def test(found: JSON | Missing) -> bool:
        text = _text(found)
        try:
            return text is not None and pattern.matches(text)
        except UnicodeEncodeError:
            raise Unjudgeable("has half of a surrogate pair in it") from None

    return test


def _contains(value: JSON) -> Test:
    def test(found: JSON | Missing) -> bool:
        if isinstance(found, str):
            if not isinstance(value, str):
                raise Unjudgeable(f"is a string, and cannot contain {kind_of(value)}")
            return value in found
        if isinstance(found, list | tuple):
            return any(are_equal(value, item) for item in found)
        if found is MISSING:
            return False
        raise Unjudgeable(f"is {kind_of(found)}, neither a string nor a list")

    return test


def _exists(value: JSON) -> Test:
    if not isinstance(value, bool):
        raise OperandError(f"needs true or false, found {kind_of(value)}")
    wanted: bool = value
    return lambda found: (found is not MISSING and found is not None) is wanted


OPERATORS: Final[Mapping[str, Operator]] = {
    "eq": _equal,
    "neq": _not_equal,
    "in": _one_of,
    "not_in": _none_of,
    "lt": _comparison(operator.lt),
    "lte": _comparison(operator.le),
    "gt": _comparison(operator.gt),
    "gte": _comparison(operator.ge),
    "regex": _regex,
    "contains": _contains,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "exists": _exists,
}
