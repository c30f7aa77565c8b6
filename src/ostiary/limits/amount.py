"""Exact arithmetic on what limits count: whole numbers and decimals, never binary floats."""

from __future__ import annotations

from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from math import ceil
from typing import TypeAlias

from ostiary.errors import StoreError

Amount: TypeAlias = "Decimal | int"

# Any sum or product of amounts of at most 60 digits on either side of the point fits, so nothing is ever rounded;
# should that reasoning be wrong, the trap raises rather than counting too little.
_EXACT = Context(prec=400, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
_DIGITS = 60


def add(left: Amount, right: Amount) -> Amount:
    return left + right if type(left) is int and type(right) is int else _EXACT.add(left, right)


def subtract(left: Amount, right: Amount) -> Amount:
    return left - right if type(left) is int and type(right) is int else _EXACT.subtract(left, right)


def multiply(left: Amount, right: Amount) -> Amount:
    return left * right if type(left) is int and type(right) is int else _EXACT.multiply(left, right)


def divide_up(left: Amount, right: Amount) -> int:
    """The smallest whole number that is at least `left / right`; `right` is positive."""
    return ceil(Fraction(left) / Fraction(right))


def require_countable(amount: Amount, what: str) -> None:
    """Raise `StoreError` unless the amount is a finite number of at least 0 within 60 digits of the point."""
    if type(amount) is int:
        if 0 <= amount < 10**_DIGITS:
            return
    elif isinstance(amount, Decimal) and amount.is_finite() and not amount.is_signed():
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -_DIGITS and amount.adjusted() < _DIGITS:
            return
    raise StoreError(f"{what} cannot be counted: {amount!s:.80} is not a finite amount of at least 0")
