import math

import numpy as np
import pytest

from kingtide.report.columns import column, extreme_times, extremes, packed_bytes, values_of


def unpacked(body: bytes) -> list[int | None]:
    """Read a packed column as the page does: varint codes, zero a gap, else zigzag plus one."""
    levels: list[int | None] = []
    level, code, weight = 0, 0, 1
    for byte in body:
        code += (byte & 127) * weight
        weight *= 128
        if byte & 128:
            continue
        if code:
            level += (code - 1) // 2 if code % 2 else -(code // 2)
        levels.append(level if code else None)
        code, weight = 0, 1
    return levels


def test_counts_are_kept_exactly() -> None:
    values = [0.0, 240.0, 357.0, 397.0, 0.0, 12.0]
    packed = column(values, levels_min=2000)
    assert list(values_of(packed)) == values
    assert unpacked(packed_bytes(packed)) == [0, 240, 357, 397, 0, 12]


def test_unix_milliseconds_are_kept_exactly() -> None:
    times = [1_605_900_600_000 + 5000 * k for k in range(50)]
    assert unpacked(packed_bytes(column(times, levels_min=1))) == times


@pytest.mark.parametrize("peak", [0.0004, 1.0, 163.27, 98_765.4])
@pytest.mark.parametrize("levels_min", [2_000, 100_000])
def test_other_values_are_off_by_half_a_level_at_most(peak: float, levels_min: int) -> None:
    values = [peak * math.sin(k / 7) ** 2 for k in range(200)] + [peak]
    shown = values_of(column(values, levels_min))
    assert np.max(np.abs(shown - values)) <= max(peak / (2 * levels_min), 1e-9)


def test_a_value_that_is_not_finite_is_a_gap() -> None:
    packed = column([1.0, math.nan, 3.0, math.inf, 2.0], levels_min=100)
    assert unpacked(packed_bytes(packed)) == [1, None, 3, None, 2]
    assert list(np.isnan(values_of(packed))) == [False, True, False, True, False]


def test_negative_values_come_back() -> None:
    packed = column([5.0, -70_000.0, 3.0], levels_min=100)
    assert unpacked(packed_bytes(packed)) == [5, -70_000, 3]


def test_a_column_without_values_is_empty() -> None:
    assert packed_bytes(column([], levels_min=100)) == b""


def test_thinning_loses_no_peak_and_keeps_its_order() -> None:
    values = [1.0, 9.0, 2.0, 3.0, 8.0, 0.0, 5.0]
    assert list(extremes(values, 4)) == [1.0, 9.0, 8.0, 0.0]
    assert extreme_times([10, 20, 30, 40, 50, 60, 70], 4) == [10, 30, 50, 60]


def test_thinning_looks_past_gaps() -> None:
    assert list(extremes([math.nan, 4.0, 7.0, math.nan], 4)) == [4.0, 7.0]


def test_thinned_times_and_values_have_one_length() -> None:
    for count in range(1, 20):
        times = list(range(0, count * 5000, 5000))
        assert len(extreme_times(times, 4)) == len(extremes([1.0] * count, 4))
        assert extreme_times(times, 4) == sorted(set(extreme_times(times, 4)))
