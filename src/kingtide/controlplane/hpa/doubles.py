"""Go's arithmetic where the controller relies on it: doubles, and integers of a fixed width.

A ratio is a quotient of two doubles, not the exact quotient of two integers; a double that does not
fit an integer becomes that type's smallest value on amd64, the platform the recorded truth was
taken on.
"""

from __future__ import annotations

import math

MAX_INT32 = 2**31 - 1
MIN_INT32 = -(2**31)
MAX_INT64 = 2**63 - 1
MIN_INT64 = -(2**63)


def quotient(numerator: float, denominator: float) -> float:
    """Return the quotient of two doubles, with Go's infinities and NaN for a zero denominator."""
    dividend = float(numerator)
    divisor = float(denominator)
    if divisor == 0.0:
        if dividend == 0.0 or math.isnan(dividend):
            return math.nan
        return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)
    return dividend / divisor


def ceil_int32(value: float) -> int:
    """Return `int32(math.Ceil(value))`."""
    if -2147483649.0 < value <= 2147483647.0:
        return math.ceil(value)
    return MIN_INT32


def ceil_int32_clamped(value: float) -> int:
    """Return the ceiling, at most the largest int32: where the controller guards its result."""
    return MAX_INT32 if value > MAX_INT32 else ceil_int32(value)


def ceil_int64(value: float) -> int:
    """Return `int64(math.Ceil(value))`."""
    if -9223372036854775808.0 <= value < 9223372036854775808.0:
        return math.ceil(value)
    return MIN_INT64


def truncate_int32(value: float) -> int:
    """Return `int32(value)`, which drops the fraction towards zero."""
    if -2147483649.0 < value < 2147483648.0:
        return int(value)
    return MIN_INT32


def wrap_int32(value: int) -> int:
    """Return an integer as int32 arithmetic leaves it, wrapped around."""
    if MIN_INT32 <= value <= MAX_INT32:
        return value
    return (value - MIN_INT32) % 2**32 + MIN_INT32


def divide_truncated(numerator: int, denominator: int) -> int:
    """Return the integer quotient truncated towards zero, as Go divides (Python floors)."""
    return numerator // denominator if numerator >= 0 else -(-numerator // denominator)
