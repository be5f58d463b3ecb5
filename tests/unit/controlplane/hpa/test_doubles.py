"""Go's arithmetic."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from kingtide.controlplane.hpa.doubles import (
    MAX_INT32,
    MIN_INT32,
    MIN_INT64,
    ceil_int32,
    ceil_int32_clamped,
    ceil_int64,
    divide_truncated,
    quotient,
    truncate_int32,
    wrap_int32,
)
from kingtide.controlplane.hpa.tolerance import approximate_double


def test_division_truncates_towards_zero() -> None:
    assert divide_truncated(-7, 2) == -3
    assert divide_truncated(7, 2) == 3


def test_a_double_out_of_range_becomes_the_smallest_integer() -> None:
    assert ceil_int32(2147483647.0) == MAX_INT32
    assert ceil_int32(2147483647.5) == MIN_INT32
    assert ceil_int32(math.nan) == MIN_INT32
    assert ceil_int64(math.inf) == MIN_INT64
    assert truncate_int32(-1e12) == MIN_INT32
    assert truncate_int32(-1.9) == -1


def test_a_guarded_ceiling_stops_at_the_largest_integer() -> None:
    assert ceil_int32_clamped(1e12) == MAX_INT32
    assert ceil_int32_clamped(1.1) == 2


def test_integers_wrap_around() -> None:
    assert wrap_int32(MAX_INT32 + 1) == MIN_INT32
    assert wrap_int32(-5) == -5


def test_dividing_by_zero_gives_infinity_or_nan() -> None:
    assert quotient(3, 0) == math.inf
    assert quotient(-3, 0) == -math.inf
    assert math.isnan(quotient(0, 0))


@pytest.mark.parametrize("text", ["0", "1", "0.05", "0.5", "0.025", "0.0005", "1.5"])
def test_a_tolerance_becomes_the_double_of_its_stored_suffix(text: str) -> None:
    assert approximate_double(Decimal(text)) == pytest.approx(float(text), rel=1e-15)


def test_a_stored_tolerance_may_differ_from_the_double_written() -> None:
    stored = [approximate_double(Decimal(n) / 1000) for n in range(1000)]
    assert stored == [n * 1e-3 for n in range(1000)]
    assert stored != [n / 1000 for n in range(1000)]
